package io.millrace.consumer.internal.shard;

import static io.millrace.consumer.internal.testing.TestRecords.aggregate;
import static io.millrace.consumer.internal.testing.TestRecords.plain;
import static io.millrace.consumer.internal.testing.TestRecords.sequence;
import static io.millrace.consumer.internal.testing.TestRecords.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.ShardState;
import io.millrace.consumer.StallReason;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.internal.fetch.ChildShard;
import io.millrace.consumer.internal.fetch.KinesisFault;
import io.millrace.consumer.internal.fetch.ReadFrom;
import io.millrace.consumer.internal.testing.FakeOwnership;
import io.millrace.consumer.internal.testing.TestRecords;
import io.millrace.consumer.internal.testing.Worker;
import io.millrace.model.HashRange;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShardConsumerTest {
  private static final ShardId SHARD = new ShardId("shardId-000000000000");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final Worker worker = new Worker();
  private final FakeOwnership lease = new FakeOwnership();
  private final List<String> seen = new ArrayList<>();

  private void see(ReceivedRecord record) {
    seen.add(text(record.data()));
  }

  private static ChildShard child(String id) {
    return new ChildShard(new ShardId(id), Set.of(SHARD), HashRange.FULL);
  }

  @Test
  void recordsArriveInOrderAndAreCheckpointed() {
    worker.onRecord(this::see);
    worker.kinesis.put(SHARD, plain(1), aggregate(2, 3), plain(3));
    ShardConsumer consumer = worker.grant(SHARD, lease);

    worker.run(Duration.ofSeconds(6));

    assertThat(seen).containsExactly("data1", "2/0", "2/1", "2/2", "data3");
    assertThat(lease.checkpoints).containsExactly(new Position(sequence(3), 0));
    assertThat(consumer.state()).isEqualTo(ShardState.PROCESSING);
    assertThat(worker.heldBytes()).isZero();
  }

  @Test
  void endOfShardIsRecordedOnlyAfterItsLastRecordIsAcknowledged() {
    boolean[] fails = {true};
    worker.onRecord(
        record -> {
          if (fails[0] && text(record.data()).equals("data2")) {
            throw new IllegalStateException("not yet");
          }
          see(record);
        });
    worker.kinesis.put(SHARD, plain(1), plain(2));
    worker.kinesis.close(SHARD, child("c1"), child("c2"));
    ShardConsumer consumer = worker.grant(SHARD, lease);

    worker.run(MINUTE);
    assertThat(lease.endsSeen).isEqualTo(1);
    assertThat(lease.children).hasSize(2);
    assertThat(lease.ended).isFalse();
    assertThat(consumer.status(worker.time.now()).stall())
        .get()
        .isInstanceOf(StallReason.Retrying.class);

    fails[0] = false;
    worker.runUntil(() -> lease.ended, MINUTE);
    assertThat(seen).containsExactly("data1", "data2");
    assertThat(consumer.state()).isEqualTo(ShardState.SHARD_ENDED);
  }

  @Test
  void emptyClosedShardEndsAtOnce() {
    worker.kinesis.close(SHARD);
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    assertThat(lease.ended).isTrue();
    assertThat(consumer.state()).isEqualTo(ShardState.SHARD_ENDED);
  }

  @Test
  void endThatCannotBeWrittenIsWrittenLater() {
    lease.answer(
        new CheckpointOutcome.Unavailable("throttled"),
        new CheckpointOutcome.Unavailable("throttled"));
    worker.kinesis.close(SHARD);
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    assertThat(consumer.state()).isEqualTo(ShardState.ENDING);
    worker.runUntil(() -> lease.ended, MINUTE);
    assertThat(consumer.state()).isEqualTo(ShardState.SHARD_ENDED);
  }

  @Test
  void restartAtEachPositionLosesNoMemberAndRepeatsNone() {
    List<Position> positions = new ArrayList<>();
    worker.onRecord(
        record -> {
          see(record);
          positions.add(record.position());
        });
    worker.kinesis.put(SHARD, plain(1), aggregate(2, 5), aggregate(3, 1), plain(4));
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(1));
    List<String> all = List.copyOf(seen);
    List<Position> ends = List.copyOf(positions);
    assertThat(all).hasSize(8);

    for (int done = 0; done < ends.size(); done++) {
      seen.clear();
      worker.grant(SHARD, new FakeOwnership(), Optional.of(ends.get(done)));
      worker.run(Duration.ofSeconds(1));
      assertThat(seen).as("after %s", ends.get(done)).isEqualTo(all.subList(done + 1, 8));
    }
  }

  @Test
  void restartReadsTheCheckpointedRecordAgainAndNothingBeforeIt() {
    worker.onRecord(this::see);
    worker.kinesis.put(SHARD, plain(1), plain(2), plain(3));
    worker.grant(SHARD, lease, Optional.of(new Position(sequence(2), 0)));
    worker.settle();
    assertThat(worker.kinesis.positions).containsExactly(new ReadFrom.At(sequence(2)));
    assertThat(seen).containsExactly("data3");
  }

  @Test
  void retentionLossIsCountedWhenTheCheckpointedRecordIsGone() {
    worker.onRecord(this::see);
    worker.kinesis.put(SHARD, plain(1), plain(2), plain(3));
    worker.kinesis.trim(SHARD, 2);
    worker.grant(SHARD, lease, Optional.of(new Position(sequence(1), 0)));
    worker.settle();
    assertThat(seen).containsExactly("data3");
    assertThat(worker.meters.get("millrace.consumer.retention.losses").counter().count())
        .isEqualTo(1);
  }

  @Test
  void expiredIteratorIsRenewedBehindTheLastRecord() {
    worker.onRecord(this::see);
    worker.kinesis.put(SHARD, plain(1), plain(2));
    worker.grant(SHARD, lease);
    worker.settle();
    worker.kinesis.expireIterators();
    worker.kinesis.put(SHARD, plain(3));
    worker.run(Duration.ofSeconds(1));
    assertThat(seen).containsExactly("data1", "data2", "data3");
    assertThat(worker.kinesis.positions)
        .containsExactly(new ReadFrom.TrimHorizon(), new ReadFrom.After(sequence(2)));
  }

  @Test
  void drainLetsTheRunningHandlerFinishAndCheckpointsItsRecord() {
    ShardConsumer[] consumer = new ShardConsumer[1];
    worker.onRecord(
        record -> {
          see(record);
          if (seen.size() == 2) {
            consumer[0].drain(worker.time.now());
          }
        });
    worker.kinesis.put(SHARD, plain(1), plain(2), plain(3));
    consumer[0] = worker.grant(SHARD, lease);
    worker.settle();
    assertThat(seen).containsExactly("data1", "data2");
    assertThat(consumer[0].state()).isEqualTo(ShardState.STOPPED);
    assertThat(lease.checkpoint()).contains(new Position(sequence(2), 0));
    assertThat(worker.heldBytes()).isZero();
  }

  @Test
  void drainBeforeAnythingStopsWithoutACheckpoint() {
    ShardConsumer consumer = worker.grant(SHARD, lease);
    consumer.drain(worker.time.now());
    worker.settle();
    assertThat(consumer.state()).isEqualTo(ShardState.STOPPED);
    assertThat(lease.writes).isZero();
    assertThat(worker.kinesis.positions).isEmpty();
  }

  @Test
  void drainGivesTheLastCheckpointUpAfterThreeFailures() {
    worker.onRecord(this::see);
    worker.kinesis.put(SHARD, plain(1));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    CheckpointOutcome away = new CheckpointOutcome.Unavailable("away");
    lease.answer(away, away, away, away);
    consumer.drain(worker.time.now());
    worker.runUntil(() -> consumer.state() == ShardState.STOPPED, MINUTE);
    assertThat(lease.writes).isEqualTo(3);
    assertThat(lease.checkpoints).isEmpty();
  }

  @Test
  void lostLeaseInTheMiddleOfABatchDeliversNothingMoreAndCheckpointsNothing() {
    ShardConsumer[] consumer = new ShardConsumer[1];
    worker.onRecord(
        record -> {
          see(record);
          if (seen.size() == 2) {
            consumer[0].leaseLost(worker.time.now());
          }
        });
    worker.kinesis.put(SHARD, aggregate(1, 10));
    consumer[0] = worker.grant(SHARD, lease);
    worker.run(MINUTE);
    assertThat(seen).containsExactly("1/0", "1/1");
    assertThat(consumer[0].state()).isEqualTo(ShardState.LEASE_LOST);
    assertThat(lease.writes).isZero();
    assertThat(worker.heldBytes()).isZero();
    assertThat(Thread.interrupted()).as("the interrupt stayed with the handler").isFalse();
  }

  @Test
  void nothingIsDeliveredWhileTheHeartbeatIsTooOld() {
    worker.onRecord(this::see);
    worker.kinesis.put(SHARD, plain(1));
    lease.mayDeliver = false;
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(3));
    assertThat(seen).isEmpty();
    assertThat(consumer.status(worker.time.now()).stall())
        .get()
        .isInstanceOf(StallReason.Fenced.class);
    lease.mayDeliver = true;
    worker.run(Duration.ofMillis(200));
    assertThat(seen).containsExactly("data1");
  }

  @Test
  void throttledReadsAreRepeatedLaterAndShown() {
    worker.onRecord(this::see);
    worker.kinesis.put(SHARD, plain(1));
    worker.kinesis.failReads(KinesisFault.Kind.THROTTLED, KinesisFault.Kind.THROTTLED);
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    assertThat(consumer.status(worker.time.now()).stall())
        .get()
        .isInstanceOf(StallReason.Throttled.class);
    worker.run(Duration.ofSeconds(3));
    assertThat(seen).containsExactly("data1");
    assertThat(consumer.status(worker.time.now()).stall()).isEmpty();
  }

  @Test
  void checkpointThatFailsIsRepeatedAndCoversWhatCameMeanwhile() {
    worker.onRecord(this::see);
    lease.answer(new CheckpointOutcome.Unavailable("throttled"));
    worker.kinesis.put(SHARD, plain(1));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofMillis(5_010));
    assertThat(consumer.status(worker.time.now()).stall())
        .get()
        .isInstanceOf(StallReason.CheckpointFailing.class);
    worker.kinesis.put(SHARD, plain(2));
    worker.run(Duration.ofSeconds(10));
    assertThat(lease.checkpoint()).contains(new Position(sequence(2), 0));
  }

  @Test
  void manyRecordsAreCheckpointedBeforeTheIntervalIsOver() {
    worker.settings = worker.settings.toBuilder().checkpointRecords(100).build();
    worker.onRecord(this::see);
    worker.kinesis.put(SHARD, aggregate(1, 250));
    worker.grant(SHARD, lease);
    worker.run(Duration.ofMillis(100));
    assertThat(lease.checkpoints).isNotEmpty();
  }

  @Test
  void fatalErrorParksTheShardBehindWhatIsAcknowledged() {
    worker.policy = FailurePolicy.builder().fatal(ArithmeticException.class).build();
    worker.onRecord(
        record -> {
          if (text(record.data()).equals("data2")) {
            throw new IllegalStateException(new ArithmeticException("schema unknown"));
          }
          see(record);
        });
    worker.kinesis.put(SHARD, plain(1), plain(2), plain(3));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(6));
    assertThat(seen).containsExactly("data1");
    assertThat(consumer.state()).isEqualTo(ShardState.PARKED);
    assertThat(lease.parked).get().asString().contains("IllegalStateException");
    assertThat(lease.checkpoint()).contains(new Position(sequence(1), 0));
    int reads = worker.kinesis.reads.size();
    worker.run(MINUTE);
    assertThat(worker.kinesis.reads).hasSize(reads);

    consumer.drain(worker.time.now());
    worker.settle();
    assertThat(consumer.state()).isEqualTo(ShardState.STOPPED);
  }

  @Test
  void parkedShardHoldsNothingOfTheBudget() {
    worker.policy = FailurePolicy.builder().fatal(ArithmeticException.class).build();
    worker.onRecord(
        record -> {
          throw new ArithmeticException("always");
        });
    for (int i = 0; i < 50; i++) {
      worker.kinesis.put(SHARD, TestRecords.plainOf(i, 60_000));
    }
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(3));
    assertThat(consumer.state()).isEqualTo(ShardState.PARKED);
    assertThat(worker.heldBytes()).isZero();
    assertThat(lease.checkpoints).isEmpty();
  }

  @Test
  void retryIsNotLateThoughNothingElseWakesTheLoop() {
    worker.settings = worker.settings.toBuilder().idlePollInterval(Duration.ofMinutes(1)).build();
    worker.policy =
        FailurePolicy.builder().backoff(Duration.ofMillis(100), Duration.ofMillis(100)).build();
    int[] calls = {0};
    worker.onRecord(
        record -> {
          calls[0]++;
          throw new IllegalStateException("always");
        });
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(50));
    assertThat(calls[0]).isGreaterThan(500);
  }

  @Test
  void thousandShardsWithSlowHandlersStayWithinTheBudgetAndAllProgress() {
    int shards = 1_000;
    worker.settings = worker.settings.toBuilder().bufferBytes(16 << 20).build();
    int[] delivered = new int[shards];
    worker.onRecord(record -> delivered[Integer.parseInt(record.shard().value().substring(8))]++);
    List<FakeOwnership> leases = new ArrayList<>();
    for (int i = 0; i < shards; i++) {
      ShardId shard = new ShardId(String.format("shardId-%012d", i));
      worker.kinesis.put(
          shard, IntStream.range(0, 20).mapToObj(n -> TestRecords.plainOf(n, 60_000)).toList());
      leases.add(new FakeOwnership());
      worker.grant(shard, leases.get(i));
    }
    long most = 0;
    for (int i = 0; i < 1_000; i++) {
      worker.settleLoop();
      most = Math.max(most, worker.heldBytes());
      worker.threads.runOne();
      worker.time.advance(Duration.ofMillis(20));
    }
    assertThat(most).isBetween(8L << 20, (16L << 20) + 64 * 60_400);
    assertThat(worker.threads.most()).isLessThanOrEqualTo(shards);
    worker.run(Duration.ofSeconds(30));
    assertThat(delivered).containsOnly(20);
  }

  @Test
  void metersOfAnOwnershipGoWithIt() {
    worker.onRecord(this::see);
    worker.kinesis.put(SHARD, plain(1));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    assertThat(worker.meters.get("millrace.consumer.records").counter().count()).isEqualTo(1);
    consumer.leaseLost(worker.time.now());
    assertThat(worker.meters.getMeters()).isEmpty();
  }

  @Test
  void statusShowsHowFarTheShardIs() {
    worker.onRecord(this::see);
    worker.kinesis.put(SHARD, plain(1), plain(2));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(6));
    var status = consumer.status(worker.time.now());
    assertThat(status.state()).isEqualTo(ShardState.PROCESSING);
    assertThat(status.stall()).isEmpty();
    assertThat(status.behindLatest()).contains(Duration.ZERO);
    assertThat(status.oldestUnacknowledged()).isEmpty();
    assertThat(status.acknowledged()).contains(new Position(sequence(2), 0));
    assertThat(status.checkpointed()).contains(new Position(sequence(2), 0));
  }
}
