package io.millrace.consumer.internal.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.ConsumerSettings.Heartbeats;
import io.millrace.consumer.StopReason;
import io.millrace.consumer.internal.coordinate.TestFleet.Node;
import io.millrace.consumer.lease.Lease;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A lease table without rows, and one that only seems so. */
class EmptyTableTest {
  private static Node working(TestFleet fleet) {
    // Per lease, the table is listed each second.
    fleet.settings = ConsumerSettings.builder().heartbeats(Heartbeats.PER_LEASE).build();
    Node node = fleet.start("a");
    fleet.run(Duration.ofSeconds(3));
    assertThat(node.held()).isEqualTo(2);
    return node;
  }

  @Test
  void oldListingThatShowsNoRowsStopsNobody() {
    TestFleet fleet = new TestFleet(2, 1);
    Node node = working(fleet);
    node.store.listsNothing = true;

    fleet.run(Duration.ofSeconds(10));

    assertThat(node.isStopped()).isFalse();
    assertThat(node.consumers.lostLeases).isZero();
    fleet.runUntilUpToDate(Duration.ofSeconds(1));
  }

  @Test
  void tableThatWasEmptiedStopsWhoeverHoldsItsLeases() {
    TestFleet fleet = new TestFleet(2, 1);
    Node node = working(fleet);
    for (Lease lease : fleet.leases()) {
      assertThat(fleet.tables.delete(lease).toCompletableFuture().join().applied()).isPresent();
    }

    fleet.runUntil(node::isStopped, Duration.ofSeconds(5));

    assertThat(node.worker.stopped().join().kind()).isEqualTo(StopReason.Kind.UNSAFE);
  }
}
