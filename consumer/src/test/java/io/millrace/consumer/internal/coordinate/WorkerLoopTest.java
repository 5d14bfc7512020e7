package io.millrace.consumer.internal.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.internal.coordinate.TestFleet.Node;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerLoopTest {
  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  @Test
  void firstRecordComesWithinThreeSecondsFromAnEmptyTable() {
    TestFleet fleet = new TestFleet(4, 1);
    fleet.start("a");

    Duration took = fleet.runUntil(() -> fleet.ledger.deliveries > 0, seconds(3));

    assertThat(took).isLessThan(seconds(1));
    fleet.runUntilUpToDate(seconds(2));
  }

  @Test
  void secondWorkerHasItsShareWithinThreeSeconds() {
    TestFleet fleet = new TestFleet(8, 1);
    Node a = fleet.start("a");
    fleet.runUntilUpToDate(seconds(3));
    fleet.ledger.resetGaps();
    Node b = fleet.start("b");

    fleet.runUntilBalanced(seconds(3));

    assertThat(a.held()).isEqualTo(4);
    assertThat(b.held()).isEqualTo(4);
    fleet.run(seconds(5));
    assertThat(fleet.ledger.greatestGapNanos(fleet.now())).isLessThan(seconds(1).toNanos());
    assertThat(fleet.ledger.duplicates).isZero();
  }

  @Test
  void childrenStartWithinASecondOfASplit() {
    TestFleet fleet = new TestFleet(2, 1);
    fleet.start("a");
    fleet.start("b");
    fleet.runUntilBalanced(seconds(5));
    List<ShardId> children = fleet.stream.split(0);

    Duration took =
        fleet.runUntil(
            () -> children.stream().allMatch(child -> fleet.ledger.highest(child) > 0), seconds(3));

    assertThat(took).isLessThan(seconds(1));
    assertThat(fleet.lease(new ShardId("shardId-000000000000")).isFinished()).isTrue();
  }

  @Test
  void mergedChildStartsWhenBothParentsAreDone() {
    TestFleet fleet = new TestFleet(4, 1);
    fleet.start("a");
    fleet.start("b");
    fleet.runUntilBalanced(seconds(5));
    ShardId child = fleet.stream.merge(1, 2);

    Duration took = fleet.runUntil(() -> fleet.ledger.highest(child) > 0, seconds(5));

    assertThat(took).isLessThan(seconds(1.5));
  }

  @Test
  void leavingWorkerLeavesNoGapOfASecond() {
    TestFleet fleet = new TestFleet(6, 1);
    fleet.start("a");
    fleet.start("b");
    Node c = fleet.start("c");
    fleet.runUntilBalanced(seconds(10));
    fleet.run(seconds(5));
    fleet.ledger.resetGaps();
    c.worker.leave(seconds(10));

    fleet.runUntil(c::isStopped, seconds(5));
    fleet.runUntilBalanced(seconds(5));
    fleet.run(seconds(5));

    assertThat(c.worker.releasedEverything()).isTrue();
    assertThat(fleet.ledger.greatestGapNanos(fleet.now())).isLessThan(seconds(1).toNanos());
    assertThat(fleet.ledger.duplicates).isZero();
  }

  @Test
  void deathOfAWorkerCostsTheFailoverTimeAndTwoSeconds() {
    TestFleet fleet = new TestFleet(6, 1);
    fleet.start("a");
    fleet.start("b");
    Node c = fleet.start("c");
    fleet.runUntilBalanced(seconds(10));
    fleet.run(seconds(20));
    fleet.ledger.resetGaps();
    c.kill();

    fleet.run(seconds(30));

    assertThat(fleet.ledger.greatestGapNanos(fleet.now())).isLessThan(seconds(12).toNanos());
    fleet.runUntilUpToDate(seconds(1));
  }
}
