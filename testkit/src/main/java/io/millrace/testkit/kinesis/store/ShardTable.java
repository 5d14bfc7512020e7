package io.millrace.testkit.kinesis.store;

import io.millrace.model.HashKey;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * The open shards in order of their hash ranges, which cover all hash keys without overlap.
 * Immutable.
 */
public final class ShardTable {
  static final ShardTable EMPTY = new ShardTable(List.of());

  private final List<ShardState> shards;

  ShardTable(Collection<ShardState> open) {
    shards =
        open.stream()
            .sorted(Comparator.comparing((ShardState shard) -> shard.range().start()))
            .toList();
  }

  /** The shards in order of their ranges. */
  public List<ShardState> shards() {
    return shards;
  }

  /**
   * The shard that owns a hash key.
   *
   * @throws IllegalStateException if there are no shards
   */
  public ShardState route(HashKey hashKey) {
    if (shards.isEmpty()) {
      throw new IllegalStateException("no open shards");
    }
    int low = 0;
    int high = shards.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (shards.get(middle).range().start().compareTo(hashKey) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return shards.get(low);
  }

  /** The shard whose turn it is where the service spreads records. */
  public ShardState turn(long counter) {
    return shards.get((int) Long.remainderUnsigned(counter, shards.size()));
  }
}
