package io.millrace.consumer.internal.fetch;

import static io.millrace.consumer.internal.testing.TestRecords.plain;
import static io.millrace.consumer.internal.testing.TestRecords.sequence;
import static io.millrace.consumer.internal.testing.TestRecords.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.StallReason;
import io.millrace.consumer.internal.shard.ShardConsumer;
import io.millrace.consumer.internal.testing.FakeOwnership;
import io.millrace.consumer.internal.testing.TestRecords;
import io.millrace.consumer.internal.testing.Worker;
import io.millrace.consumer.lease.Checkpoint;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PollingFetcherTest {
  private static final ShardId SHARD = new ShardId("shardId-000000000000");

  private final Worker worker = new Worker();
  private final FakeOwnership lease = new FakeOwnership();
  private final List<String> seen = new ArrayList<>();

  @BeforeEach
  void setUp() {
    worker.onRecord(record -> seen.add(text(record.data())));
  }

  @Test
  void shardAtTheTipIsPolledFourTimesASecond() {
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(10));
    assertThat(worker.kinesis.reads).hasSizeBetween(40, 42);
  }

  @Test
  void idleIntervalIsTheUsersChoice() {
    worker.settings = worker.settings.toBuilder().idlePollInterval(Duration.ofSeconds(2)).build();
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(10));
    assertThat(worker.kinesis.reads).hasSizeBetween(5, 6);
  }

  @Test
  void readsGrowWhileTheShardIsBehind() {
    worker.kinesis.put(
        SHARD, IntStream.range(0, 20_000).mapToObj(n -> plain(n, "k", "x")).toList());
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(3));
    assertThat(seen).hasSize(20_000);
    assertThat(worker.kinesis.reads.get(0)).isEqualTo("16@0");
    assertThat(worker.kinesis.reads.get(2)).startsWith("10000@");
  }

  @Test
  void shardIsNeverReadFasterThanItsLimits() {
    worker.kinesis.put(
        SHARD, IntStream.range(0, 200).mapToObj(n -> TestRecords.plainOf(n, 60_000)).toList());
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(4));
    assertThat(seen.size() * 60_000L).isLessThanOrEqualTo(4 * 2_000_000L + 10_000_000L);
    assertThat(worker.kinesis.reads).hasSizeLessThanOrEqualTo(21);
  }

  @Test
  void lostReplyIsRepeatedAndALateOneIgnored() {
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease);
    worker.kinesis.loseReplies(true);
    worker.settle();
    worker.kinesis.loseReplies(false);
    worker.run(Duration.ofSeconds(19));
    assertThat(seen).isEmpty();
    worker.run(Duration.ofSeconds(3));
    assertThat(seen).containsExactly("data1");
  }

  @Test
  void recordsThatAnEndpointRepeatsArriveOnce() {
    ReadCursor cursor = new ReadCursor(new ReadFrom.TrimHorizon());
    assertThat(cursor.advance(List.of(plain(1), plain(2)))).hasSize(2);
    assertThat(cursor.advance(List.of(plain(1), plain(2)))).isEmpty();
    assertThat(cursor.advance(List.of(plain(2), plain(3))))
        .extracting(KinesisRecord::sequenceNumber)
        .containsExactly(sequence(3));
    assertThat(cursor.from()).isEqualTo(new ReadFrom.After(sequence(3)));
  }

  @Test
  void everyKindOfFaultIsSurvived() {
    worker.kinesis.put(SHARD, plain(1));
    worker.kinesis.failIterators(KinesisFault.Kind.values());
    worker.kinesis.failReads(KinesisFault.Kind.values());
    worker.grant(SHARD, lease);
    worker.run(Duration.ofMinutes(3));
    assertThat(seen).containsExactly("data1");
    worker.kinesis.put(SHARD, plain(2));
    worker.run(Duration.ofSeconds(1));
    assertThat(seen).containsExactly("data1", "data2");
  }

  @Test
  void failingReadsAreShownWithTheServicesCode() {
    for (int i = 0; i < 50; i++) {
      worker.kinesis.failIterators(KinesisFault.Kind.KEY_UNAVAILABLE);
    }
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(5));
    assertThat(consumer.status(worker.time.now()).stall())
        .get()
        .isInstanceOfSatisfying(
            StallReason.FetchFailing.class,
            failing -> assertThat(failing.code()).isEqualTo("KEY_UNAVAILABLE"));
  }

  @Test
  void leaseOfTheKclAtLatestStartsAtTheTip() {
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease, Checkpoint.Sentinel.LATEST);
    worker.settle();
    worker.kinesis.put(SHARD, plain(2));
    worker.run(Duration.ofSeconds(1));
    assertThat(seen).containsExactly("data2");
  }

  /** The KCL does not keep the time. */
  @Test
  void leaseOfTheKclAtAnUnknownTimestampSkipsNothing() {
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease, Checkpoint.Sentinel.AT_TIMESTAMP);
    worker.run(Duration.ofSeconds(1));
    assertThat(seen).containsExactly("data1");
  }

  @Test
  void lostLeaseWithAReadInFlightGivesItsReservationBack() {
    worker.kinesis.put(SHARD, plain(1));
    worker.kinesis.hold();
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    worker.kinesis.letGo();
    worker.kinesis.hold();
    worker.settle();
    assertThat(worker.heldBytes()).isPositive();
    consumer.leaseLost(worker.time.now());
    assertThat(worker.heldBytes()).isZero();
    worker.kinesis.letGo();
    worker.settle();
    assertThat(seen).isEmpty();
    assertThat(worker.heldBytes()).isZero();
  }
}
