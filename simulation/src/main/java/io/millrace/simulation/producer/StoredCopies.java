package io.millrace.simulation.producer;

import io.millrace.aggregation.AggregateDecoder;
import io.millrace.aggregation.AggregatedMember;
import io.millrace.aggregation.AggregatedRecord;
import io.millrace.model.HashRange;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import io.millrace.testkit.kinesis.KinesisCore;
import io.millrace.testkit.kinesis.call.ShardCall.ListShards;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.model.StreamRef;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where each user record lies in a stream, by the id in its payload. An aggregate with a member
 * outside its shard's range is not visible: consumers drop it.
 *
 * <p>Confined to the simulation's thread.
 */
final class StoredCopies {
  private final Map<Long, List<Copy>> visible = new HashMap<>();
  private final Set<Long> anywhere = new HashSet<>();

  /**
   * A user record as consumers find it. In the order of the stream: a child's numbers are above
   * those of its parents, so they order the whole history of a key.
   *
   * @param subSequenceNumber -1 for a record that is no aggregate's
   */
  record Copy(ShardId shard, SequenceNumber sequenceNumber, int subSequenceNumber)
      implements Comparable<Copy> {
    @Override
    public int compareTo(Copy other) {
      int bySequence = sequenceNumber.compareTo(other.sequenceNumber);
      return bySequence != 0
          ? bySequence
          : Integer.compare(subSequenceNumber, other.subSequenceNumber);
    }
  }

  private StoredCopies() {}

  /** Reads the whole stream. */
  static StoredCopies of(KinesisCore kinesis, String stream) {
    StoredCopies copies = new StoredCopies();
    Map<String, List<KinesisRecord>> records = kinesis.records(stream);
    for (ShardInfo shard : kinesis.call(ListShards.of(StreamRef.ofName(stream), null)).shards()) {
      HashRange range = HashRange.parse(shard.startingHashKey(), shard.endingHashKey());
      ShardId id = new ShardId(shard.shardId());
      records.getOrDefault(shard.shardId(), List.of()).forEach(r -> copies.add(id, range, r));
    }
    copies.visible.values().forEach(Collections::sort);
    return copies;
  }

  private void add(ShardId shard, HashRange range, KinesisRecord record) {
    SequenceNumber number = SequenceNumber.of(record.sequenceNumber());
    if (!(AggregateDecoder.decode(record.data()) instanceof AggregatedRecord aggregate)) {
      add(PutLedger.idOf(record.data()), new Copy(shard, number, -1));
      return;
    }
    boolean whole = aggregate.isWithin(range);
    for (AggregatedMember member : aggregate) {
      long id = PutLedger.idOf(member.data());
      anywhere.add(id);
      if (whole) {
        add(id, new Copy(shard, number, member.subSequenceNumber()));
      }
    }
  }

  private void add(long id, Copy copy) {
    anywhere.add(id);
    visible.computeIfAbsent(id, i -> new ArrayList<>()).add(copy);
  }

  /** Where consumers find the record, in the stream's order; empty if nowhere. */
  List<Copy> visible(long id) {
    return visible.getOrDefault(id, List.of());
  }

  /** Whether the stream holds the record, be it in an aggregate that consumers drop. */
  boolean isAnywhere(long id) {
    return anywhere.contains(id);
  }
}
