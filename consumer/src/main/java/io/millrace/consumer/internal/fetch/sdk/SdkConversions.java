package io.millrace.consumer.internal.fetch.sdk;

import io.millrace.consumer.internal.fetch.ChildShard;
import io.millrace.consumer.internal.fetch.FetchedRecords;
import io.millrace.consumer.internal.fetch.KinesisRecord;
import io.millrace.consumer.internal.fetch.ReadFrom;
import io.millrace.consumer.internal.fetch.StreamPort.ShardListing;
import io.millrace.model.HashRange;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.HashKeyRange;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StartingPosition;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;

/** Between the SDK's types and ours. */
final class SdkConversions {
  private SdkConversions() {}

  static FetchedRecords answer(GetRecordsResponse response, Instant now) {
    return new FetchedRecords(
        records(response.records(), now),
        Optional.ofNullable(response.nextShardIterator()),
        behind(response.millisBehindLatest()),
        children(response.childShards()));
  }

  static FetchedRecords event(SubscribeToShardEvent event, Instant now) {
    return new FetchedRecords(
        records(event.records(), now),
        Optional.ofNullable(event.continuationSequenceNumber()),
        behind(event.millisBehindLatest()),
        children(event.childShards()));
  }

  private static Duration behind(@Nullable Long millis) {
    return millis == null || millis < 0 ? Duration.ZERO : Duration.ofMillis(millis);
  }

  private static List<KinesisRecord> records(List<Record> records, Instant now) {
    List<KinesisRecord> converted = new ArrayList<>(records.size());
    for (Record next : records) {
      Instant arrival = next.approximateArrivalTimestamp();
      converted.add(
          new KinesisRecord(
              SequenceNumber.of(next.sequenceNumber()),
              next.partitionKey(),
              arrival == null ? now : arrival,
              // Nobody else has the answer: its bytes are ours to read without a copy.
              ByteBuffer.wrap(next.data().asByteArrayUnsafe())));
    }
    return converted;
  }

  private static List<ChildShard> children(
      List<software.amazon.awssdk.services.kinesis.model.ChildShard> children) {
    List<ChildShard> converted = new ArrayList<>(children.size());
    for (software.amazon.awssdk.services.kinesis.model.ChildShard next : children) {
      Set<ShardId> parents = new HashSet<>();
      next.parentShards().forEach(id -> parents.add(new ShardId(id)));
      converted.add(
          new ChildShard(new ShardId(next.shardId()), parents, range(next.hashKeyRange())));
    }
    return converted;
  }

  static ShardListing listing(Shard shard) {
    Set<ShardId> parents = new HashSet<>();
    if (shard.parentShardId() != null) {
      parents.add(new ShardId(shard.parentShardId()));
    }
    if (shard.adjacentParentShardId() != null) {
      parents.add(new ShardId(shard.adjacentParentShardId()));
    }
    return new ShardListing(
        new ShardId(shard.shardId()),
        parents,
        range(shard.hashKeyRange()),
        shard.sequenceNumberRange().endingSequenceNumber() != null);
  }

  private static HashRange range(HashKeyRange range) {
    return HashRange.parse(range.startingHashKey(), range.endingHashKey());
  }

  static ShardIteratorType type(ReadFrom from) {
    if (from instanceof ReadFrom.At) {
      return ShardIteratorType.AT_SEQUENCE_NUMBER;
    }
    if (from instanceof ReadFrom.After) {
      return ShardIteratorType.AFTER_SEQUENCE_NUMBER;
    }
    if (from instanceof ReadFrom.AtTimestamp) {
      return ShardIteratorType.AT_TIMESTAMP;
    }
    return from instanceof ReadFrom.Latest
        ? ShardIteratorType.LATEST
        : ShardIteratorType.TRIM_HORIZON;
  }

  static @Nullable String sequenceNumber(ReadFrom from) {
    if (from instanceof ReadFrom.At at) {
      return at.sequenceNumber().toString();
    }
    return from instanceof ReadFrom.After after ? after.sequenceNumber().toString() : null;
  }

  static @Nullable Instant timestamp(ReadFrom from) {
    return from instanceof ReadFrom.AtTimestamp at ? at.timestamp() : null;
  }

  static StartingPosition startingPosition(ReadFrom from) {
    return StartingPosition.builder()
        .type(type(from))
        .sequenceNumber(sequenceNumber(from))
        .timestamp(timestamp(from))
        .build();
  }
}
