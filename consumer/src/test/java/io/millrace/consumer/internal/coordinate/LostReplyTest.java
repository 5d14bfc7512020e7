package io.millrace.consumer.internal.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.internal.coordinate.FaultyStore.Kind;
import io.millrace.consumer.internal.coordinate.TestFleet.Node;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each write of the protocol, with each thing that can happen to its request and reply. */
class LostReplyTest {
  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  static Stream<Arguments> writesAndFaults() {
    return Stream.of(
            "create",
            "take",
            "claim",
            "checkpoint",
            "endShard",
            "transfer",
            "release",
            "register",
            "heartbeat",
            "fence",
            "changeMode",
            "listLeases",
            "readLease",
            "readFleet",
            "readWorker")
        .flatMap(method -> Stream.of(Kind.values()).map(kind -> Arguments.of(method, kind)));
  }

  @ParameterizedTest
  @MethodSource("writesAndFaults")
  void faultOfAWriteLosesNothingAndStopsNobodyForLong(String method, Kind kind) {
    TestFleet fleet = new TestFleet(4, 1);
    for (String id : List.of("a", "b", "c")) {
      Node node = fleet.node(id);
      boolean read = method.startsWith("read") || method.startsWith("list");
      if (!(read && kind == Kind.UNKNOWN_AFTER_EFFECT)) {
        // The fault strikes at the start, and again in the midst of everything.
        node.store.next(method, kind, 1);
        fleet.after(seconds(16).toNanos(), () -> node.store.next(method, kind, 2));
      }
      node.start();
    }
    fleet.runUntilBalanced(seconds(35));
    fleet.run(seconds(5));
    List<ShardId> children = fleet.stream.split(1);
    fleet.runUntil(
        () -> children.stream().allMatch(child -> fleet.ledger.highest(child) > 0), seconds(15));
    fleet.nodes.get("b").worker.leave(seconds(5));
    fleet.run(seconds(10));
    fleet.nodes.get("c").kill();
    fleet.run(seconds(25));

    fleet.runUntilUpToDate(seconds(10));
    assertThat(fleet.nodes.get("a").worker.stopped()).isNotDone();
    assertThat(fleet.nodes.get("b").isStopped()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("checkpointFaults")
  void lostReplyOfACheckpointDoesNotCostTheLease(Kind kind) {
    TestFleet fleet = new TestFleet(2, 2);
    Node a = fleet.start("a");
    fleet.runUntilUpToDate(seconds(3));
    a.store.next("checkpoint", kind, 5);

    fleet.run(seconds(30));

    assertThat(a.consumers.lostLeases).isZero();
    assertThat(a.consumers.made).hasSize(2);
    assertThat(fleet.ledger.duplicates).isZero();
    fleet.runUntilUpToDate(seconds(1));
  }

  static Stream<Kind> checkpointFaults() {
    return Stream.of(Kind.values());
  }
}
