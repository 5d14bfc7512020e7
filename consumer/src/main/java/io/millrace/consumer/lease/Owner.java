package io.millrace.consumer.lease;

/**
 * A worker in one of its ownership periods: what a lease row names as its owner.
 *
 * <p>Immutable.
 *
 * @param worker the worker's id
 * @param epoch the epoch of its {@link WorkerRow}; {@value #NO_EPOCH} where the lease's own counter
 *     is the heartbeat
 */
public record Owner(String worker, long epoch) {
  /**
   * The epoch of an owner that has none: a KCL worker, or ours in {@link HeartbeatMode#PER_LEASE}.
   */
  public static final long NO_EPOCH = 0;

  /**
   * Checks the owner.
   *
   * @throws IllegalArgumentException if the worker's id is empty or the epoch is negative
   */
  public Owner {
    if (worker.isEmpty()) {
      throw new IllegalArgumentException("worker id is empty: it must have at least 1 character");
    }
    if (epoch < 0) {
      throw new IllegalArgumentException("epoch is " + epoch + ": it must be 0 or more");
    }
  }
}
