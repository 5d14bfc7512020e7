package io.millrace.consumer.internal.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.StopReason;
import io.millrace.consumer.internal.coordinate.TestFleet.Node;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.LeaseStoreException.Reason;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.WriteId;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What happens when the store or a worker misbehaves for a while, and when the stream is resharded
 * meanwhile. The ledger refuses what must never happen: a record skipped, two owners, a child
 * before its parents.
 */
class FaultsTest {
  private static LeaseStoreException denied() {
    return new LeaseStoreException(Reason.ACCESS_DENIED, "dynamodb:UpdateItem is not permitted");
  }

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
    fleet.run(seconds(5));
    return fleet;
  }

  private static void each(TestFleet fleet, Consumer<FaultyStore> change) {
    fleet.nodes.values().forEach(node -> change.accept(node.store));
  }

  /** What goes wrong for a while. */
  enum Fault {
    THROTTLED {
      @Override
      void begin(TestFleet fleet) {
        each(fleet, store -> store.throttleRate = 0.8);
      }

      @Override
      void end(TestFleet fleet) {
        each(fleet, store -> store.throttleRate = 0);
      }
    },
    SLOW {
      @Override
      void begin(TestFleet fleet) {
        each(fleet, store -> store.slowRate = 0.5);
      }

      @Override
      void end(TestFleet fleet) {
        each(fleet, store -> store.slowRate = 0);
      }
    },
    GONE {
      @Override
      void begin(TestFleet fleet) {
        each(fleet, store -> store.partitioned = true);
      }

      @Override
      void end(TestFleet fleet) {
        each(fleet, store -> store.partitioned = false);
      }
    },
    PERMISSION_WITHDRAWN_FROM_ONE {
      @Override
      void begin(TestFleet fleet) {
        fleet.nodes.get("a").store.refuse("*", denied());
      }

      @Override
      void end(TestFleet fleet) {
        each(fleet, FaultyStore::permit);
      }
    },
    PERMISSION_WITHDRAWN_FROM_ALL {
      @Override
      void begin(TestFleet fleet) {
        each(fleet, store -> store.refuse("*", denied()));
      }

      @Override
      void end(TestFleet fleet) {
        each(fleet, FaultyStore::permit);
      }
    },
    STALE_LISTINGS {
      @Override
      void begin(TestFleet fleet) {
        each(fleet, store -> store.staleListings = true);
      }

      @Override
      void end(TestFleet fleet) {
        each(fleet, store -> store.staleListings = false);
      }
    },
    SUSPENDED {
      @Override
      void begin(TestFleet fleet) {
        fleet.nodes.get("a").suspend(seconds(30));
      }

      @Override
      void end(TestFleet fleet) {}
    },
    CLOCK_AN_HOUR_OFF {
      @Override
      void begin(TestFleet fleet) {
        fleet.nodes.get("a").wallOffset = Duration.ofHours(-1);
        fleet.nodes.get("b").wallOffset = Duration.ofHours(1);
      }

      @Override
      void end(TestFleet fleet) {}
    },
    TWO_WITH_ONE_ID {
      @Override
      void begin(TestFleet fleet) {
        fleet.start("a");
      }

      @Override
      void end(TestFleet fleet) {}
    },
    CLAIMER_DIES {
      @Override
      void begin(TestFleet fleet) {
        fleet.nodes.values().forEach(node -> node.consumers.drainNanos = seconds(3).toNanos());
        Node claimer = fleet.start("d");
        fleet.runUntil(() -> isAnyClaimed(fleet), seconds(5));
        claimer.kill();
      }

      @Override
      void end(TestFleet fleet) {}
    },
    HOLDER_DIES_IN_A_HANDOFF {
      @Override
      void begin(TestFleet fleet) {
        fleet.nodes.values().forEach(node -> node.consumers.drainNanos = seconds(3).toNanos());
        fleet.start("d");
        fleet.runUntil(() -> isAnyClaimed(fleet), seconds(5));
        Lease claimed = fleet.leases().stream().filter(Lease::isClaimed).findFirst().orElseThrow();
        fleet.nodes.get(claimed.holder().orElseThrow()).kill();
      }

      @Override
      void end(TestFleet fleet) {}
    };

    abstract void begin(TestFleet fleet);

    abstract void end(TestFleet fleet);
  }

  private static boolean isAnyClaimed(TestFleet fleet) {
    return fleet.leases().stream().anyMatch(Lease::isClaimed);
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void faultAndAReshardInItsMidstLoseNothing(Fault fault) {
    TestFleet fleet = atWork(fault.name().hashCode());
    Collection<Node> before = List.copyOf(fleet.nodes.values());

    fault.begin(fleet);
    fleet.run(seconds(3));
    fleet.stream.split(0);
    fleet.run(seconds(4));
    fleet.stream.merge(1, 2);
    fleet.run(seconds(23));
    fault.end(fleet);

    fleet.run(seconds(30));
    fleet.runUntilUpToDate(seconds(30));
    assertThat(before).allMatch(node -> node.dead || !node.isStopped());
    assertThat(fleet.leases())
        .filteredOn(lease -> !lease.isFinished())
        .allMatch(lease -> lease.holder().isPresent());
  }

  /** Ways in which the store is of no use to anybody. */
  enum Outage {
    GONE,
    THROTTLED,
    DENIED;

    void begin(FaultyStore store) {
      switch (this) {
        case GONE -> store.partitioned = true;
        case THROTTLED -> store.throttleRate = 1;
        case DENIED -> store.refuse("*", denied());
      }
    }

    static void end(FaultyStore store) {
      store.partitioned = false;
      store.throttleRate = 0;
      store.permit();
    }
  }

  @ParameterizedTest
  @EnumSource(Outage.class)
  void outageOfTheStoreCostsNobodyItsLeases(Outage outage) {
    for (int seed = 0; seed < 20; seed++) {
      TestFleet fleet = atWork(100 + seed);
      List<Owner> before = owners(fleet);

      each(fleet, outage::begin);
      fleet.run(seconds(4 + 2.3 * seed));
      each(fleet, Outage::end);
      fleet.run(seconds(30));

      assertThat(owners(fleet)).as("seed %s", seed).isEqualTo(before);
      fleet.runUntilUpToDate(seconds(2));
    }
  }

  @Test
  void workerThatDiesInAnOutageIsFailedOverWithinTheFailoverTimeAfterIt() {
    TestFleet fleet = atWork(22);
    each(fleet, Outage.GONE::begin);
    fleet.run(seconds(5));
    fleet.nodes.get("a").kill();
    fleet.run(seconds(20));
    each(fleet, Outage::end);

    fleet.run(seconds(12));

    assertThat(fleet.nodes.get("a").held()).isZero();
    fleet.runUntilUpToDate(seconds(2));
  }

  @Test
  void deadWorkerIsFailedOverAlsoByPeersWhosePollsFailForLongTimesAgainAndAgain() {
    TestFleet fleet = atWork(23);
    fleet.nodes.get("a").kill();

    for (int i = 0; i < 6; i++) {
      each(fleet, Outage.GONE::begin);
      fleet.run(seconds(4));
      each(fleet, Outage::end);
      fleet.run(seconds(3));
    }

    assertThat(fleet.nodes.get("a").held()).isZero();
  }

  private static List<Owner> owners(TestFleet fleet) {
    return fleet.leases().stream().map(lease -> lease.holderPeriod().orElseThrow()).toList();
  }

  @Test
  void workerWhosePermissionIsWithdrawnIsFailedOverAndComesBackWhenItIsGivenAgain() {
    TestFleet fleet = atWork(20);
    Node a = fleet.nodes.get("a");
    a.store.refuse("*", denied());

    fleet.run(seconds(20));

    assertThat(a.held()).isZero();
    assertThat(a.worker.snapshot().problems())
        .anyMatch(line -> line.contains("dynamodb:UpdateItem is not permitted"));
    fleet.runUntilUpToDate(seconds(2));
    // It has found out that it is fenced, and is refused its new registration for a while.
    a.store.permit();
    a.store.refuse("register", denied());
    fleet.run(seconds(10));
    assertThat(a.isStopped()).isFalse();
    a.store.permit();
    fleet.runUntilBalanced(seconds(30));
    assertThat(a.held()).isEqualTo(2);
  }

  @Test
  void tableThatIsPutBackToAnEarlierStateStopsEveryWorkerUntilAnOperatorStartsThemAgain() {
    TestFleet fleet = atWork(21);
    List<Lease> backup = fleet.leases();
    fleet.run(seconds(60));

    for (Lease old : backup) {
      fleet.tables.delete(fleet.lease(old.key().shard())).toCompletableFuture().join();
      fleet
          .tables
          .create(old, old.writeId().orElse(new WriteId("none", 1)))
          .toCompletableFuture()
          .join();
    }

    fleet.runUntil(() -> fleet.nodes.values().stream().allMatch(Node::isStopped), seconds(100));
    for (Node node : fleet.nodes.values()) {
      StopReason reason = node.worker.stopped().join();
      assertThat(reason.kind()).isEqualTo(StopReason.Kind.UNSAFE);
      assertThat(reason.message()).contains("put back to an earlier state");
    }
    // A restored table is a new one, whose tokens are larger; here it is not.
    fleet.stream.shards.keySet().forEach(shard -> fleet.ledger.forgetToken(shard));
    fleet.nodes.clear();
    fleet.start("d");
    fleet.run(seconds(15));
    fleet.runUntilUpToDate(seconds(5));
  }

  @Test
  void tableThatIsMadeAnewWithoutRowsStopsEveryWorkerAndIsNotFilledByAny() {
    TestFleet fleet = atWork(22);
    for (Lease lease : fleet.leases()) {
      fleet.tables.delete(lease).toCompletableFuture().join();
    }

    fleet.runUntil(() -> fleet.nodes.values().stream().allMatch(Node::isStopped), seconds(100));

    for (Node node : fleet.nodes.values()) {
      StopReason reason = node.worker.stopped().join();
      assertThat(reason.kind()).isEqualTo(StopReason.Kind.UNSAFE);
      assertThat(reason.message()).contains("was emptied while it was in use");
    }
    assertThat(fleet.leases()).isEmpty();
  }

  @Test
  void ofTwoThatStartWithOneIdAtOneMomentOneWorks() {
    TestFleet fleet = new TestFleet(2, 23);
    Node one = fleet.start("x");
    Node two = fleet.start("x");

    fleet.runUntil(() -> one.started.isDone() && two.started.isDone(), seconds(30));

    assertThat(one.started.isCompletedExceptionally() ^ two.started.isCompletedExceptionally())
        .isTrue();
    Node refused = one.started.isCompletedExceptionally() ? one : two;
    assertThat(refused.started.handle((done, failure) -> failure.getMessage()).join())
        .contains("worker id 'x'");
    fleet.runUntilUpToDate(seconds(15));
  }
}
