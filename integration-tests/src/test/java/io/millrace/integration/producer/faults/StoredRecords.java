package io.millrace.integration.producer.faults;

import io.millrace.aggregation.AggregateDecoder;
import io.millrace.aggregation.AggregatedMember;
import io.millrace.aggregation.AggregatedRecord;
import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import io.millrace.testkit.kinesis.KinesisCore;
import io.millrace.testkit.kinesis.call.ShardCall.ListShards;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.model.StreamRef;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What consumers find in a stream, by payload: aggregates with a member outside their shard's range
 * don't count, as consumers drop them.
 */
final class StoredRecords {
  private final Map<String, Integer> copies = new HashMap<>();
  private int aggregated;

  private StoredRecords() {}

  static StoredRecords of(KinesisCore core, String stream) {
    StoredRecords stored = new StoredRecords();
    Map<String, List<KinesisRecord>> records = core.records(stream);
    for (ShardInfo shard : core.call(ListShards.of(StreamRef.ofName(stream), null)).shards()) {
      HashRange range =
          new HashRange(
              HashKey.parse(shard.startingHashKey()), HashKey.parse(shard.endingHashKey()));
      records.getOrDefault(shard.shardId(), List.of()).forEach(record -> stored.add(record, range));
    }
    return stored;
  }

  private void add(KinesisRecord record, HashRange range) {
    if (!(AggregateDecoder.decode(record.data()) instanceof AggregatedRecord aggregate)) {
      add(record.data());
    } else if (aggregate.isWithin(range)) {
      aggregated += aggregate.memberCount();
      for (AggregatedMember member : aggregate) {
        add(member.data());
      }
    }
  }

  private void add(ByteBuffer data) {
    copies.merge(StandardCharsets.UTF_8.decode(data.duplicate()).toString(), 1, Integer::sum);
  }

  /** How often each payload is there. */
  Map<String, Integer> copies() {
    return copies;
  }

  /** User records in aggregates. */
  int aggregated() {
    return aggregated;
  }
}
