package io.millrace.consumer.internal.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.ConsumerSettings.Heartbeats;
import io.millrace.consumer.internal.coordinate.TestFleet.Node;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.LeaseStoreException.Reason;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.WriteId;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A KCL that joins the table of a fleet with one heartbeat per worker. */
class KclHandTest {
  private static final String KCL = "kcl-worker";
  private static final ShardId SHARD = new ShardId("shardId-000000000000");

  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  private static TestFleet atWork(long seed) {
    TestFleet fleet = new TestFleet(4, seed);
    fleet.start("a");
    fleet.start("b");
    fleet.runUntilBalanced(seconds(10));
    fleet.run(seconds(5));
    return fleet;
  }

  private static HeartbeatMode heartbeats(TestFleet fleet) {
    return fleet.tables.readFleet().toCompletableFuture().join().mode().heartbeats();
  }

  /** As the KCL takes a lease: it moves the counter, and leaves what it does not know. */
  private static void kclTakes(TestFleet fleet) {
    Lease row = fleet.lease(SHARD);
    fleet
        .tables
        .take(
            row,
            new Owner(KCL, row.ownerEpoch()),
            fleet.stream.identity(),
            row.writeId().orElse(new WriteId("none", 1)))
        .toCompletableFuture()
        .join();
  }

  /** As the KCL heartbeats: each third of its failover time, while it lives. */
  private static void kclRenews(TestFleet fleet, boolean[] alive) {
    kclRenews(fleet, () -> alive[0], () -> true);
  }

  private static void kclRenews(TestFleet fleet, BooleanSupplier alive, BooleanSupplier reaches) {
    fleet.after(
        seconds(3.3).toNanos(),
        () -> {
          if (alive.getAsBoolean() && fleet.lease(SHARD).isHeldBy(KCL)) {
            if (reaches.getAsBoolean()) {
              kclTakes(fleet);
            }
            kclRenews(fleet, alive, reaches);
          }
        });
  }

  /** What does not answer for a while, to nobody. */
  enum Outage {
    STORE {
      @Override
      void begin(FaultyStore store) {
        store.partitioned = true;
      }
    },
    LEASE_TABLE {
      @Override
      void begin(FaultyStore store) {
        for (String method : new String[] {"listLeases", "readLease", "take", "renew"}) {
          store.refuse(method, new LeaseStoreException(Reason.THROTTLED, "too many requests"));
        }
      }
    };

    abstract void begin(FaultyStore store);

    static void end(FaultyStore store) {
      store.partitioned = false;
      store.permit();
    }
  }

  @ParameterizedTest
  @EnumSource(Outage.class)
  void outageOfTheStoreCostsAKclNoLease(Outage outage) {
    for (int seed = 0; seed < 20; seed++) {
      TestFleet fleet = atWork(100 + seed);
      boolean[] out = {false};
      kclTakes(fleet);
      kclRenews(fleet, () -> true, () -> !out[0]);
      fleet.runUntil(() -> heartbeats(fleet) == HeartbeatMode.PER_LEASE, seconds(35));
      fleet.run(seconds(10));

      out[0] = true;
      fleet.nodes.values().forEach(node -> outage.begin(node.store));
      fleet.run(seconds(4 + 2.3 * seed));
      out[0] = false;
      fleet.nodes.values().forEach(node -> Outage.end(node.store));
      fleet.run(seconds(30));

      assertThat(fleet.lease(SHARD).holder()).as("seed %s", seed).contains(KCL);
    }
  }

  @ParameterizedTest
  @EnumSource(Outage.class)
  void deadKclIsTakenOverFromAlsoByThoseWhoseReadingsFailAgainAndAgain(Outage outage) {
    TestFleet fleet = atWork(9);
    boolean[] alive = {true};
    kclTakes(fleet);
    kclRenews(fleet, alive);
    fleet.runUntil(() -> heartbeats(fleet) == HeartbeatMode.PER_LEASE, seconds(35));
    fleet.run(seconds(10));
    alive[0] = false;

    for (int i = 0; i < 5; i++) {
      fleet.nodes.values().forEach(node -> outage.begin(node.store));
      fleet.run(seconds(4));
      fleet.nodes.values().forEach(node -> Outage.end(node.store));
      fleet.run(seconds(4));
    }

    assertThat(fleet.lease(SHARD).holder()).isPresent().get().isNotEqualTo(KCL);
  }

  @Test
  void ownerWhoIsNoWorkerOfOursBringsHeartbeatsPerLeaseAbout() {
    TestFleet fleet = atWork(1);
    boolean[] alive = {true};
    kclTakes(fleet);
    kclRenews(fleet, alive);

    fleet.runUntil(() -> heartbeats(fleet) == HeartbeatMode.PER_LEASE, seconds(35));
    fleet.run(seconds(60));

    // It lives, and keeps what it has: nobody fences it, nobody fights it.
    assertThat(fleet.lease(SHARD).holder()).contains(KCL);
    assertThat(fleet.workers()).noneMatch(row -> row.worker().equals(KCL));
    alive[0] = false;
    fleet.runUntil(() -> !fleet.lease(SHARD).isHeldBy(KCL), seconds(20));
    fleet.runUntilUpToDate(seconds(3));
  }

  @Test
  void unownedLeaseThatAKclTakesIsNoticedToo() {
    TestFleet fleet = atWork(2);
    fleet.operate(admin -> admin.pause("clicks", SHARD, "so that it is free"));
    kclTakes(fleet);

    fleet.runUntil(() -> heartbeats(fleet) == HeartbeatMode.PER_LEASE, seconds(35));
  }

  @Test
  void signInTheTableIsSeenWithinTwentySeconds() {
    TestFleet fleet = atWork(3);
    fleet.nodes.values().forEach(node -> node.store.signOfKcl = "the KCL's row 'Leader'");

    Duration took = fleet.runUntil(() -> heartbeats(fleet) == HeartbeatMode.PER_LEASE, seconds(40));

    assertThat(took).isLessThan(seconds(20));
    fleet.run(seconds(30));
    fleet.runUntilUpToDate(seconds(2));
    assertThat(fleet.ledger.duplicates).isZero();
  }

  @Test
  void signThatIsThereAtTheStartCountsAtOnce() {
    TestFleet fleet = atWork(4);
    Node c = fleet.node("c");
    c.store.signOfKcl = "the KCL's row 'Leader'";
    c.start();

    fleet.runUntil(() -> heartbeats(fleet) == HeartbeatMode.PER_LEASE, seconds(3));
  }

  @Test
  void operatorsChoiceStandsAndTheKclIsReported() {
    TestFleet fleet = atWork(5);
    fleet.operate(admin -> admin.heartbeats(HeartbeatMode.PER_WORKER));
    fleet.nodes.values().forEach(node -> node.store.signOfKcl = "the KCL's row 'Leader'");

    fleet.run(seconds(60));

    assertThat(heartbeats(fleet)).isEqualTo(HeartbeatMode.PER_WORKER);
    assertThat(fleet.nodes.values())
        .anySatisfy(
            node ->
                assertThat(node.worker.snapshot().problems())
                    .anyMatch(problem -> problem.contains("a KCL works on the lease table")));
  }

  @Test
  void kclThatHasLeftIsNoProblemOfAFleetThatIsSetBack() {
    TestFleet fleet = atWork(8);
    fleet.nodes.values().forEach(node -> node.store.signOfKcl = "the KCL's row 'Leader'");
    fleet.runUntil(() -> heartbeats(fleet) == HeartbeatMode.PER_LEASE, seconds(40));
    fleet.run(seconds(5));

    fleet.nodes.values().forEach(node -> node.store.signOfKcl = null);
    fleet.operate(admin -> admin.heartbeats(HeartbeatMode.PER_WORKER));
    fleet.run(seconds(60));

    assertThat(heartbeats(fleet)).isEqualTo(HeartbeatMode.PER_WORKER);
    assertThat(fleet.nodes.values())
        .allSatisfy(
            node ->
                assertThat(node.worker.snapshot().problems())
                    .noneMatch(problem -> problem.contains("a KCL works")));
  }

  @Test
  void settingOfOneKindOfHeartbeatIsKeptAndTheKclIsReported() {
    TestFleet fleet = new TestFleet(2, 6);
    fleet.settings = ConsumerSettings.builder().heartbeats(Heartbeats.PER_WORKER).build();
    Node a = fleet.node("a");
    a.store.signOfKcl = "the KCL's row 'Leader'";
    a.start();

    fleet.run(seconds(40));

    assertThat(heartbeats(fleet)).isEqualTo(HeartbeatMode.PER_WORKER);
    assertThat(a.worker.snapshot().problems())
        .anyMatch(problem -> problem.contains("a KCL works on the lease table"));
  }

  @Test
  void modeOfAKclThatIsNotKnownIsRefusedAtTheStart() {
    TestFleet fleet = new TestFleet(2, 7);
    Node a = fleet.node("a");
    a.store.refuse(
        "signOfKcl",
        new LeaseStoreException(
            LeaseStoreException.Reason.UNKNOWN_KCL_MODE, "works in the mode 'CLIENT_VERSION_9X'"));
    a.start();

    fleet.runUntil(a.started::isDone, seconds(10));

    assertThat(a.started.handle((done, failure) -> failure.getMessage()).join())
        .contains("CLIENT_VERSION_9X");
    assertThat(fleet.leases()).isEmpty();
  }
}
