package io.millrace.testkit.kinesis.model;

import java.util.List;

/**
 * A child of a closed shard, as told at the end of the closed shard. Immutable.
 *
 * @param shardId the child
 * @param parentShardIds one parent after a split, two after a merge
 * @param startingHashKey first hash key, decimal, inclusive
 * @param endingHashKey last hash key, decimal, inclusive
 */
public record ChildShard(
    String shardId, List<String> parentShardIds, String startingHashKey, String endingHashKey) {
  /** Copies the parents. */
  public ChildShard {
    parentShardIds = List.copyOf(parentShardIds);
  }
}
