package io.millrace.consumer.internal.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.LeaseStatus;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.internal.coordinate.TestFleet.Node;
import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.Holding;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.Progress;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WriteId;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator does to a fleet that is at work, stopped or dead. */
class AdministrationTest {
  private static final String CLICKS = "clicks";
  private static final ShardId SHARD = new ShardId("shardId-000000000000");

  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  /** A fleet of two with two leases each, at work for a while. */
  private static TestFleet atWork(long seed) {
    TestFleet fleet = new TestFleet(4, seed);
    fleet.start("a");
    fleet.start("b");
    fleet.runUntilBalanced(seconds(10));
    fleet.run(seconds(5));
    return fleet;
  }

  private static Node holder(TestFleet fleet, ShardId shard) {
    return fleet.nodes.get(fleet.lease(shard).holder().orElseThrow());
  }

  private static Position position(long record) {
    return Position.of(SequenceNumber.of("" + record));
  }

  private static long records(TestFleet fleet) {
    return fleet.stream.shards.get(SHARD).records(fleet.now());
  }

  // ---- looking

  @Test
  void listingTellsOwnerPositionLagAndReason() {
    TestFleet fleet = atWork(1);

    List<LeaseStatus> leases = fleet.operate(admin -> admin.leases());

    assertThat(leases).hasSize(4);
    for (LeaseStatus lease : leases) {
      assertThat(lease.stream()).isEqualTo(fleet.stream.identity().arn());
      assertThat(lease.owner()).isPresent();
      assertThat(lease.checkpoint()).isInstanceOf(Checkpoint.At.class);
      assertThat(lease.lag().orElseThrow()).isBetween(Duration.ZERO, seconds(2.5));
      assertThat(lease.reason()).isEmpty();
    }
  }

  @Test
  void listingSaysWhyALeaseStandsStill() {
    TestFleet fleet = atWork(2);
    fleet.operate(admin -> admin.pause(CLICKS, SHARD, "bad deploy"));
    fleet.nodes.get("a").kill();
    // From then on nothing is left to the one that died.
    fleet.run(seconds(6));
    fleet.nodes.get("b").worker.leave(seconds(5));
    fleet.run(seconds(15));

    List<LeaseStatus> leases = fleet.operate(admin -> admin.leases());

    assertThat(leases.get(0).reason()).contains("paused by an operator: bad deploy");
    assertThat(leases)
        .filteredOn(lease -> lease.owner().isEmpty() && lease.parked().isEmpty())
        .isNotEmpty()
        .allSatisfy(lease -> assertThat(lease.reason()).contains("not owned by any worker"));
  }

  @Test
  void streamOrShardThatThereIsNotIsNamed() {
    TestFleet fleet = atWork(3);

    assertThat(fleet.refusal(admin -> admin.resume("orders", SHARD)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no lease")
        .hasMessageContaining("'orders'");
    assertThat(fleet.refusal(admin -> admin.resume(CLICKS, new ShardId("shardId-7"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'shardId-7'");
  }

  // ---- pause and resume

  @Test
  void pausedShardIsProcessedByNobodyOnceThePauseIsDone() {
    TestFleet fleet = atWork(4);

    fleet.operate(admin -> admin.pause(CLICKS, SHARD, "why"));

    long delivered = fleet.ledger.highest(SHARD);
    assertThat(fleet.lease(SHARD).holder()).isEmpty();
    // What was delivered is checkpointed: nothing comes twice.
    assertThat(fleet.lease(SHARD).checkpoint()).isEqualTo(Checkpoint.at(position(delivered)));
    fleet.run(seconds(40));
    assertThat(fleet.ledger.highest(SHARD)).isEqualTo(delivered);
    assertThat(fleet.ledger.highest(new ShardId("shardId-000000000001")))
        .isGreaterThan(records(fleet) - 100);

    fleet.operate(admin -> admin.resume(CLICKS, SHARD));
    fleet.runUntilUpToDate(seconds(2));
    assertThat(fleet.ledger.duplicates).isZero();
  }

  @Test
  void pauseOutlivesTheWholeFleet() {
    TestFleet fleet = atWork(5);
    fleet.operate(admin -> admin.pause(CLICKS, SHARD, "why"));
    fleet.nodes.values().forEach(Node::kill);
    long delivered = fleet.ledger.highest(SHARD);
    fleet.start("c");

    fleet.run(seconds(40));

    assertThat(fleet.nodes.get("c").held()).isEqualTo(3);
    assertThat(fleet.ledger.highest(SHARD)).isEqualTo(delivered);
  }

  @Test
  void shardWhoseHandlerHangsIsNotForced() {
    TestFleet fleet = atWork(6);
    Node holder = holder(fleet, SHARD);
    holder.consumers.drainNanos = seconds(90).toNanos();

    assertThat(fleet.refusal(admin -> admin.pause(CLICKS, SHARD, "why")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("still held by '" + holder.id + "'");

    assertThat(fleet.lease(SHARD).isPaused()).isTrue();
    fleet.runUntil(() -> fleet.lease(SHARD).holder().isEmpty(), seconds(60));
  }

  @Test
  void pausedApplicationHasWorkersWithoutLeases() {
    TestFleet fleet = atWork(7);

    fleet.operate(admin -> admin.pauseApplication());

    assertThat(fleet.leases()).allMatch(lease -> lease.holder().isEmpty());
    long delivered = fleet.ledger.deliveries;
    Node newcomer = fleet.start("c");
    fleet.run(seconds(40));
    assertThat(newcomer.started).isCompleted();
    assertThat(fleet.ledger.deliveries).isEqualTo(delivered);
    assertThat(newcomer.worker.snapshot().problems())
        .contains("the application is paused by an operator");

    fleet.operate(admin -> admin.resumeApplication());
    fleet.runUntilUpToDate(seconds(3));
    fleet.runUntilBalanced(seconds(10));
    assertThat(fleet.ledger.duplicates).isZero();
  }

  @Test
  void deadWorkersShardIsPausedWhenItsDeathIsCertain() {
    TestFleet fleet = atWork(8);
    fleet.nodes.values().forEach(Node::kill);

    fleet.operate(admin -> admin.pause(CLICKS, SHARD, "why"));

    assertThat(fleet.lease(SHARD).holder()).isEmpty();
    assertThat(fleet.workers())
        .filteredOn(row -> fleet.nodes.containsKey(row.worker()))
        .allMatch(row -> row.state() == WorkerRow.State.FENCED);
  }

  @Test
  void parkedShardsAreResumedTogetherAndPausedOnesAreNot() {
    TestFleet fleet = atWork(9);
    fleet.operate(admin -> admin.pause(CLICKS, SHARD, "why"));
    ShardId parked = new ShardId("shardId-000000000001");
    Node holder = holder(fleet, parked);
    holder.consumers.made.stream()
        .filter(made -> made.leased.shard().equals(parked) && !made.state().isFinal())
        .findFirst()
        .orElseThrow()
        .ownership
        .parked("java.io.IOException", 3, holder.monotonic());
    fleet.runUntil(() -> fleet.lease(parked).parked().isPresent(), seconds(2));
    fleet.run(seconds(5));

    assertThat(fleet.<Integer>operate(admin -> admin.resumeParked())).isEqualTo(1);

    fleet.run(seconds(3));
    assertThat(fleet.lease(parked).parked()).isEmpty();
    assertThat(fleet.ledger.highest(parked)).isGreaterThan(records(fleet) - 60);
    assertThat(fleet.lease(SHARD).isPaused()).isTrue();
  }

  @Test
  void shardThatIsNeitherPausedNorParkedIsNotResumed() {
    TestFleet fleet = atWork(10);

    assertThat(fleet.refusal(admin -> admin.resume(CLICKS, SHARD)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("neither paused nor parked");
  }

  // ---- positions

  @Test
  void resetBackwardsDeliversAgainFromThere() {
    TestFleet fleet = atWork(11);
    long before = fleet.ledger.highest(SHARD);

    fleet.operate(admin -> admin.reset(CLICKS, SHARD, position(100)));

    fleet.runUntil(() -> fleet.ledger.highest(SHARD) > before + 50, seconds(5));
    assertThat(fleet.ledger.duplicates).isGreaterThanOrEqualTo(before - 100);
    assertThat(fleet.lease(SHARD).parked()).isEmpty();
  }

  @Test
  void skipToLatestLeavesOutWhatIsThere() {
    TestFleet fleet = atWork(12);
    fleet.operate(admin -> admin.pause(CLICKS, SHARD, "behind"));
    fleet.run(seconds(60));
    long there = records(fleet);
    FakeStream.Shard shard = fleet.stream.shards.get(SHARD);

    fleet.operate(admin -> admin.reset(CLICKS, SHARD, StartAt.latest()));

    Lease row = fleet.lease(SHARD);
    assertThat(row.checkpoint()).isEqualTo(Sentinel.LATEST);
    assertThat(row.startTimestamp()).isPresent();
    // It was paused before, and stays so.
    assertThat(row.isPaused()).isTrue();
    assertThat(row.startTimestamp().orElseThrow())
        .isBetween(
            fleet.stream.wallTime().minus(seconds(4)), fleet.stream.wallTime().minus(seconds(2)));
    long skipped = there;
    while (!shard.arrival(skipped).isBefore(row.startTimestamp().orElseThrow())) {
      skipped--;
    }
    assertThat(skipped).isGreaterThan(fleet.ledger.highest(SHARD) + 2_000);
    fleet.ledger.track(SHARD).highest = skipped;
    fleet.operate(admin -> admin.resume(CLICKS, SHARD));
    fleet.runUntilUpToDate(seconds(3));
  }

  @Test
  void positionOfADeadFleetsShardIsSetAndTheNextFleetStartsThere() {
    TestFleet fleet = atWork(13);
    fleet.nodes.values().forEach(Node::kill);

    fleet.operate(admin -> admin.reset(CLICKS, SHARD, StartAt.trimHorizon()));

    assertThat(fleet.lease(SHARD).checkpoint()).isEqualTo(Sentinel.TRIM_HORIZON);
    long before = fleet.ledger.duplicates;
    long delivered = fleet.ledger.highest(SHARD);
    fleet.start("c");
    fleet.run(seconds(15));
    assertThat(fleet.ledger.duplicates - before).isGreaterThanOrEqualTo(delivered);
    fleet.runUntilUpToDate(seconds(2));
  }

  @Test
  void resetToTheVeryCheckpointForgetsWhatIsAcknowledgedBeyondIt() {
    TestFleet fleet = atWork(26);
    fleet.nodes.values().forEach(Node::kill);
    Lease row = fleet.lease(SHARD);
    Progress ahead = Progress.of(row.checkpoint()).withAhead(new byte[] {1, 2, 3});
    fleet
        .tables
        .checkpoint(Holding.of(row, row.owner().orElseThrow()), ahead, new WriteId("dead", 1))
        .toCompletableFuture()
        .join();
    assertThat(fleet.lease(SHARD).ahead()).isNotEmpty();

    Position checkpoint = row.checkpoint().position().orElseThrow();
    fleet.operate(admin -> admin.reset(CLICKS, SHARD, checkpoint));

    assertThat(fleet.lease(SHARD).checkpoint()).isEqualTo(row.checkpoint());
    assertThat(fleet.lease(SHARD).ahead()).isEmpty();
  }

  @Test
  void endedShardIsNeitherResetNorPausedNorMoved() {
    TestFleet fleet = atWork(14);
    fleet.stream.split(0);
    fleet.runUntil(() -> fleet.lease(SHARD).isFinished(), seconds(5));

    for (Throwable refusal :
        List.of(
            fleet.refusal(admin -> admin.reset(CLICKS, SHARD, StartAt.trimHorizon())),
            fleet.refusal(admin -> admin.pause(CLICKS, SHARD, "why")),
            fleet.refusal(admin -> admin.move(CLICKS, SHARD, "a")))) {
      assertThat(refusal)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("processed to its end");
    }
  }

  @Test
  void operatorWhoDiesInAResetLeavesAPausedShardAndCanBeFollowed() {
    TestFleet fleet = atWork(15);
    TestFleet.Operator first = fleet.new Operator();
    CompletableFuture<Void> never =
        first.ask(admin -> admin.reset(CLICKS, SHARD, StartAt.trimHorizon()));
    fleet.runUntil(() -> fleet.lease(SHARD).isPaused(), seconds(2));
    first.gone = true;
    fleet.run(seconds(40));
    assertThat(never).isNotDone();
    assertThat(fleet.lease(SHARD).holder()).isEmpty();

    fleet.operate(admin -> admin.resume(CLICKS, SHARD));

    fleet.runUntilUpToDate(seconds(3));
  }

  // ---- moves

  @Test
  void leaseMovesToTheWorkerThatIsNamed() {
    TestFleet fleet = atWork(16);
    String to = holder(fleet, SHARD).id.equals("a") ? "b" : "a";

    fleet.operate(admin -> admin.move(CLICKS, SHARD, to));

    assertThat(fleet.lease(SHARD).holder()).contains(to);
    fleet.runUntilUpToDate(seconds(2));
    assertThat(fleet.ledger.duplicates).isZero();
  }

  @Test
  void moveToAWorkerThatThereIsNotNamesThoseThatThereAre() {
    TestFleet fleet = atWork(17);

    assertThat(fleet.refusal(admin -> admin.move(CLICKS, SHARD, "z")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("worker 'z' is not at work")
        .hasMessageContaining("'a', 'b'");
  }

  @Test
  void moveThatTakesTooLongIsCancelledAndSaysSo() {
    TestFleet fleet = new TestFleet(4, 18);
    fleet.settings = ConsumerSettings.builder().handoffTimeout(seconds(5)).build();
    fleet.start("a");
    fleet.start("b");
    fleet.runUntilBalanced(seconds(10));
    Node holder = holder(fleet, SHARD);
    holder.consumers.drainNanos = seconds(20).toNanos();
    String to = holder.id.equals("a") ? "b" : "a";

    assertThat(fleet.refusal(admin -> admin.move(CLICKS, SHARD, to)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("stays with '" + holder.id + "'");
  }

  @Test
  void pausedLeaseIsNotMoved() {
    TestFleet fleet = atWork(19);
    fleet.operate(admin -> admin.pause(CLICKS, SHARD, "why"));

    assertThat(fleet.refusal(admin -> admin.move(CLICKS, SHARD, "a")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is paused");
  }

  @Test
  void freeLeaseIsGivenToWhomTheOperatorNames() {
    TestFleet fleet = new TestFleet(2, 25);
    fleet.settings = ConsumerSettings.builder().maxLeases(1).build();
    fleet.start("a");
    fleet.run(seconds(10));
    ShardId free =
        fleet.leases().stream()
            .filter(lease -> lease.holder().isEmpty())
            .findFirst()
            .orElseThrow()
            .key()
            .shard();

    fleet.operate(admin -> admin.move(CLICKS, free, "a"));

    fleet.runUntilUpToDate(seconds(3));
    assertThat(fleet.nodes.get("a").held()).isEqualTo(2);
  }

  // ---- heartbeats

  @Test
  void heartbeatsAreSwitchedThereAndBackUnderWay() {
    TestFleet fleet = atWork(20);

    // A checkpoint counts as a renewal.
    fleet.nodes.values().forEach(node -> node.consumers.checkpoints = false);
    fleet.operate(admin -> admin.heartbeats(HeartbeatMode.PER_LEASE));
    fleet.ledger.resetGaps();
    fleet.run(seconds(20));
    long renewals = calls(fleet, "renew");
    fleet.operate(admin -> admin.heartbeats(HeartbeatMode.PER_WORKER));
    fleet.run(seconds(1));
    List<Long> counters = fleet.leases().stream().map(Lease::counter).toList();
    fleet.run(seconds(20));

    assertThat(renewals).isPositive();
    assertThat(fleet.leases().stream().map(Lease::counter).toList()).isEqualTo(counters);
    assertThat(fleet.ledger.greatestGapNanos(fleet.now())).isLessThan(seconds(1).toNanos());
    assertThat(fleet.ledger.duplicates).isZero();
  }

  private static long calls(TestFleet fleet, String method) {
    return fleet.nodes.values().stream()
        .flatMap(node -> node.store.calls.stream())
        .filter(method::equals)
        .count();
  }

  @Test
  void shardIsPausedAndResumedWithHeartbeatsPerLease() {
    TestFleet fleet = atWork(21);
    fleet.operate(admin -> admin.heartbeats(HeartbeatMode.PER_LEASE));

    fleet.operate(admin -> admin.pause(CLICKS, SHARD, "why"));
    assertThat(fleet.lease(SHARD).holder()).isEmpty();
    fleet.operate(admin -> admin.resume(CLICKS, SHARD));

    fleet.runUntilUpToDate(seconds(5));
  }

  // ---- deletion

  @Test
  void leasesOfALiveFleetAreNotDeleted() {
    TestFleet fleet = atWork(22);

    assertThat(fleet.refusal(admin -> admin.deleteApplication()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is alive");
    assertThat(fleet.refusal(admin -> admin.deleteLeases(CLICKS)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is alive");

    assertThat(fleet.leases()).hasSize(4);
    fleet.runUntilUpToDate(seconds(2));
  }

  @Test
  void leasesOfADeadFleetAreDeletedAndTheNextOneStartsAnew() {
    TestFleet fleet = atWork(23);
    fleet.nodes.get("a").kill();
    fleet.nodes.get("b").worker.leave(seconds(5));
    fleet.runUntil(fleet.nodes.get("b")::isStopped, seconds(5));

    assertThat(fleet.<Integer>operate(admin -> admin.deleteApplication())).isEqualTo(4);

    assertThat(fleet.leases()).isEmpty();
    assertThat(fleet.workers()).isEmpty();
    long before = fleet.ledger.duplicates;
    long delivered = fleet.ledger.highest(SHARD);
    // A table without rows starts its tokens anew: only a newer table's are larger.
    fleet.stream.shards.keySet().forEach(shard -> fleet.ledger.forgetToken(shard));
    fleet.start("c");
    fleet.runUntil(() -> fleet.ledger.duplicates - before >= 4 * delivered - 40, seconds(10));
  }

  @Test
  void leasesOfAStreamThatNobodyReadsAreDeleted() {
    TestFleet fleet = atWork(24);
    fleet.nodes.values().forEach(Node::kill);

    assertThat(fleet.<Integer>operate(admin -> admin.deleteLeases(fleet.stream.identity().arn())))
        .isEqualTo(4);

    assertThat(fleet.leases()).isEmpty();
  }

  @Test
  void deletionIsGivenUpWhenTheStoreThrottlesItAllTheTime() {
    TestFleet fleet = atWork(25);
    fleet.nodes.values().forEach(Node::kill);
    TestFleet.Operator operator = fleet.new Operator();
    operator.store.next("delete", FaultyStore.Kind.THROTTLE, 1_000);

    CompletableFuture<Integer> deleted = operator.ask(admin -> admin.deleteApplication());
    fleet.runUntil(deleted::isDone, Duration.ofMinutes(2));

    assertThat(deleted.handle((count, failure) -> failure).join())
        .isInstanceOf(LeaseStoreException.class)
        .hasMessageContaining("delete again");
    assertThat(fleet.leases()).hasSize(4);
  }

  // ---- a bad network

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void whatAnOperatorDoesOverABadNetworkIsDoneOnce(int seed) {
    TestFleet fleet = atWork(100 + seed);
    TestFleet.Operator operator = fleet.new Operator();
    operator.store.lossRate = 0.1;
    operator.store.throttleRate = 0.1;
    operator.store.slowRate = 0.05;
    operator.store.duplicateRate = 0.2;

    CompletableFuture<Void> set = operator.ask(admin -> admin.reset(CLICKS, SHARD, position(50)));
    fleet.runUntil(set::isDone, Duration.ofMinutes(5));

    if (set.isCompletedExceptionally()) {
      // It may end in the midst: the shard stays paused then, and repeating is safe.
      fleet.operate(admin -> admin.reset(CLICKS, SHARD, position(50)));
    }
    fleet.run(seconds(15));
    if (fleet.lease(SHARD).isPaused()) {
      fleet.operate(admin -> admin.resume(CLICKS, SHARD));
    }
    // Its notice may be lost: then the next listing of the table shows what it did.
    fleet.runUntilUpToDate(seconds(40));
    assertThat(fleet.ledger.duplicates).isGreaterThan(100);
  }
}
