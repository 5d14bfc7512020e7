package io.millrace.producer.internal.route;

import io.millrace.model.HashRange;
import io.millrace.model.ShardId;
import io.millrace.producer.internal.send.ShardDescription;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The hash ranges of shards seen so far, closed ones too: a record may have landed on a shard that
 * was closed since. Ranges never change, so the newest map adds and removes nothing.
 *
 * <p>Bounded: the ones seen longest ago are forgotten first, far behind any record in flight.
 * Confined to the stream's loop.
 */
public final class KnownRanges {
  private static final int SPARE = 10_000;

  private final Map<ShardId, HashRange> ranges = new LinkedHashMap<>();

  /** Adds the open shards. */
  public void add(ShardMap map) {
    for (ShardDescription shard : map.shards()) {
      ranges.remove(shard.id());
      ranges.put(shard.id(), shard.range());
    }
    var oldest = ranges.entrySet().iterator();
    for (int excess = ranges.size() - map.size() - SPARE; excess > 0; excess--) {
      oldest.next();
      oldest.remove();
    }
  }

  /** Shards may be known by other ranges from now on. */
  public void clear() {
    ranges.clear();
  }

  /** The range of a shard, if it was ever seen. */
  public Optional<HashRange> of(ShardId shard) {
    return Optional.ofNullable(ranges.get(shard));
  }
}
