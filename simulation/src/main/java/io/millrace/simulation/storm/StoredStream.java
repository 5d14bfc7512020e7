package io.millrace.simulation.storm;

import io.millrace.aggregation.AggregateDecoder;
import io.millrace.aggregation.AggregatedRecord;
import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import io.millrace.simulation.world.Lineages;
import io.millrace.testkit.kinesis.KinesisCore;
import io.millrace.testkit.kinesis.call.ShardCall.ListShards;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.model.StreamRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the simulated service holds of a stream, by the position of each user record that a consumer
 * has to deliver: an aggregate with a member outside its shard's range is left out, as consumers
 * drop it and producers send it again.
 *
 * <p>Confined to the simulation's thread.
 */
final class StoredStream implements Lineages {
  private final KinesisCore kinesis;
  private final String stream;
  private final Map<ShardId, List<Position>> positions = new HashMap<>();
  private final Map<ShardId, Integer> recordsSeen = new HashMap<>();

  StoredStream(KinesisCore kinesis, String stream) {
    this.kinesis = kinesis;
    this.stream = stream;
  }

  /** All shards, closed ones too. */
  List<ShardInfo> shards() {
    return kinesis.call(ListShards.of(StreamRef.ofName(stream), null)).shards();
  }

  /**
   * All ancestors of a shard that the service knows. Parents alone would not do: a reshard by
   * several steps leaves empty shards in between.
   */
  Set<ShardId> ancestorsOf(ShardId shard) {
    Map<String, ShardInfo> byId = new HashMap<>();
    shards().forEach(info -> byId.put(info.shardId(), info));
    Set<ShardId> ancestors = new LinkedHashSet<>();
    addAncestors(byId.get(shard.value()), byId, ancestors);
    return ancestors;
  }

  private static void addAncestors(
      @Nullable ShardInfo shard, Map<String, ShardInfo> byId, Set<ShardId> ancestors) {
    if (shard == null) {
      return;
    }
    Set<ShardId> parents = new LinkedHashSet<>();
    addParents(shard, parents);
    for (ShardId parent : parents) {
      if (ancestors.add(parent)) {
        addAncestors(byId.get(parent.value()), byId, ancestors);
      }
    }
  }

  /** What a shard holds by now, in order; empty if there is no such shard. */
  List<Position> positions(ShardId shard) {
    List<KinesisRecord> records = kinesis.records(stream).getOrDefault(shard.value(), List.of());
    List<Position> known = positions.computeIfAbsent(shard, first -> new ArrayList<>());
    int seen = recordsSeen.getOrDefault(shard, 0);
    if (seen < records.size()) {
      HashRange range = rangeOf(shard);
      for (KinesisRecord record : records.subList(seen, records.size())) {
        addPositions(known, record, range);
      }
      recordsSeen.put(shard, records.size());
    }
    return known;
  }

  private HashRange rangeOf(ShardId shard) {
    ShardInfo info =
        shards().stream()
            .filter(listed -> listed.shardId().equals(shard.value()))
            .findFirst()
            .orElseThrow();
    return new HashRange(
        HashKey.parse(info.startingHashKey()), HashKey.parse(info.endingHashKey()));
  }

  @Override
  public Set<ShardId> parentsOf(ShardId shard) {
    Set<ShardId> parents = new LinkedHashSet<>();
    for (ShardInfo info : shards()) {
      if (info.shardId().equals(shard.value())) {
        addParents(info, parents);
      }
    }
    return parents;
  }

  @Override
  public Set<ShardId> childrenOf(ShardId shard) {
    Set<ShardId> children = new LinkedHashSet<>();
    for (ShardInfo info : shards()) {
      Set<ShardId> parents = new LinkedHashSet<>();
      addParents(info, parents);
      if (parents.contains(shard)) {
        children.add(new ShardId(info.shardId()));
      }
    }
    return children;
  }

  private static void addParents(ShardInfo shard, Set<ShardId> parents) {
    for (String parent : new String[] {shard.parentShardId(), shard.adjacentParentShardId()}) {
      if (parent != null) {
        parents.add(new ShardId(parent));
      }
    }
  }

  private static void addPositions(List<Position> known, KinesisRecord record, HashRange range) {
    SequenceNumber number = SequenceNumber.of(record.sequenceNumber());
    int members = 1;
    if (AggregateDecoder.decode(record.data()) instanceof AggregatedRecord aggregate) {
      members = aggregate.isWithin(range) ? aggregate.memberCount() : 0;
    }
    for (int i = 0; i < members; i++) {
      known.add(new Position(number, i));
    }
  }
}
