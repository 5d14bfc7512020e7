package io.millrace.consumer.handler;

import io.millrace.model.ShardId;

/**
 * This worker no longer owns the shard, so it may not checkpoint it. Stop processing the shard: its
 * new owner starts from the last checkpoint that was made. Never retry.
 */
public final class LeaseLostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String shardId;

  /** Creates the exception for a shard. */
  public LeaseLostException(ShardId shard) {
    super("the lease of " + shard + " is lost: another worker owns the shard, or may soon");
    this.shardId = shard.value();
  }

  /** The shard that was lost. */
  public ShardId shard() {
    return new ShardId(shardId);
  }
}
