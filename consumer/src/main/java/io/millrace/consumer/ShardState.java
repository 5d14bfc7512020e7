package io.millrace.consumer;

/** Where a lease that this worker holds is in its life. */
public enum ShardState {
  /** A parent of the shard is not finished, here or at another worker. Nothing is fetched. */
  WAITING_FOR_PARENTS,
  /** The shard processor initializes. */
  STARTING,
  /** Records are fetched and processed. */
  PROCESSING,
  /**
   * The shard is closed and read to its end: its end is reported to the processor and recorded in
   * the lease table.
   */
  ENDING,
  /**
   * The lease is about to be given up: running handlers finish, no new ones start, the last
   * checkpoint is made.
   */
  DRAINING,
  /**
   * The failure policy stopped the shard: the lease is held, nothing is fetched, until an operator
   * resumes it.
   */
  PARKED,
  /** Final: every record of the closed shard is processed, and its children may start. */
  SHARD_ENDED,
  /** Final: another worker owns the shard, or may soon; nothing was checkpointed since. */
  LEASE_LOST,
  /** Final: drained; the lease may be released. */
  STOPPED;

  /** Whether nothing follows this state. */
  public boolean isFinal() {
    return switch (this) {
      case SHARD_ENDED, LEASE_LOST, STOPPED -> true;
      case WAITING_FOR_PARENTS, STARTING, PROCESSING, ENDING, DRAINING, PARKED -> false;
    };
  }
}
