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

  private Progress(
      Checkpoint checkpoint,
      @Nullable PendingCheckpoint pending,
      @Nullable Instant lastArrival,
      double throughputKBps) {
    this.checkpoint = checkpoint;
    this.pending = pending;
    this.lastArrival = lastArrival;
    this.throughputKBps = throughputKBps;
  }

  /** Progress up to {@code checkpoint}; any pending checkpoint of the row is removed by it. */
  public static Progress of(Checkpoint checkpoint) {
    return new Progress(checkpoint, null, null, Double.NaN);
  }

  /** The same with a pending checkpoint, which the row keeps until the next checkpoint. */
  public Progress withPending(PendingCheckpoint prepared) {
    return new Progress(checkpoint, prepared, lastArrival, throughputKBps);
  }

  /**
   * The same with the arrival time of the last processed record; without one, the row keeps what it
   * has.
   */
  public Progress withLastArrival(Instant arrival) {
    return new Progress(checkpoint, pending, arrival, throughputKBps);
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
    return new Progress(checkpoint, pending, lastArrival, measured);
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

  @Override
  public String toString() {
    return "Progress[" + checkpoint + (pending == null ? "" : ", pending " + pending) + "]";
  }
}
