package io.millrace.producer.internal.route;

import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import io.millrace.producer.internal.send.ShardDescription;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The open shards of a stream at one moment: predicts the shard of a hash key. Covers every hash
 * key exactly once.
 *
 * <p>Immutable.
 */
public final class ShardMap {
  private final List<ShardDescription> shards;
  // The end keys, in arrays of their own so that a look-up stays within two cache lines per step.
  private final long[] endHigh;
  private final long[] endLow;

  private ShardMap(List<ShardDescription> shards) {
    this.shards = List.copyOf(shards);
    this.endHigh = new long[shards.size()];
    this.endLow = new long[shards.size()];
    for (int i = 0; i < shards.size(); i++) {
      HashKey end = shards.get(i).range().end();
      endHigh[i] = end.high();
      endLow[i] = end.low();
    }
  }

  /**
   * Makes a map of the open shards.
   *
   * @throws IllegalArgumentException if they leave a hash key out or cover one twice, as a listing
   *     made amid a reshard might
   */
  public static ShardMap of(List<ShardDescription> openShards) {
    List<ShardDescription> sorted = new ArrayList<>(openShards);
    sorted.sort(Comparator.comparing(shard -> shard.range().end()));
    HashKey next = HashKey.MIN;
    for (int i = 0; i < sorted.size(); i++) {
      HashRange range = sorted.get(i).range();
      if (!range.start().equals(next)) {
        throw new IllegalArgumentException(
            "the listed shards don't cover each hash key once: "
                + sorted.get(i).id()
                + " starts at "
                + range.start()
                + " instead of "
                + next);
      }
      boolean last = i == sorted.size() - 1;
      if (last != range.end().equals(HashKey.MAX)) {
        throw new IllegalArgumentException(
            "the listed shards don't cover each hash key once: "
                + sorted.get(i).id()
                + " ends at "
                + range.end());
      }
      next = last ? HashKey.MIN : range.end().next();
    }
    if (sorted.isEmpty()) {
      throw new IllegalArgumentException("the stream lists no open shard");
    }
    return new ShardMap(sorted);
  }

  /** The number of open shards, at least 1. */
  public int size() {
    return shards.size();
  }

  /** The open shards in the order of their ranges. */
  public List<ShardDescription> shards() {
    return shards;
  }

  /** The index in {@link #shards()} of the shard that takes this hash key. */
  public int indexOf(HashKey key) {
    long high = key.high();
    long low = key.low();
    int from = 0;
    int to = endHigh.length - 1;
    while (from < to) {
      int middle = (from + to) >>> 1;
      int order = Long.compareUnsigned(endHigh[middle], high);
      if (order < 0 || (order == 0 && Long.compareUnsigned(endLow[middle], low) < 0)) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  /** Whether both list the same shards with the same ranges. */
  public boolean sameShards(ShardMap other) {
    return shards.equals(other.shards);
  }

  @Override
  public String toString() {
    return "ShardMap[" + shards.size() + " shards]";
  }
}
