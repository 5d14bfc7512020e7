package io.millrace.simulation.world;

import io.millrace.model.ShardId;
import java.util.Set;

/** How the shards of the simulated stream descend from each other. */
public interface Lineages {
  /** The parents of a shard. */
  Set<ShardId> parentsOf(ShardId shard);

  /** The children that a shard has by now. */
  Set<ShardId> childrenOf(ShardId shard);
}
