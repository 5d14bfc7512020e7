package io.millrace.consumer.lease;

import java.util.Arrays;

/**
 * A checkpoint that the application has prepared and not yet confirmed, with state of its own.
 *
 * <p>Immutable: the state is copied on the way in and out. {@code toString} shows the state's size
 * only.
 */
public final class PendingCheckpoint {
  private final Checkpoint checkpoint;
  private final byte[] state;

  /**
   * Creates a pending checkpoint.
   *
   * @param checkpoint where the application wants to checkpoint next
   * @param state the application's state; may be empty
   */
  public PendingCheckpoint(Checkpoint checkpoint, byte[] state) {
    this.checkpoint = checkpoint;
    this.state = state.clone();
  }

  /** Where the application wants to checkpoint next. */
  public Checkpoint checkpoint() {
    return checkpoint;
  }

  /** A copy of the application's state. */
  public byte[] state() {
    return state.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PendingCheckpoint that
        && checkpoint.equals(that.checkpoint)
        && Arrays.equals(state, that.state);
  }

  @Override
  public int hashCode() {
    return 31 * checkpoint.hashCode() + Arrays.hashCode(state);
  }

  @Override
  public String toString() {
    return "PendingCheckpoint[checkpoint=" + checkpoint + ", stateBytes=" + state.length + "]";
  }
}
