package io.millrace.consumer.internal.fetch;

import io.millrace.model.HashRange;
import io.millrace.model.ShardId;
import java.util.Set;

/**
 * A child that the end of a closed shard names.
 *
 * @param shard the child
 * @param parents its parents: one after a split, two after a merge
 * @param hashRange its hash keys
 */
public record ChildShard(ShardId shard, Set<ShardId> parents, HashRange hashRange) {
  /** Copies the set. */
  public ChildShard {
    parents = Set.copyOf(parents);
  }
}
