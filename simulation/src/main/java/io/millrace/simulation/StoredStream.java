package io.millrace.simulation;

import io.millrace.aggregation.AggregateDecoder;
import io.millrace.aggregation.AggregatedRecord;
import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
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
final class StoredStream {
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
    for (String parent : new String[] {shard.parentShardId(), shard.adjacentParentShardId()}) {
      if (parent != null && ancestors.add(new ShardId(parent))) {
        addAncestors(byId.get(parent), byId, ancestors);
      }
    }
  }

  /** The positions by shard, as far as records are stored now. */
  Map<ShardId, List<Position>> positions() {
    Map<String, List<KinesisRecord>> stored = kinesis.records(stream);
    for (ShardInfo info : shards()) {
      ShardId shard = new ShardId(info.shardId());
      HashRange range =
          new HashRange(HashKey.parse(info.startingHashKey()), HashKey.parse(info.endingHashKey()));
      List<KinesisRecord> records = stored.getOrDefault(info.shardId(), List.of());
      List<Position> known = positions.computeIfAbsent(shard, s -> new ArrayList<>());
      int seen = recordsSeen.getOrDefault(shard, 0);
      for (KinesisRecord record : records.subList(seen, records.size())) {
        addPositions(known, record, range);
      }
      recordsSeen.put(shard, records.size());
    }
    return positions;
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
