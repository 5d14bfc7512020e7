package io.millrace.consumer.lease;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What a checkpoint writes.
 *
 * <p>Immutable; made by {@link #of(Checkpoint)} and the {@code with} methods.
 */
public final class Progress {
  private final Checkpoint checkpoint;
  private final @Nullable PendingCheckpoint pending;
  private final @Nullable Instant lastArrival;
  private final double throughputKBps;
  private final byte[] ahead;

  private Progress(
      Checkpoint checkpoint,
      @Nullable PendingCheckpoint pending,
      @Nullable Instant lastArrival,
      double throughputKBps,
      byte[] ahead) {
    this.checkpoint = checkpoint;
    this.pending = pending;
    this.lastArrival = lastArrival;
    this.throughputKBps = throughputKBps;
    this.ahead = ahead;
  }

  /** Progress up to {@code checkpoint}; any pending checkpoint of the row is removed by it. */
  public static Progress of(Checkpoint checkpoint) {
    return new Progress(checkpoint, null, null, Double.NaN, new byte[0]);
  }

  /** The same with a pending checkpoint, which the row keeps until the next checkpoint. */
  public Progress withPending(PendingCheckpoint prepared) {
    return new Progress(checkpoint, prepared, lastArrival, throughputKBps, ahead);
  }

  /**
   * The same with the arrival time of the last processed record; without one, the row keeps what it
   * has.
   */
  public Progress withLastArrival(Instant arrival) {
    return new Progress(checkpoint, pending, arrival, throughputKBps, ahead);
  }

  /**
   * The same with the shard's measured throughput in KiB per second; without one, the row keeps
   * what it has.
   *
   * @throws IllegalArgumentException if it is negative or not a number
   */
  public Progress withThroughputKBps(double measured) {
    if (!(measured >= 0)) {
      throw new IllegalArgumentException("throughput is " + measured + ": it must be 0 or more");
    }
    return new Progress(checkpoint, pending, lastArrival, measured, ahead);
  }

  /**
   * The same with what is acknowledged beyond the checkpoint; without it, the row has none.
   *
   * @param acknowledged at most {@value Lease#MAX_AHEAD_BYTES} bytes; copied
   * @throws IllegalArgumentException if there are more
   */
  public Progress withAhead(byte[] acknowledged) {
    if (acknowledged.length > Lease.MAX_AHEAD_BYTES) {
      throw new IllegalArgumentException(
          "ahead has "
              + acknowledged.length
              + " bytes: it must have at most "
              + Lease.MAX_AHEAD_BYTES);
    }
    return new Progress(checkpoint, pending, lastArrival, throughputKBps, acknowledged.clone());
  }

  /** How far everything is processed. */
  public Checkpoint checkpoint() {
    return checkpoint;
  }

  /** The pending checkpoint to keep; empty removes the row's. */
  public Optional<PendingCheckpoint> pending() {
    return Optional.ofNullable(pending);
  }

  /** The arrival time of the last processed record. */
  public Optional<Instant> lastArrival() {
    return Optional.ofNullable(lastArrival);
  }

  /** The measured throughput in KiB per second. */
  public OptionalDouble throughputKBps() {
    return Double.isNaN(throughputKBps)
        ? OptionalDouble.empty()
        : OptionalDouble.of(throughputKBps);
  }

  /**
   * What is acknowledged beyond the checkpoint, as its writer encodes it; empty removes the row's.
   */
  public byte[] ahead() {
    return ahead.clone();
  }

  @Override
  public String toString() {
    return "Progress[" + checkpoint + (pending == null ? "" : ", pending " + pending) + "]";
  }
}
