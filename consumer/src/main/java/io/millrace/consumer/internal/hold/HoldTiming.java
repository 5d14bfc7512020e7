package io.millrace.consumer.internal.hold;

/**
 * The times of held leases, in nanos.
 *
 * @param attemptNanos how long one request to the store may take
 * @param checkpointNanos when a checkpoint is given up
 * @param handoffNanos how long a claimed shard may drain
 * @param parkedRetryNanos when a parked shard is tried again; 0 for never
 */
public record HoldTiming(
    long attemptNanos, long checkpointNanos, long handoffNanos, long parkedRetryNanos) {
  /** Long enough for never, and short enough for comparing by subtraction. */
  static final long FOR_EVER_NANOS = Long.MAX_VALUE / 2;
}
