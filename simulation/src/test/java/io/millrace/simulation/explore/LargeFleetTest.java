package io.millrace.simulation.explore;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.simulation.explore.LargeFleet.Step;
import org.junit.jupiter.api.Test;

/** A large fleet comes to rest in a few rounds of polls, and for a few calls for each lease. */
class LargeFleetTest {
  @Test
  void manyWorkersShareThousandsOfLeasesInAFewRounds() {
    int leases = 2_500;

    Step start = new LargeFleet(50, leases, line -> {}).start();

    assertThat(start.came()).as(start.toString()).isTrue();
    assertThat(start.polls()).as(start.toString()).isLessThanOrEqualTo(30);
    assertThat(start.cost().calls().get("take"))
        .as(start.toString())
        .isLessThanOrEqualTo(2L * leases);
  }

  @Test
  void idleFleetWhoseLoadsAreEvenListsTheTableForItsAuditsOnly() {
    LargeFleet fleet = new LargeFleet(20, 1_000, line -> {});
    assertThat(fleet.start().came()).isTrue();

    LargeFleet.Idle idle = fleet.idle();

    // An audit each 30 s, by one of them.
    assertThat(idle.cost().calls().get("listLeases")).as(idle.toString()).isLessThanOrEqualTo(6);
  }

  @Test
  void newcomersHaveTheirShareAndTheDeadAreReplacedInAFewRounds() {
    int leases = 1_000;
    LargeFleet fleet = new LargeFleet(20, leases, line -> {});
    assertThat(fleet.start().came()).isTrue();

    Step grown = fleet.grow();

    assertThat(grown.came()).as(grown.toString()).isTrue();
    assertThat(grown.polls()).as(grown.toString()).isLessThanOrEqualTo(10);
    assertThat(grown.moved()).as(grown.toString()).isLessThanOrEqualTo(leases / 10);

    Step shrunk = fleet.shrink();

    assertThat(shrunk.came()).as(shrunk.toString()).isTrue();
    // A failover time of 10 s, and what else it takes.
    assertThat(shrunk.polls()).as(shrunk.toString()).isLessThanOrEqualTo(30);
  }
}
