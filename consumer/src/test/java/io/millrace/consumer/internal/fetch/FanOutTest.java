package io.millrace.consumer.internal.fetch;

import static io.millrace.consumer.internal.testing.TestRecords.plain;
import static io.millrace.consumer.internal.testing.TestRecords.sequence;
import static io.millrace.consumer.internal.testing.TestRecords.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.Fetching;
import io.millrace.consumer.ShardState;
import io.millrace.consumer.StallReason;
import io.millrace.consumer.internal.shard.ShardConsumer;
import io.millrace.consumer.internal.testing.FakeKinesis.FakeSubscription;
import io.millrace.consumer.internal.testing.FakeOwnership;
import io.millrace.consumer.internal.testing.TestRecords;
import io.millrace.consumer.internal.testing.Worker;
import io.millrace.consumer.lease.Checkpoint;
import io.millrace.model.HashRange;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FanOutTest {
  private static final ShardId SHARD = new ShardId("shardId-000000000000");

  private final Worker worker = new Worker();
  private final FakeOwnership lease = new FakeOwnership();
  private final List<String> seen = new ArrayList<>();

  @BeforeEach
  void setUp() {
    worker.fetching = Fetching.fanOut("app");
    worker.onRecord(record -> seen.add(text(record.data())));
  }

  private FakeSubscription last() {
    return worker.kinesis.subscriptions.get(worker.kinesis.subscriptions.size() - 1);
  }

  @Test
  void recordsArriveByEventsWithoutAnyPoll() {
    worker.kinesis.put(SHARD, plain(1), plain(2), plain(3), plain(4), plain(5));
    worker.grant(SHARD, lease);
    worker.settle();
    worker.kinesis.put(SHARD, plain(6));
    worker.settle();
    assertThat(seen).hasSize(6).isSorted();
    assertThat(worker.kinesis.reads).isEmpty();
    assertThat(worker.heldBytes()).as("one event is awaited").isEqualTo(256 << 10);
  }

  @Test
  void missingConsumerIsRegisteredOnceForAllShardsAndAwaited() {
    worker.kinesis.withoutConsumer(3);
    ShardId other = new ShardId("shardId-000000000001");
    worker.kinesis.put(SHARD, plain(1));
    worker.kinesis.put(other, plain(1));
    worker.grant(SHARD, lease);
    worker.grant(other, new FakeOwnership());
    worker.settle();
    assertThat(seen).isEmpty();
    worker.run(Duration.ofSeconds(3));
    assertThat(seen).hasSize(2);
    assertThat(worker.kinesis.registrations).isEqualTo(1);
  }

  @Test
  void endAfterFiveMinutesGoesOnWithoutGapOrDuplicate() {
    worker.kinesis.put(SHARD, plain(1), plain(2));
    worker.grant(SHARD, lease);
    worker.settle();
    last().end();
    worker.kinesis.put(SHARD, plain(3));
    worker.settle();
    assertThat(seen).containsExactly("data1", "data2", "data3");
    assertThat(worker.kinesis.positions)
        .containsExactly(new ReadFrom.TrimHorizon(), new ReadFrom.After(sequence(2)));
  }

  @Test
  void recordBetweenTwoSubscriptionsAtTheTipIsNotMissed() {
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease, Checkpoint.Sentinel.LATEST);
    worker.settle();
    last().heartbeat();
    worker.settle();
    last().breakOff(KinesisFault.Kind.TRANSIENT);
    worker.kinesis.put(SHARD, plain(2));
    worker.run(Duration.ofSeconds(1));
    assertThat(seen).containsExactly("data2");
    assertThat(worker.kinesis.positions)
        .containsExactly(new ReadFrom.Latest(), new ReadFrom.After(sequence(1)));
  }

  @Test
  void resetInTheMiddleIsRoutineAndGoesOnBehindTheLastEvent() {
    worker.kinesis.put(SHARD, plain(1), plain(2));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    last().breakOff(KinesisFault.Kind.TRANSIENT);
    worker.settleLoop();
    assertThat(consumer.status(worker.time.now()).stall()).isEmpty();
    worker.kinesis.put(SHARD, plain(3));
    worker.run(Duration.ofSeconds(1));
    assertThat(seen).containsExactly("data1", "data2", "data3");
  }

  @Test
  void eventsOfAnAbandonedSubscriptionAreIgnored() {
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease);
    worker.settle();
    FakeSubscription old = last();
    old.breakOff(KinesisFault.Kind.TRANSIENT);
    worker.run(Duration.ofSeconds(1));
    old.heartbeat();
    old.end();
    worker.run(Duration.ofSeconds(1));
    assertThat(worker.kinesis.subscriptions).hasSize(2);
    assertThat(last().isRunning()).isTrue();
  }

  @Test
  void subscriptionOfADyingPeerIsTakenOverOnceTheServiceAllowsIt() {
    worker.kinesis.put(SHARD, plain(1));
    worker.kinesis.failSubscriptions(
        KinesisFault.Kind.IN_USE, KinesisFault.Kind.IN_USE, KinesisFault.Kind.IN_USE);
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    assertThat(seen).isEmpty();
    worker.run(Duration.ofSeconds(6));
    assertThat(seen).containsExactly("data1");
    assertThat(consumer.status(worker.time.now()).stall()).isEmpty();
  }

  @Test
  void repeatedFailuresAreShown() {
    for (int i = 0; i < 20; i++) {
      worker.kinesis.failSubscriptions(KinesisFault.Kind.TRANSIENT);
    }
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(10));
    assertThat(consumer.status(worker.time.now()).stall())
        .get()
        .isInstanceOf(StallReason.FetchFailing.class);
  }

  @Test
  void refusedFanOutFallsBackToPolling() {
    worker.kinesis.failDescribes(KinesisFault.Kind.DENIED);
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease);
    worker.settle();
    assertThat(seen).containsExactly("data1");
    assertThat(worker.kinesis.reads).isNotEmpty();
    assertThat(worker.kinesis.subscriptions).isEmpty();
  }

  @Test
  void fullStreamFallsBackAfterSomeAttempts() {
    worker.kinesis.withoutConsumer(0);
    for (int i = 0; i < 6; i++) {
      worker.kinesis.failRegistrations(KinesisFault.Kind.LIMIT_EXCEEDED);
    }
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(20));
    assertThat(seen).containsExactly("data1");
    assertThat(worker.kinesis.registrations).isEqualTo(6);
  }

  @Test
  void refusalInTheMiddleGoesOnByPollingFromTheLastRecord() {
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease);
    worker.settle();
    last().breakOff(KinesisFault.Kind.DENIED);
    worker.kinesis.put(SHARD, plain(2));
    worker.run(Duration.ofSeconds(1));
    assertThat(seen).containsExactly("data1", "data2");
    assertThat(worker.kinesis.reads).isNotEmpty();
  }

  @Test
  void withoutFallbackARefusalIsShownAndTriedAgain() {
    worker.fetching = Fetching.fanOut("app").withoutFallback();
    worker.kinesis.failDescribes(KinesisFault.Kind.DENIED);
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease);
    worker.settle();
    assertThat(seen).isEmpty();
    worker.run(Duration.ofSeconds(10));
    assertThat(seen).containsExactly("data1");
    assertThat(worker.kinesis.reads).isEmpty();
  }

  @Test
  void deletedConsumerIsRegisteredAnew() {
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease);
    worker.settle();
    worker.kinesis.withoutConsumer(0);
    last().breakOff(KinesisFault.Kind.NOT_FOUND);
    worker.kinesis.put(SHARD, plain(2));
    worker.run(Duration.ofSeconds(5));
    assertThat(worker.kinesis.registrations).isEqualTo(1);
    assertThat(seen).containsExactly("data1", "data2");
  }

  @Test
  void silentSubscriptionIsReplaced() {
    worker.grant(SHARD, lease);
    worker.settle();
    worker.run(Duration.ofSeconds(34));
    last().heartbeat();
    worker.run(Duration.ofSeconds(34));
    assertThat(worker.kinesis.subscriptions).hasSize(1);
    worker.run(Duration.ofSeconds(5));
    assertThat(worker.kinesis.subscriptions).hasSize(2);
    assertThat(worker.kinesis.subscriptions.get(0).isRunning()).isFalse();
  }

  @Test
  void noEventIsRequestedWhileTheBudgetIsUsedUp() {
    worker.settings = worker.settings.toBuilder().bufferBytes(1 << 20).build();
    worker.kinesis.put(
        SHARD, IntStream.range(0, 60).mapToObj(n -> TestRecords.plainOf(n, 60_000)).toList());
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settleLoop();
    assertThat(last().wanted()).isZero();
    assertThat(worker.heldBytes()).isLessThanOrEqualTo((1 << 20) + 120_000);
    assertThat(consumer.status(worker.time.now()).stall()).isNotEmpty();
    worker.run(Duration.ofSeconds(1));
    assertThat(seen).hasSize(60);
  }

  @Test
  void closedShardEndsWithItsChildren() {
    worker.kinesis.put(SHARD, plain(1), plain(2), plain(3));
    worker.kinesis.close(SHARD, new ChildShard(new ShardId("c"), Set.of(SHARD), HashRange.FULL));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    assertThat(seen).hasSize(3);
    assertThat(lease.children).hasSize(1);
    assertThat(lease.ended).isTrue();
    assertThat(consumer.state()).isEqualTo(ShardState.SHARD_ENDED);
  }

  @Test
  void fetchingIsSwitchedWhileItRunsWithoutGapOrDuplicate() {
    ShardId later = new ShardId("shardId-000000000001");
    worker.fetching = Fetching.polling();
    worker.kinesis.put(SHARD, plain(1), plain(2), plain(3));
    worker.grant(SHARD, lease);
    worker.settle();
    worker.kinesis.hold();
    worker.kinesis.put(SHARD, plain(4), plain(5));
    worker.run(Duration.ofSeconds(1));

    worker.switchTo(Fetching.fanOut("app"));
    worker.kinesis.letGo();
    worker.settle();
    int reads = worker.kinesis.reads.size();
    worker.kinesis.put(SHARD, plain(6), plain(7));
    worker.kinesis.put(later, TestRecords.plain(1, "k", "later"));
    worker.grant(later, new FakeOwnership());
    worker.run(Duration.ofSeconds(2));
    assertThat(seen)
        .containsExactly("data1", "data2", "data3", "data4", "data5", "data6", "data7", "later");
    assertThat(worker.kinesis.reads).as("polls after the switch").hasSize(reads);

    worker.switchTo(Fetching.polling());
    assertThat(worker.kinesis.subscriptions).noneMatch(FakeSubscription::isRunning);
    worker.kinesis.put(SHARD, plain(8));
    worker.run(Duration.ofSeconds(2));
    assertThat(seen).hasSize(9).endsWith("data8");
    assertThat(worker.heldBytes()).isZero();
  }

  @Test
  void drainCancelsTheSubscription() {
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    consumer.drain(worker.time.now());
    worker.settle();
    assertThat(last().isRunning()).isFalse();
    assertThat(worker.heldBytes()).isZero();
  }
}
