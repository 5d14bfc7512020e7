package io.millrace.integration.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.Place;
import io.millrace.integration.endpoint.TestStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** GetShardIterator and GetRecords. */
abstract class ReadConformance extends Conformance {
  private static final String[] INVALID = {"InvalidArgumentException", "ValidationException"};

  ReadConformance(Endpoint endpoint) {
    super(endpoint);
  }

  @Test
  void trimHorizonReadsEveryRecordInTheOrderOfItsShard() {
    TestStream stream = stream(1);
    Instant before = Instant.now().minus(Duration.ofSeconds(5));
    for (int i = 0; i < 5; i++) {
      put(stream, "key-" + i, "data-" + i);
    }

    List<Record> records = read(iterator(stream, shard(stream), ShardIteratorType.TRIM_HORIZON), 5);

    assertThat(texts(records)).containsExactly("data-0", "data-1", "data-2", "data-3", "data-4");
    assertThat(records)
        .extracting(Record::partitionKey)
        .containsExactly("key-0", "key-1", "key-2", "key-3", "key-4");
    assertThat(records)
        .allSatisfy(
            r ->
                assertThat(r.approximateArrivalTimestamp())
                    .isBetween(before, Instant.now().plus(Duration.ofSeconds(5))));
  }

  @Test
  void latestReadsOnlyWhatComesAfterTheIterator() {
    TestStream stream = stream(1);
    put(stream, "k", "before");
    String iterator = iterator(stream, shard(stream), ShardIteratorType.LATEST);

    put(stream, "k", "after");

    assertThat(texts(read(iterator, 1))).containsExactly("after");
  }

  @Test
  void atSequenceNumberStartsWithItAndAfterBehindIt() {
    TestStream stream = stream(1);
    put(stream, "k", "0");
    PutRecordResponse middle = put(stream, "k", "1");
    put(stream, "k", "2");

    assertThat(texts(read(at(stream, ShardIteratorType.AT_SEQUENCE_NUMBER, middle), 2)))
        .containsExactly("1", "2");
    assertThat(texts(read(at(stream, ShardIteratorType.AFTER_SEQUENCE_NUMBER, middle), 1)))
        .containsExactly("2");
  }

  @Test
  void timestampReadsWhatArrivedThenOrLater() {
    TestStream stream = stream(1);
    put(stream, "k", "0");
    put(stream, "k", "1");
    List<Record> records = read(iterator(stream, shard(stream), ShardIteratorType.TRIM_HORIZON), 2);
    Instant beforeAll = records.get(0).approximateArrivalTimestamp().minusSeconds(10);

    String iterator =
        get(kinesis()
                .getShardIterator(
                    r ->
                        r.streamName(stream.name())
                            .shardId(shard(stream))
                            .shardIteratorType(ShardIteratorType.AT_TIMESTAMP)
                            .timestamp(beforeAll)))
            .shardIterator();

    assertThat(texts(read(iterator, 2))).containsExactly("0", "1");
  }

  @Test
  @Differs(
      on = Place.KINESIS_LOCAL,
      service = "a timestamp in the future is refused with InvalidArgumentException",
      here = "gives an iterator")
  void timestampInTheFutureIsRefused() {
    TestStream stream = stream(1);

    refused(
        () ->
            kinesis()
                .getShardIterator(
                    r ->
                        r.streamName(stream.name())
                            .shardId(shard(stream))
                            .shardIteratorType(ShardIteratorType.AT_TIMESTAMP)
                            .timestamp(Instant.now().plus(Duration.ofHours(1)))),
        INVALID);
  }

  @Test
  void iteratorBySequenceNumberWithoutOneIsRefused() {
    TestStream stream = stream(1);

    refused(
        () ->
            kinesis()
                .getShardIterator(
                    r ->
                        r.streamName(stream.name())
                            .shardId(shard(stream))
                            .shardIteratorType(ShardIteratorType.AT_SEQUENCE_NUMBER)),
        INVALID);
  }

  @Test
  void malformedSequenceNumberIsRefused() {
    TestStream stream = stream(1);

    refused(
        () ->
            kinesis()
                .getShardIterator(
                    r ->
                        r.streamName(stream.name())
                            .shardId(shard(stream))
                            .shardIteratorType(ShardIteratorType.AFTER_SEQUENCE_NUMBER)
                            .startingSequenceNumber("not-a-number")),
        INVALID);
  }

  @Test
  void unknownShardIsResourceNotFound() {
    TestStream stream = stream(1);

    refused(
        () ->
            kinesis()
                .getShardIterator(
                    r ->
                        r.streamName(stream.name())
                            .shardId("shardId-000000000042")
                            .shardIteratorType(ShardIteratorType.TRIM_HORIZON)),
        "ResourceNotFoundException");
  }

  @Test
  @Differs(
      on = Place.KINESIS_LOCAL,
      service = "an iterator that is not one is refused with 400 InvalidArgumentException",
      here = "answers 500, which clients retry")
  void garbageIteratorIsRefused() {
    refused(() -> kinesis().getRecords(r -> r.shardIterator("garbage")), INVALID);
  }

  @Test
  void limitBoundsOneCallAndTheNextIteratorGoesOn() {
    TestStream stream = stream(1);
    for (int i = 0; i < 5; i++) {
      put(stream, "k", "" + i);
    }
    String iterator = iterator(stream, shard(stream), ShardIteratorType.TRIM_HORIZON);

    GetRecordsResponse first = get(kinesis().getRecords(r -> r.shardIterator(iterator).limit(2)));

    assertThat(texts(first.records())).containsExactly("0", "1");
    assertThat(texts(read(first.nextShardIterator(), 3))).containsExactly("2", "3", "4");
  }

  @Test
  void limitBeyondTenThousandIsRefused() {
    TestStream stream = stream(1);
    String iterator = iterator(stream, shard(stream), ShardIteratorType.TRIM_HORIZON);

    refused(() -> kinesis().getRecords(r -> r.shardIterator(iterator).limit(10_001)), INVALID);
  }

  @Test
  void sameIteratorReadsTheSameTwice() {
    TestStream stream = stream(1);
    put(stream, "k", "0");
    String iterator = iterator(stream, shard(stream), ShardIteratorType.TRIM_HORIZON);

    assertThat(texts(read(iterator, 1))).isEqualTo(texts(read(iterator, 1)));
  }

  @Test
  void emptyShardGivesNoRecordsAndANextIterator() {
    TestStream stream = stream(1);

    GetRecordsResponse reply =
        records(iterator(stream, shard(stream), ShardIteratorType.TRIM_HORIZON));

    assertThat(reply.records()).isEmpty();
    assertThat(reply.nextShardIterator()).isNotEmpty();
    assertThat(reply.millisBehindLatest()).isZero();
    assertThat(reply.childShards()).isEmpty();
  }

  @Test
  void readerAtTheTipIsNotBehind() {
    TestStream stream = stream(1);
    put(stream, "k", "0");
    List<GetRecordsResponse> replies = new ArrayList<>();
    replies.add(records(iterator(stream, shard(stream), ShardIteratorType.TRIM_HORIZON)));

    TestStream.await(
        "the reader is at the tip",
        () -> {
          GetRecordsResponse last = replies.get(replies.size() - 1);
          if (last.millisBehindLatest() == 0) {
            return true;
          }
          replies.add(records(last.nextShardIterator()));
          return false;
        });
  }

  @Test
  void binaryDataComesBackUnchanged() {
    TestStream stream = stream(1);
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }

    get(
        kinesis()
            .putRecord(
                r ->
                    r.streamName(stream.name())
                        .partitionKey("ключ-😀")
                        .data(software.amazon.awssdk.core.SdkBytes.fromByteArray(all))));

    Record record = read(iterator(stream, shard(stream), ShardIteratorType.TRIM_HORIZON), 1).get(0);
    assertThat(record.data().asByteArray()).isEqualTo(all);
    assertThat(record.partitionKey()).isEqualTo("ключ-😀");
  }

  private String shard(TestStream stream) {
    return stream.openShards().get(0).shardId();
  }

  private String at(TestStream stream, ShardIteratorType type, PutRecordResponse record) {
    return get(kinesis()
            .getShardIterator(
                r ->
                    r.streamName(stream.name())
                        .shardId(record.shardId())
                        .shardIteratorType(type)
                        .startingSequenceNumber(record.sequenceNumber())))
        .shardIterator();
  }
}
