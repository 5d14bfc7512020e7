package io.millrace.testkit.kinesis;

import static io.millrace.testkit.kinesis.Endpoint.SHARD_0;
import static io.millrace.testkit.kinesis.Endpoint.SHARD_1;
import static io.millrace.testkit.kinesis.Endpoint.SHARD_2;
import static io.millrace.testkit.kinesis.Endpoint.STREAM;
import static io.millrace.testkit.kinesis.Endpoint.entryAt;
import static io.millrace.testkit.kinesis.Endpoint.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.kinesis.call.RecordCall.GetRecords;
import io.millrace.testkit.kinesis.call.RecordCall.GetRecordsReply;
import io.millrace.testkit.kinesis.call.RecordCall.GetShardIterator;
import io.millrace.testkit.kinesis.call.RecordCall.PutEntry;
import io.millrace.testkit.kinesis.call.StreamCall;
import io.millrace.testkit.kinesis.model.ChildShard;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.model.StartingPosition;
import io.millrace.testkit.kinesis.model.StreamRef;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.ServiceLimits;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GetCallsTest {
  @Test
  void trimHorizonReadsEverythingLatestReadsWhatComes() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.putTexts("old");
    String latest = endpoint.iterator(SHARD_0, StartingPosition.latest());
    endpoint.putTexts("new");

    assertThat(endpoint.textsFrom(SHARD_0, StartingPosition.trimHorizon()))
        .containsExactly("old", "new");
    assertThat(texts(endpoint.get(latest).records())).containsExactly("new");
  }

  @Test
  void anEndlessShardGivesItsRecordsAgainUnderHigherNumbers() {
    Endpoint endpoint = Endpoint.withShards(1, CoreSettings.builder().endless(true).build());
    endpoint.putTexts("a", "b", "c");

    GetRecordsReply first =
        endpoint.call(
            new GetRecords(
                StreamRef.NONE, endpoint.iterator(SHARD_0, StartingPosition.trimHorizon()), 5));
    GetRecordsReply next =
        endpoint.call(new GetRecords(StreamRef.NONE, first.nextShardIterator(), 2));
    String last = next.records().get(1).sequenceNumber();
    GetRecordsReply resumed =
        endpoint.call(
            new GetRecords(
                StreamRef.NONE, endpoint.iterator(SHARD_0, StartingPosition.after(last)), 1));

    assertThat(texts(first.records())).containsExactly("a", "b", "c", "a", "b");
    assertThat(texts(next.records())).containsExactly("c", "a");
    assertThat(texts(resumed.records())).containsExactly("b");
    assertThat(
            Stream.of(first, next, resumed)
                .flatMap(reply -> reply.records().stream())
                .map(record -> record.sequenceNumber())
                .toList())
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(first.millisBehindLatest()).isPositive();
  }

  @Test
  void sequenceNumberPositionsIncludeOrExcludeTheirRecord() {
    Endpoint endpoint = Endpoint.withShards(1);
    List<String> numbers = endpoint.putTexts("a", "b", "c");

    assertThat(endpoint.textsFrom(SHARD_0, StartingPosition.at(numbers.get(1))))
        .containsExactly("b", "c");
    assertThat(endpoint.textsFrom(SHARD_0, StartingPosition.after(numbers.get(1))))
        .containsExactly("c");
    assertThat(endpoint.textsFrom(SHARD_0, StartingPosition.after(numbers.get(2)))).isEmpty();
  }

  @Test
  void boundsOfAShardArePositionsToo() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.putTexts("a", "b");
    String start = endpoint.shards().get(0).startingSequenceNumber();
    assertThat(endpoint.textsFrom(SHARD_0, StartingPosition.at(start))).containsExactly("a", "b");
    assertThat(endpoint.textsFrom(SHARD_0, StartingPosition.after(start)))
        .containsExactly("a", "b");

    endpoint.split(SHARD_0, 0.5);
    String end = String.valueOf(endpoint.shards().get(0).endingSequenceNumber());

    assertThat(endpoint.get(endpoint.iterator(SHARD_0, StartingPosition.at(end))))
        .matches(reply -> reply.records().isEmpty() && reply.nextShardIterator() == null);
    assertThat(endpoint.get(endpoint.iterator(SHARD_0, StartingPosition.after(end))))
        .matches(reply -> reply.records().isEmpty() && reply.nextShardIterator() == null);
  }

  @Test
  void timestampReadsFromTheFirstRecordAtOrAfterIt() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.putTexts("0s");
    endpoint.advance(Duration.ofSeconds(10));
    endpoint.putTexts("10s");
    endpoint.advance(Duration.ofSeconds(10));

    assertThat(endpoint.textsFrom(SHARD_0, StartingPosition.at(Endpoint.START)))
        .containsExactly("0s", "10s");
    assertThat(endpoint.textsFrom(SHARD_0, StartingPosition.at(Endpoint.START.plusSeconds(10))))
        .containsExactly("10s");
    assertThat(
            endpoint.textsFrom(
                SHARD_0, StartingPosition.at(Endpoint.START.plusSeconds(10).plusMillis(1))))
        .isEmpty();
    assertThat(endpoint.textsFrom(SHARD_0, StartingPosition.at(Endpoint.START.minusSeconds(999))))
        .hasSize(2);
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT,
        new GetShardIterator(STREAM, SHARD_0, StartingPosition.at(Endpoint.START.plusSeconds(21))));
  }

  @Test
  void arrivalTimesNeverGoBackThoughTheWallClockDoes() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.advance(Duration.ofSeconds(10));
    endpoint.putTexts("first");
    endpoint.clock.setWall(Endpoint.START.plusSeconds(5));
    endpoint.putTexts("second");

    assertThat(endpoint.readAll(SHARD_0))
        .extracting(record -> record.approximateArrivalTimestamp())
        .isSorted();
  }

  @Test
  void iteratorPositionsAreChecked() {
    Endpoint endpoint = Endpoint.withShards(2);
    String other = endpoint.put(entryAt(0.9, "x")).results().get(0).sequenceNumber();
    StartingPosition.Type at = StartingPosition.Type.AT_SEQUENCE_NUMBER;

    for (StartingPosition bad :
        List.of(
            StartingPosition.at(String.valueOf(other)),
            StartingPosition.at("123"),
            StartingPosition.at("4".repeat(56)),
            new StartingPosition(at, null, null),
            new StartingPosition(StartingPosition.Type.LATEST, "5", null),
            new StartingPosition(StartingPosition.Type.AT_TIMESTAMP, null, null))) {
      endpoint.refuses(ErrorCode.INVALID_ARGUMENT, new GetShardIterator(STREAM, SHARD_0, bad));
    }
    endpoint.refuses(
        ErrorCode.VALIDATION,
        new GetShardIterator(STREAM, SHARD_0, new StartingPosition(null, null, null)));
    endpoint.refuses(
        ErrorCode.VALIDATION, new GetShardIterator(STREAM, SHARD_0, StartingPosition.at("x")));
    endpoint.refuses(
        ErrorCode.VALIDATION, new GetShardIterator(STREAM, null, StartingPosition.latest()));
    endpoint.refuses(
        ErrorCode.RESOURCE_NOT_FOUND,
        new GetShardIterator(STREAM, "shardId-000000000002", StartingPosition.latest()));
  }

  @Test
  void numberNotGivenOutYetIsNoPosition() {
    Endpoint endpoint = Endpoint.withShards(1);
    String last = endpoint.putTexts("a").get(0);
    String next = new java.math.BigInteger(last).add(java.math.BigInteger.valueOf(100)).toString();

    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT,
        new GetShardIterator(STREAM, SHARD_0, StartingPosition.at(next)));

    assertThat(endpoint.putTexts("b")).containsExactly(next);
    assertThat(endpoint.textsFrom(SHARD_0, StartingPosition.at(next))).containsExactly("b");
  }

  @Test
  void numberOfARecreatedStreamIsNotFromThisStream() {
    Endpoint endpoint = Endpoint.withShards(1);
    String number = endpoint.putTexts("a").get(0);
    String iterator = endpoint.iterator(SHARD_0, StartingPosition.trimHorizon());
    endpoint.call(new StreamCall.DeleteStream(STREAM, false));
    endpoint.call(StreamCall.CreateStream.provisioned("orders", 1));
    endpoint.putTexts("z");

    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT,
        new GetShardIterator(STREAM, SHARD_0, StartingPosition.at(number)));
    endpoint.refuses(ErrorCode.RESOURCE_NOT_FOUND, GetRecords.from(iterator));
  }

  @Test
  void pagesFollowEachOtherWithoutGapOrOverlap() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.putTexts("a", "b", "c", "d", "e");

    GetRecordsReply first =
        endpoint.get(endpoint.iterator(SHARD_0, StartingPosition.trimHorizon()), 2);
    GetRecordsReply second = endpoint.get(first.nextShardIterator(), 2);
    GetRecordsReply third = endpoint.get(second.nextShardIterator(), 2);
    GetRecordsReply fourth = endpoint.get(third.nextShardIterator(), 2);

    assertThat(texts(first.records())).containsExactly("a", "b");
    assertThat(texts(second.records())).containsExactly("c", "d");
    assertThat(texts(third.records())).containsExactly("e");
    assertThat(fourth.records()).isEmpty();
    assertThat(fourth.nextShardIterator()).isNotNull();
    assertThat(texts(endpoint.get(second.nextShardIterator()).records())).containsExactly("e");
  }

  @Test
  void limitIsFromOneToTenThousand() {
    Endpoint endpoint = Endpoint.withShards(1);
    String iterator = endpoint.iterator(SHARD_0, StartingPosition.latest());

    endpoint.refuses(ErrorCode.VALIDATION, new GetRecords(StreamRef.NONE, iterator, 0));
    endpoint.refuses(ErrorCode.VALIDATION, new GetRecords(StreamRef.NONE, iterator, 10_001));
    endpoint.refuses(ErrorCode.VALIDATION, new GetRecords(StreamRef.NONE, null, 1));
    endpoint.refuses(ErrorCode.INVALID_ARGUMENT, GetRecords.from("garbage"));
    endpoint.refuses(ErrorCode.INVALID_ARGUMENT, GetRecords.from("B" + iterator.substring(1)));
  }

  @Test
  void replyHoldsTenMebibytesAtMostButAlwaysOneRecord() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.call(
        new StreamCall.UpdateMaxRecordSize(StreamRef.ofArn(endpoint.streamArn()), 10_240));
    PutEntry large = new PutEntry(ByteBuffer.allocate(4 << 20), "k", null);
    Collections.nCopies(3, large).forEach(endpoint::put);
    endpoint.put(new PutEntry(ByteBuffer.allocate((10 << 20) - 1), "k", null));

    GetRecordsReply first =
        endpoint.get(endpoint.iterator(SHARD_0, StartingPosition.trimHorizon()));
    GetRecordsReply second = endpoint.get(first.nextShardIterator());
    GetRecordsReply third = endpoint.get(second.nextShardIterator());

    assertThat(first.records()).hasSize(2);
    assertThat(second.records()).hasSize(1);
    assertThat(third.records()).hasSize(1);
  }

  @Test
  void millisBehindLatestIsZeroOnlyAtTheTip() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.putTexts("a");
    endpoint.advance(Duration.ofSeconds(7));
    endpoint.putTexts("b", "c");

    String start = endpoint.iterator(SHARD_0, StartingPosition.trimHorizon());
    GetRecordsReply behind = endpoint.get(start, 2);

    assertThat(behind.millisBehindLatest()).isEqualTo(1);
    endpoint.advance(Duration.ofSeconds(3));
    assertThat(endpoint.get(start, 2).millisBehindLatest()).isEqualTo(3_000);
    assertThat(endpoint.get(behind.nextShardIterator()).millisBehindLatest()).isZero();
  }

  @Test
  void closedShardEndsWithItsChildrenAfterTheLastRecord() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.putTexts("a");
    endpoint.split(SHARD_0, 0.5);

    GetRecordsReply records =
        endpoint.get(endpoint.iterator(SHARD_0, StartingPosition.trimHorizon()));
    GetRecordsReply end = endpoint.get(records.nextShardIterator());

    assertThat(texts(records.records())).containsExactly("a");
    assertThat(records.childShards()).isEmpty();
    assertThat(end.records()).isEmpty();
    assertThat(end.nextShardIterator()).isNull();
    assertThat(end.millisBehindLatest()).isZero();
    assertThat(end.childShards())
        .extracting(ChildShard::shardId, ChildShard::parentShardIds)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(SHARD_1, List.of(SHARD_0)),
            org.assertj.core.groups.Tuple.tuple(SHARD_2, List.of(SHARD_0)));
  }

  @Test
  void closedShardMayEndWithItsLastRecords() {
    Endpoint endpoint =
        Endpoint.withShards(1, CoreSettings.builder().shardEndWithLastRecords(true).build());
    endpoint.putTexts("a", "b");
    endpoint.split(SHARD_0, 0.5);

    GetRecordsReply first =
        endpoint.get(endpoint.iterator(SHARD_0, StartingPosition.trimHorizon()), 1);
    GetRecordsReply last = endpoint.get(first.nextShardIterator(), 1);

    assertThat(texts(last.records())).containsExactly("b");
    assertThat(last.nextShardIterator()).isNull();
    assertThat(last.childShards()).hasSize(2);
  }

  @Test
  void bothParentsOfAMergeNameTheOneChild() {
    Endpoint endpoint = Endpoint.withShards(2);
    endpoint.merge(SHARD_0, SHARD_1);

    for (String parent : List.of(SHARD_0, SHARD_1)) {
      GetRecordsReply end = endpoint.get(endpoint.iterator(parent, StartingPosition.trimHorizon()));

      assertThat(end.nextShardIterator()).isNull();
      assertThat(end.childShards())
          .extracting(ChildShard::shardId, ChildShard::parentShardIds)
          .containsExactly(org.assertj.core.groups.Tuple.tuple(SHARD_2, List.of(SHARD_0, SHARD_1)));
    }
  }

  @Test
  void iteratorOfAnOpenShardSeesItsEndLater() {
    Endpoint endpoint = Endpoint.withShards(1);
    String latest = endpoint.iterator(SHARD_0, StartingPosition.latest());
    endpoint.split(SHARD_0, 0.5);

    assertThat(endpoint.get(latest).nextShardIterator()).isNull();
  }

  @Test
  void iteratorsExpireAfterFiveMinutesOnRequest() {
    Endpoint endpoint = Endpoint.withShards(1, ServiceLimits.NONE.withExpiry(true));
    endpoint.putTexts("a");
    String iterator = endpoint.iterator(SHARD_0, StartingPosition.trimHorizon());

    endpoint.advance(Duration.ofMinutes(5));
    assertThat(endpoint.get(iterator).records()).hasSize(1);
    endpoint.advance(Duration.ofNanos(1));

    endpoint.refuses(ErrorCode.EXPIRED_ITERATOR, GetRecords.from(iterator));
  }

  @Test
  void iteratorsLiveForeverByDefault() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.putTexts("a");
    String iterator = endpoint.iterator(SHARD_0, StartingPosition.trimHorizon());

    endpoint.advance(Duration.ofDays(9));

    assertThat(endpoint.get(iterator).records()).hasSize(1);
  }

  @Test
  void trimmedPositionsBeginAtTheHorizonSilently() {
    Endpoint endpoint = Endpoint.withShards(1, ServiceLimits.NONE.withRetention(true));
    List<String> old = endpoint.putTexts("old", "older");
    String iterator = endpoint.iterator(SHARD_0, StartingPosition.trimHorizon());
    endpoint.advance(Duration.ofHours(23));
    endpoint.putTexts("new");
    endpoint.advance(Duration.ofHours(1).plusMillis(1));

    assertThat(texts(endpoint.get(iterator).records())).containsExactly("new");
    assertThat(endpoint.textsFrom(SHARD_0, StartingPosition.at(old.get(0)))).containsExactly("new");
    assertThat(endpoint.textsFrom(SHARD_0, StartingPosition.after(old.get(1))))
        .containsExactly("new");
    assertThat(endpoint.textsFrom(SHARD_0, StartingPosition.at(Endpoint.START)))
        .containsExactly("new");
  }

  @Test
  void longerRetentionKeepsRecords() {
    Endpoint endpoint = Endpoint.withShards(1, ServiceLimits.NONE.withRetention(true));
    endpoint.putTexts("a");
    endpoint.call(new StreamCall.IncreaseStreamRetentionPeriod(STREAM, 48));
    endpoint.advance(Duration.ofHours(47));
    assertThat(endpoint.readAll(SHARD_0)).hasSize(1);

    endpoint.call(new StreamCall.DecreaseStreamRetentionPeriod(STREAM, 24));

    assertThat(endpoint.readAll(SHARD_0)).isEmpty();
  }

  @Test
  void fiveCallsPerSecondPerShard() {
    Endpoint endpoint = Endpoint.withShards(2, ServiceLimits.NONE.withReads(5, 0));
    String iterator = endpoint.iterator(SHARD_0, StartingPosition.latest());
    for (int i = 0; i < 5; i++) {
      endpoint.get(iterator);
    }

    endpoint.refuses(ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED, GetRecords.from(iterator));

    endpoint.get(endpoint.iterator(SHARD_1, StartingPosition.latest()));
    endpoint.advance(Duration.ofMillis(200));
    endpoint.get(iterator);
  }

  @Test
  void tenMegabytesArePaidForByFiveSecondsOfThrottling() {
    Endpoint endpoint = Endpoint.withShards(1, ServiceLimits.NONE.withReads(0, 2_000_000));
    PutEntry mebibyte = new PutEntry(ByteBuffer.allocate(1_000_000), "k", null);
    endpoint.put(Collections.nCopies(10, mebibyte).toArray(PutEntry[]::new));
    GetRecordsReply all = endpoint.get(endpoint.iterator(SHARD_0, StartingPosition.trimHorizon()));
    assertThat(all.records()).hasSize(10);

    endpoint.advance(Duration.ofMillis(3_999));
    endpoint.refuses(
        ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED,
        GetRecords.from(String.valueOf(all.nextShardIterator())));

    endpoint.advance(Duration.ofMillis(2));
    endpoint.get(all.nextShardIterator());
  }

  @Test
  void iteratorOfAnotherStreamThanNamedIsRefused() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.call(StreamCall.CreateStream.provisioned("other", 1));
    String iterator = endpoint.iterator(SHARD_0, StartingPosition.latest());
    String arn = endpoint.streamArn();

    endpoint.call(new GetRecords(StreamRef.ofArn(arn), iterator, null));
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT,
        new GetRecords(StreamRef.ofArn(arn.replace("orders", "other")), iterator, null));
  }

  @Test
  void manyRecordsComeBackInOrder() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.putMany(25_000);

    GetRecordsReply first =
        endpoint.get(endpoint.iterator(SHARD_0, StartingPosition.trimHorizon()));

    assertThat(first.records()).hasSize(10_000);
    assertThat(endpoint.readAll(SHARD_0))
        .hasSize(25_000)
        .extracting(record -> record.sequenceNumber())
        .isSorted();
    assertThat(endpoint.shards()).extracting(ShardInfo::isOpen).containsExactly(true);
  }
}
