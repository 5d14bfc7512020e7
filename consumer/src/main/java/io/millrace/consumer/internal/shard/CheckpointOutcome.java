package io.millrace.consumer.internal.shard;

/** What became of a fenced write to the lease row. */
public sealed interface CheckpointOutcome {
  /** It is durable. */
  record Applied() implements CheckpointOutcome {}

  /**
   * This worker no longer owns the lease; {@link ShardConsumer#leaseLost} follows if it has not
   * come yet.
   */
  record LeaseLost() implements CheckpointOutcome {}

  /**
   * Throttled, failed, or unknown after all attempts to resolve it: the lease is still held, and
   * the write may be repeated.
   *
   * @param reason what the store said; no record content
   */
  record Unavailable(String reason) implements CheckpointOutcome {}
}
