package io.millrace.testkit.kinesis.model;

import org.jspecify.annotations.Nullable;

/**
 * A shard as ListShards and DescribeStream describe it. Immutable.
 *
 * @param shardId such as {@code shardId-000000000000}
 * @param parentShardId the parent, or null if it has none or the parent is beyond the retention
 *     period
 * @param adjacentParentShardId the second parent of a merge, or null
 * @param startingHashKey first hash key, decimal, inclusive
 * @param endingHashKey last hash key, decimal, inclusive
 * @param startingSequenceNumber lower bound of its sequence numbers, decimal
 * @param endingSequenceNumber upper bound, or null while the shard is open
 */
public record ShardInfo(
    String shardId,
    @Nullable String parentShardId,
    @Nullable String adjacentParentShardId,
    String startingHashKey,
    String endingHashKey,
    String startingSequenceNumber,
    @Nullable String endingSequenceNumber) {
  /** Whether the shard takes records. */
  public boolean isOpen() {
    return endingSequenceNumber == null;
  }
}
