package io.millrace.consumer.internal.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.ConsumerSettings.Heartbeats;
import io.millrace.consumer.StopReason;
import io.millrace.consumer.internal.coordinate.TestFleet.Node;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseStoreException.Reason;
import io.millrace.consumer.lease.WorkerRow;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FailoverTest {
  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  /** A fleet of three with two leases each, at work for a while. */
  private static TestFleet atWork(long seed) {
    TestFleet fleet = new TestFleet(6, seed);
    fleet.start("a");
    fleet.start("b");
    fleet.start("c");
    fleet.runUntilBalanced(seconds(10));
    fleet.run(seconds(10));
    fleet.ledger.resetGaps();
    return fleet;
  }

  @Test
  void fleetOfWhichOneSurvivesIsTakenOverInTime() {
    TestFleet fleet = atWork(1);
    fleet.nodes.get("a").kill();
    fleet.nodes.get("b").kill();

    fleet.run(seconds(20));

    assertThat(fleet.ledger.greatestGapNanos(fleet.now())).isLessThan(seconds(12).toNanos());
    assertThat(fleet.nodes.get("c").held()).isEqualTo(6);
  }

  @Test
  void noLeaseOfADeadWorkerIsTakenBeforeItIsFenced() {
    TestFleet fleet = atWork(2);
    fleet.nodes.get("c").kill();

    for (int i = 0; i < 3_000; i++) {
      fleet.run(Duration.ofMillis(5));
      boolean fenced =
          fleet.workers().stream()
              .anyMatch(row -> row.worker().equals("c") && row.state() == WorkerRow.State.FENCED);
      long left = fleet.leases().stream().filter(lease -> lease.isHeldBy("c")).count();
      if (!fenced) {
        assertThat(left).isEqualTo(2);
      }
      if (left == 0) {
        return;
      }
    }
    throw new AssertionError("the dead worker's leases were never taken");
  }

  @Test
  void pausedWorkerFindsItselfFencedAndComesBackWithANewEpoch() {
    TestFleet fleet = atWork(3);
    Node c = fleet.nodes.get("c");
    long epoch = epochOf(fleet, "c");
    c.pause();
    fleet.run(seconds(30));
    assertThat(c.held()).isZero();

    c.resume();
    fleet.runUntilBalanced(seconds(20));

    assertThat(epochOf(fleet, "c")).isNotEqualTo(epoch);
    assertThat(c.held()).isEqualTo(2);
    fleet.runUntilUpToDate(seconds(2));
  }

  @ParameterizedTest
  @EnumSource(
      value = Heartbeats.class,
      names = {"PER_WORKER", "PER_LEASE"})
  void handlersThatTakeLongerThanTheFailoverTimeKeepTheirShards(Heartbeats heartbeats) {
    TestFleet fleet = new TestFleet(4, 17);
    fleet.settings = fleet.settings.toBuilder().heartbeats(heartbeats).build();
    Node a = fleet.start("a");
    fleet.start("b");
    fleet.runUntilBalanced(seconds(60));
    fleet.run(seconds(10));
    long duplicates = fleet.ledger.duplicates;

    a.consumers.handlersBusy = true;
    fleet.run(seconds(60));
    assertThat(a.held()).isEqualTo(2);
    a.consumers.handlersBusy = false;

    fleet.runUntilUpToDate(seconds(2));
    assertThat(a.consumers.lostLeases).isZero();
    assertThat(fleet.ledger.duplicates).isEqualTo(duplicates);
  }

  private static long epochOf(TestFleet fleet, String worker) {
    return fleet.workers().stream()
        .filter(row -> row.worker().equals(worker))
        .findFirst()
        .orElseThrow()
        .epoch();
  }

  @Test
  void workerWithoutTheStoreStopsDeliveringBeforeItsPeersStart() {
    TestFleet fleet = atWork(4);
    Node c = fleet.nodes.get("c");
    c.store.partitioned = true;

    // The ledger refuses a delivery that is older than a later owner's.
    fleet.run(seconds(30));
    assertThat(c.held()).isZero();
    c.store.partitioned = false;

    fleet.runUntilBalanced(seconds(30));
    fleet.runUntilUpToDate(seconds(2));
  }

  @Test
  void clocksThatDriftByOnePercentDoNotMakeTwoOwners() {
    for (long ppm : new long[] {-9_900, 9_900}) {
      TestFleet fleet = atWork(5);
      Node c = fleet.nodes.get("c");
      c.driftPpm(ppm);
      fleet.nodes.get("a").driftPpm(-ppm);
      fleet.nodes.get("b").driftPpm(-ppm);
      fleet.run(seconds(20));
      c.store.partitioned = true;

      fleet.run(seconds(30));

      assertThat(c.held()).isZero();
    }
  }

  @Test
  void suspendedMachineWhoseClockStoodStillDeliversNothingOnWakingUp() {
    TestFleet fleet = atWork(6);
    Node c = fleet.nodes.get("c");
    c.suspend(seconds(60));
    fleet.run(seconds(59));
    assertThat(c.held()).isZero();
    long lost = c.consumers.lostLeases;

    fleet.runUntilBalanced(seconds(30));

    assertThat(c.consumers.lostLeases).isGreaterThan((int) lost);
    fleet.runUntilUpToDate(seconds(2));
  }

  @Test
  void storeThatIsGoneForTenMinutesCostsNothingButTheTime() {
    TestFleet fleet = atWork(7);
    fleet.nodes.values().forEach(node -> node.store.partitioned = true);
    fleet.run(seconds(600));
    fleet.nodes.values().forEach(node -> node.store.partitioned = false);

    // A heartbeat on its way into nowhere, and a backoff, may come first: F / 5 each.
    fleet.runUntilUpToDate(seconds(6));
    assertThat(fleet.nodes.values()).allMatch(node -> node.held() == 2);
  }

  @Test
  void permissionThatIsWithdrawnForAWhileCostsNothingButTheTime() {
    TestFleet fleet = atWork(9);
    fleet.nodes.values().forEach(node -> node.store.refusal = Reason.ACCESS_DENIED);
    fleet.run(seconds(60));
    Node a = fleet.nodes.get("a");
    assertThat(a.isStopped()).isFalse();
    assertThat(a.worker.snapshot().problems().toString()).contains("refused: ACCESS_DENIED");
    fleet.nodes.values().forEach(node -> node.store.refusal = null);

    fleet.runUntilBalanced(seconds(60));
    fleet.runUntilUpToDate(seconds(3));
  }

  @Test
  void deletedTableStopsEveryWorkerAndSaysSo() {
    TestFleet fleet = atWork(10);
    fleet.nodes.values().forEach(node -> node.store.refusal = Reason.TABLE_MISSING);

    fleet.runUntil(() -> fleet.nodes.values().stream().allMatch(Node::isStopped), seconds(2));

    for (Node node : fleet.nodes.values()) {
      StopReason reason = node.worker.stopped().join();
      assertThat(reason.kind()).isEqualTo(StopReason.Kind.UNSAFE);
      assertThat(reason.message()).contains("was deleted while it was in use");
    }
  }

  @Test
  void fleetThatCrashedAsAWholeGoesOnFromItsCheckpoints() {
    TestFleet fleet = atWork(8);
    fleet.nodes.values().forEach(Node::kill);
    fleet.run(seconds(5));
    fleet.nodes.clear();
    fleet.start("d");
    fleet.start("e");

    fleet.runUntilBalanced(seconds(15));
    fleet.runUntilUpToDate(seconds(2));

    assertThat(fleet.leases()).allMatch(lease -> lease.holder().isPresent());
  }

  @Test
  void workerThatRestartsUnderItsIdAfterACrashWaitsForItsPredecessorsDeath() {
    TestFleet fleet = atWork(9);
    fleet.nodes.get("c").kill();
    fleet.run(seconds(1));
    Node again = fleet.start("c");
    fleet.run(seconds(5));
    assertThat(again.started).isNotDone();

    fleet.runUntil(again.started::isDone, seconds(8));
    fleet.runUntilBalanced(seconds(20));

    assertThat(again.started).isCompleted();
    fleet.runUntilUpToDate(seconds(2));
  }

  @Test
  void workerThatRestartsAfterACleanStopStartsAtOnce() {
    TestFleet fleet = atWork(10);
    Node c = fleet.nodes.get("c");
    c.worker.leave(seconds(5));
    fleet.runUntil(c::isStopped, seconds(5));

    Node again = fleet.start("c");

    assertThat(fleet.runUntil(again.started::isDone, seconds(3))).isLessThan(seconds(1));
  }

  @Test
  void secondWorkerWithALiveWorkersIdRefusesToStart() {
    TestFleet fleet = atWork(11);
    Node twin = fleet.start("c");

    fleet.runUntil(twin.started::isDone, seconds(8));

    assertThat(twin.started).isCompletedExceptionally();
    assertThat(twin.started.handle((done, failure) -> failure.getMessage()).join())
        .contains("worker id 'c'")
        .contains("in use");
  }

  @Test
  void rowOfAWorkerThatVanishedIsFencedByATombstone() {
    TestFleet fleet = atWork(12);
    Node c = fleet.nodes.get("c");
    c.kill();
    WorkerRow row =
        fleet.workers().stream().filter(w -> w.worker().equals("c")).findFirst().orElseThrow();
    fleet.tables.deleteWorker(row).toCompletableFuture().join();

    fleet.run(seconds(25));

    assertThat(c.held()).isZero();
    fleet.runUntilUpToDate(seconds(2));
  }

  @Test
  void liveWorkerWhoseRowVanishedStopsAndRegistersAnew() {
    TestFleet fleet = atWork(13);
    WorkerRow row =
        fleet.workers().stream().filter(w -> w.worker().equals("c")).findFirst().orElseThrow();
    fleet.tables.deleteWorker(row).toCompletableFuture().join();

    fleet.run(seconds(15));
    fleet.runUntilBalanced(seconds(30));

    assertThat(epochOf(fleet, "c")).isNotEqualTo(row.epoch());
    fleet.runUntilUpToDate(seconds(2));
  }

  @ParameterizedTest
  @ValueSource(ints = {-3_600, 3_600})
  void wallClockAnHourOffChangesNothing(int offset) {
    TestFleet fleet = new TestFleet(4, 14);
    Node a = fleet.node("a");
    a.wallOffset = Duration.ofSeconds(offset);
    a.start();
    fleet.start("b");

    fleet.runUntilBalanced(seconds(10));
    fleet.run(seconds(60));

    assertThat(fleet.ledger.greatestGapNanos(fleet.now())).isLessThan(seconds(2).toNanos());
    a.kill();
    fleet.run(seconds(15));
    fleet.runUntilUpToDate(seconds(2));
  }

  @Test
  void wallClockThatJumpsForwardCostsAHeartbeatIntervalAtMost() {
    TestFleet fleet = atWork(15);
    fleet.nodes.get("a").wallOffset = Duration.ofMinutes(10);

    fleet.run(seconds(20));

    assertThat(fleet.ledger.greatestGapNanos(fleet.now())).isLessThan(seconds(4).toNanos());
    assertThat(fleet.nodes.get("a").held()).isEqualTo(2);
  }

  @Test
  void leaseThatNamesALiveWorkerThatDoesNotRunItIsAdopted() {
    TestFleet fleet = atWork(16);
    Lease lease = fleet.leases().get(0);
    String other = lease.isHeldBy("a") ? "b" : "a";
    // As a take that lands long after its sender has given it up.
    fleet
        .tables
        .take(
            lease,
            new io.millrace.consumer.lease.Owner(other, epochOf(fleet, other)),
            fleet.stream.identity(),
            new io.millrace.consumer.lease.WriteId("late", 1))
        .toCompletableFuture()
        .join();

    fleet.run(seconds(100));

    fleet.runUntilUpToDate(seconds(2));
    fleet.runUntilBalanced(seconds(20));
  }
}
