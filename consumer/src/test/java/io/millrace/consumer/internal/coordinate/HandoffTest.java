package io.millrace.consumer.internal.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.ShardState;
import io.millrace.consumer.ShardStatus;
import io.millrace.consumer.StallReason;
import io.millrace.consumer.StopReason;
import io.millrace.consumer.internal.coordinate.TestFleet.Node;
import io.millrace.consumer.internal.shard.LeasedShard;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.LeaseStoreException.Reason;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WriteId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandoffTest {
  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  /** One worker holds everything, and another one begins. */
  private static TestFleet withNewcomer(long drainMillis) {
    TestFleet fleet = new TestFleet(4, 3);
    Node a = fleet.node("a");
    a.consumers.drainNanos = Duration.ofMillis(drainMillis).toNanos();
    a.start();
    fleet.runUntilUpToDate(seconds(3));
    fleet.run(seconds(3));
    fleet.start("b");
    return fleet;
  }

  private static boolean anyClaimed(TestFleet fleet) {
    return fleet.leases().stream().anyMatch(Lease::isClaimed);
  }

  @Test
  void holderWhoDiesWhileItDrainsIsFailedOver() {
    TestFleet fleet = withNewcomer(2_000);
    fleet.runUntil(() -> anyClaimed(fleet), seconds(3));
    fleet.nodes.get("a").kill();

    fleet.run(seconds(13));

    fleet.runUntilUpToDate(seconds(2));
    assertThat(fleet.nodes.get("b").held()).isEqualTo(4);
    assertThat(anyClaimed(fleet)).isFalse();
  }

  @Test
  void holderKeepsTheLeaseOfAClaimerWhoDies() {
    TestFleet fleet = withNewcomer(20_000);
    fleet.runUntil(() -> anyClaimed(fleet), seconds(3));
    fleet.nodes.get("b").kill();

    fleet.run(seconds(30));

    assertThat(anyClaimed(fleet)).isFalse();
    assertThat(fleet.nodes.get("a").held()).isEqualTo(4);
    fleet.runUntilUpToDate(seconds(25));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 5, 20, 30, 40, 45, 50, 60, 80, 100, 300, 500, 800})
  void deathOfEitherPartyAtAnyMomentOfAHandoffLosesNothing(long millis) {
    for (String victim : new String[] {"a", "b"}) {
      TestFleet fleet = withNewcomer(40);
      fleet.runUntil(() -> anyClaimed(fleet), seconds(3));
      fleet.run(Duration.ofMillis(millis));
      fleet.nodes.get(victim).kill();

      fleet.run(seconds(13));

      fleet.runUntilUpToDate(seconds(3));
      assertThat(anyClaimed(fleet)).isFalse();
    }
  }

  @Test
  void handoffThatTakesTooLongIsCancelledNotForced() {
    TestFleet fleet = new TestFleet(4, 4);
    fleet.settings = ConsumerSettings.builder().handoffTimeout(seconds(3)).build();
    Node a = fleet.node("a");
    a.consumers.drainNanos = seconds(8).toNanos();
    a.start();
    fleet.run(seconds(3));
    fleet.start("b");
    fleet.runUntil(() -> anyClaimed(fleet), seconds(3));

    fleet.runUntil(() -> !anyClaimed(fleet), seconds(5));

    assertThat(a.held()).isEqualTo(4);
    assertThat(a.consumers.lostLeases).isZero();
    fleet.run(seconds(60));
    assertThat(fleet.ledger.duplicates).isZero();
  }

  @Test
  void consumerThatGoesOnAfterACancelledHandoffHasAFencingTokenOfItsOwn() {
    TestFleet fleet = withNewcomer(2_000);
    fleet.runUntil(() -> anyClaimed(fleet), seconds(3));
    Node a = fleet.nodes.get("a");
    fleet.run(seconds(1));
    fleet.nodes.get("b").worker.leave(seconds(1));

    fleet.run(seconds(5));

    assertThat(a.held()).isEqualTo(4);
    List<LeasedShard> begun = a.consumers.made.stream().map(made -> made.leased).toList();
    assertThat(begun).hasSizeGreaterThan(4);
    for (LeasedShard next : begun.subList(4, begun.size())) {
      LeasedShard first =
          begun.stream().filter(b -> b.shard().equals(next.shard())).findFirst().orElseThrow();
      assertThat(next.fencingToken()).isGreaterThan(first.fencingToken());
    }
  }

  @Test
  void leaseThatIsDrainedAndCannotBeHandedOverInAnOutageSaysWhy() {
    TestFleet fleet = withNewcomer(500);
    Node a = fleet.nodes.get("a");
    LeaseStoreException throttled = new LeaseStoreException(Reason.THROTTLED, "too many requests");
    a.store.refuse("transfer", throttled);
    fleet.runUntil(() -> !draining(a).isEmpty(), seconds(3));
    // The consumer has stopped by then, with its last checkpoint made.
    fleet.run(seconds(1));
    fleet.nodes.values().forEach(node -> node.store.refuse("*", throttled));

    fleet.run(seconds(20));

    assertThat(draining(a))
        .isNotEmpty()
        .allSatisfy(
            shard -> {
              assertThat(shard.stall()).containsInstanceOf(StallReason.Fenced.class);
              assertThat(shard.stalledFor(seconds(8))).isTrue();
            });
  }

  private static List<ShardStatus> draining(Node node) {
    return node.worker.snapshot().shards().stream()
        .filter(shard -> shard.state() == ShardState.DRAINING)
        .toList();
  }

  @Test
  void leaverThatLosesALeaseWhileItCancelsAClaimStopsInOrder() {
    TestFleet fleet = new TestFleet(1, 6);
    Node a = fleet.start("a");
    fleet.runUntilUpToDate(seconds(3));
    Owner gone = new Owner("gone", 1);
    fleet.tables.fenceMissing(fenced(gone));
    fleet.run(seconds(2));
    LeaseStoreException throttled = new LeaseStoreException(Reason.THROTTLED, "too many requests");
    a.store.refuse("release", throttled);
    a.worker.leave(seconds(20));
    fleet.run(seconds(2));

    // The release finds a claim, whose claimer is gone; and then the lease is somebody else's.
    fleet.tables.claim(fleet.leases().get(0), gone, new WriteId("gone", 1));
    a.store.permit();
    a.store.refuse("cancelClaim", throttled);
    fleet.run(seconds(3));
    fleet.tables.take(
        fleet.leases().get(0), new Owner("c", 1), fleet.stream.identity(), new WriteId("c", 1));
    a.store.permit();
    fleet.runUntil(a::isStopped, seconds(20));

    assertThat(a.store.calls).contains("cancelClaim");
    assertThat(a.worker.stopped().join().kind()).isEqualTo(StopReason.Kind.CLOSED);
  }

  private static WorkerRow fenced(Owner owner) {
    return new WorkerRow(
        owner.worker(),
        "incarnation",
        owner.epoch(),
        0,
        WorkerRow.State.FENCED,
        WorkerRow.PROTOCOL_VERSION,
        seconds(10),
        0,
        0,
        0,
        0,
        List.of());
  }

  @Test
  void claimerThatLeavesGetsNothing() {
    TestFleet fleet = withNewcomer(3_000);
    fleet.runUntil(() -> anyClaimed(fleet), seconds(3));
    Node b = fleet.nodes.get("b");
    b.worker.leave(seconds(5));

    fleet.runUntil(b::isStopped, seconds(6));
    fleet.run(seconds(10));

    assertThat(fleet.nodes.get("a").held()).isEqualTo(4);
    assertThat(anyClaimed(fleet)).isFalse();
    fleet.runUntilUpToDate(seconds(5));
  }

  @Test
  void holderThatLeavesDuringAHandoffGivesToItsClaimer() {
    TestFleet fleet = withNewcomer(1_000);
    fleet.runUntil(() -> anyClaimed(fleet), seconds(3));
    Node a = fleet.nodes.get("a");
    a.worker.leave(seconds(10));

    fleet.runUntil(a::isStopped, seconds(6));
    fleet.run(seconds(3));

    assertThat(a.worker.releasedEverything()).isTrue();
    assertThat(fleet.nodes.get("b").held()).isEqualTo(4);
    assertThat(fleet.ledger.duplicates).isZero();
  }

  @Test
  void shardThatEndsDuringItsHandoffEndsOnce() {
    TestFleet fleet = withNewcomer(500);
    fleet.runUntil(() -> anyClaimed(fleet), seconds(3));
    int number = 0;
    for (Lease lease : fleet.leases()) {
      if (lease.isClaimed()) {
        number = Integer.parseInt(lease.key().shard().value().substring("shardId-".length()));
      }
    }
    fleet.stream.split(number);

    fleet.run(seconds(10));

    fleet.runUntilUpToDate(seconds(2));
    assertThat(anyClaimed(fleet)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6, 7, 8, 9, 10, 11, 12})
  void rollingDeployOfThreeLeavesNoGapOfAThirdOfASecond(long seed) {
    TestFleet fleet = new TestFleet(6, seed);
    for (String id : new String[] {"a", "b", "c"}) {
      fleet.start(id);
    }
    fleet.runUntilBalanced(seconds(10));
    fleet.run(seconds(5));
    fleet.ledger.resetGaps();
    for (String id : new String[] {"a", "b", "c"}) {
      fleet.nodes.get(id).worker.leave(seconds(10));
      fleet.run(seconds(4));
      fleet.start(id + "2");
      fleet.run(seconds(6));
    }

    fleet.runUntilBalanced(seconds(10));

    assertThat(fleet.ledger.greatestGapNanos(fleet.now())).isLessThan(seconds(0.34).toNanos());
    assertThat(fleet.ledger.duplicates).isZero();
  }

  @Test
  void lastWorkerLeavesWithoutWaitingForAnybody() {
    TestFleet fleet = new TestFleet(4, 9);
    Node a = fleet.start("a");
    fleet.run(seconds(3));

    a.worker.leave(seconds(10));

    assertThat(fleet.runUntil(a::isStopped, seconds(2))).isLessThan(seconds(0.4));
    assertThat(a.worker.releasedEverything()).isTrue();
  }

  @Test
  void leaverWithLittleTimeWaitsForNobody() {
    TestFleet fleet = new TestFleet(4, 10);
    Node a = fleet.start("a");
    fleet.start("b");
    fleet.runUntilBalanced(seconds(5));

    a.worker.leave(seconds(1));

    assertThat(fleet.runUntil(a::isStopped, seconds(2))).isLessThan(seconds(0.4));
    assertThat(a.worker.releasedEverything()).isTrue();
    assertThat(fleet.ledger.duplicates).isZero();
  }

  @Test
  void leaseThatEachPeerLeavesToTheOtherIsTakenOnceFailedOver() {
    TestFleet fleet = new TestFleet(5, 11);
    for (String id : new String[] {"a", "b", "c"}) {
      fleet.start(id);
    }
    fleet.runUntilBalanced(seconds(10));
    fleet.run(seconds(40));
    Node leaver =
        fleet.nodes.values().stream().filter(node -> node.held() == 1).findFirst().orElseThrow();
    // What a worker has measured itself is always ahead of what rows say of the others: so each of
    // the two takes itself for the busier one.
    for (Node node : fleet.nodes.values()) {
      node.consumers.growth = 1;
    }
    fleet.run(seconds(2));
    fleet.ledger.resetGaps();

    leaver.kill();
    fleet.run(seconds(20));

    assertThat(fleet.ledger.greatestGapNanos(fleet.now())).isLessThan(seconds(12).toNanos());
  }

  @Test
  void leaverNamesWhoGetsItsLeases() {
    TestFleet fleet = new TestFleet(6, 12);
    for (String id : new String[] {"a", "b", "c"}) {
      fleet.start(id);
    }
    fleet.runUntilBalanced(seconds(10));
    fleet.run(seconds(5));
    Node leaver = fleet.nodes.get("a");

    leaver.worker.leave(seconds(10));
    fleet.runUntil(leaver::isStopped, seconds(5));

    // Nobody has had the time to take a lease that nobody owns.
    assertThat(fleet.leases()).allMatch(lease -> lease.owner().isPresent());
    fleet.run(seconds(2));
    assertThat(fleet.nodes.get("b").held()).isEqualTo(3);
    assertThat(fleet.nodes.get("c").held()).isEqualTo(3);
    assertThat(fleet.ledger.duplicates).isZero();
  }

  @Test
  void leaverNamesNobodyWhoIsSilent() {
    TestFleet fleet = new TestFleet(6, 13);
    for (String id : new String[] {"a", "b", "c"}) {
      fleet.start(id);
    }
    fleet.runUntilBalanced(seconds(10));
    fleet.run(seconds(5));
    fleet.nodes.get("b").kill();
    fleet.run(seconds(6));
    Node leaver = fleet.nodes.get("a");

    leaver.worker.leave(seconds(10));
    fleet.runUntil(leaver::isStopped, seconds(5));
    fleet.run(seconds(1));

    assertThat(fleet.nodes.get("b").held()).isEqualTo(2);
    assertThat(fleet.nodes.get("c").held()).isEqualTo(4);
  }

  @Test
  void leaseThatIsLeftToAPeerWhoDiesIsFailedOver() {
    TestFleet fleet = new TestFleet(6, 14);
    for (String id : new String[] {"a", "b", "c"}) {
      fleet.start(id);
    }
    fleet.runUntilBalanced(seconds(10));
    fleet.run(seconds(5));
    Node leaver = fleet.nodes.get("a");
    leaver.worker.leave(seconds(10));
    fleet.runUntil(() -> leaver.held() == 0, seconds(5));
    fleet.nodes.get("b").kill();

    fleet.run(seconds(12));

    assertThat(fleet.nodes.get("c").held()).isEqualTo(6);
    fleet.runUntilUpToDate(seconds(2));
  }

  @Test
  void workersThatAllStartAtOnceShareEvenly() {
    TestFleet fleet = new TestFleet(64, 6);
    for (int i = 0; i < 16; i++) {
      fleet.start("w" + i);
    }

    fleet.runUntilBalanced(seconds(15));

    fleet.runUntilUpToDate(seconds(2));
    assertThat(fleet.ledger.duplicates).isZero();
  }
}
