package io.millrace.consumer.internal.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.StartAt;
import io.millrace.consumer.StopReason;
import io.millrace.consumer.internal.coordinate.TestFleet.Node;
import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore.Preparation;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WriteId;
import io.millrace.model.HashRange;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class StartTest {
  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  private static String errorOf(TestFleet fleet, Node node) {
    fleet.runUntil(node.started::isDone, seconds(10));
    assertThat(node.started).isCompletedExceptionally();
    fleet.runUntil(node::isStopped, seconds(1));
    assertThat(node.worker.stopped().join().kind()).isEqualTo(StopReason.Kind.START_FAILED);
    return node.started.handle((done, failure) -> failure.getMessage()).join();
  }

  private static void create(TestFleet fleet, Lease lease) {
    fleet.tables.create(lease, new WriteId("test", 1)).toCompletableFuture().join();
  }

  @Test
  void unknownStreamIsOneErrorThatSaysWhatToCheck() {
    TestFleet fleet = new TestFleet(1, 1);
    fleet.streamName = "clics";

    assertThat(errorOf(fleet, fleet.start("a")))
        .contains("stream 'clics'")
        .contains("no such stream in this account and region");
    assertThat(fleet.workers()).isEmpty();
  }

  @Test
  void streamThatIsNotThereLeavesNoTable() {
    TestFleet fleet = new TestFleet(1, 14);
    fleet.streamName = "clics";

    errorOf(fleet, fleet.start("a"));

    assertThat(fleet.tables.prepare(new Preparation("another", seconds(1), true)))
        .as("a store that no application has used")
        .isCompleted();
  }

  @Test
  void memberAfterThreeRoundTripsAndTwoMoreWhereTheTablesAreMade() {
    TestFleet fleet = new TestFleet(4, 15);
    Node first = fleet.node("a");
    Node second = fleet.node("b");
    for (Node node : List.of(first, second)) {
      node.store.requestNanos = seconds(0.1).toNanos();
      node.store.replyNanos = seconds(0.1).toNanos();
    }

    // Tables looked for, and made; rows, workers and the KCL's signs read; mode; registration.
    assertThat(fleet.runUntil(first.start().started::isDone, seconds(10)))
        .isLessThan(seconds(0.2 * 5.5));
    // Tables looked for; rows, workers and signs; registration.
    assertThat(fleet.runUntil(second.start().started::isDone, seconds(10)))
        .isLessThan(seconds(0.2 * 3.5));
  }

  @Test
  void applicationOfAnotherStreamIsRefused() {
    TestFleet fleet = new TestFleet(1, 2);
    create(
        fleet,
        Lease.builder(LeaseKey.of("shardId-000000000000"), Sentinel.TRIM_HORIZON).stream(
                new StreamIdentity("arn:aws:kinesis:x:1:stream/orders", Instant.EPOCH))
            .build());

    assertThat(errorOf(fleet, fleet.start("a")))
        .contains("application 'app' is used for stream arn:aws:kinesis:x:1:stream/orders");
  }

  @Test
  void streamThatWasCreatedAnewIsRefused() {
    TestFleet fleet = new TestFleet(1, 3);
    Node first = fleet.start("a");
    fleet.run(seconds(2));
    first.kill();
    fleet.stream.recreate();

    assertThat(errorOf(fleet, fleet.start("b"))).contains("created anew");
  }

  @Test
  void streamThatIsCreatedAnewDuringTheWorkStopsTheWorker() {
    TestFleet fleet = new TestFleet(1, 4);
    Node a = fleet.start("a");
    fleet.run(seconds(2));
    fleet.stream.recreate();

    fleet.runUntil(a::isStopped, seconds(70));

    StopReason reason = a.worker.stopped().join();
    assertThat(reason.kind()).isEqualTo(StopReason.Kind.UNSAFE);
    assertThat(reason.message()).contains("created anew");
  }

  @Test
  void keysOfAnApplicationOfManyStreamsAreRefusedForOne() {
    TestFleet fleet = new TestFleet(1, 5);
    create(
        fleet,
        Lease.builder(
                new LeaseKey("123456789012:clicks:0", new ShardId("shardId-000000000000")),
                Sentinel.TRIM_HORIZON)
            .build());

    assertThat(errorOf(fleet, fleet.start("a"))).contains("has leases of many streams");
  }

  @Test
  void rowOfAKclWithoutItsTimestampIsReadFromTheOneThatTheBuilderNames() {
    TestFleet fleet = new TestFleet(1, 9);
    Instant start = Instant.parse("2026-01-01T00:00:00Z");
    fleet.startAt = StartAt.timestamp(start);
    create(
        fleet,
        Lease.builder(LeaseKey.of("shardId-000000000000"), Sentinel.AT_TIMESTAMP)
            .hashRange(HashRange.FULL)
            .build());

    Node a = fleet.start("a");
    fleet.runUntil(() -> !a.consumers.made.isEmpty(), seconds(5));

    assertThat(a.consumers.made.get(0).leased.startTimestamp()).contains(start);
  }

  @Test
  void newerProtocolIsRefused() {
    TestFleet fleet = new TestFleet(1, 6);
    fleet
        .tables
        .register(
            new WorkerRow(
                "future",
                "f1",
                1,
                1,
                WorkerRow.State.LIVE,
                WorkerRow.PROTOCOL_VERSION + 1,
                seconds(10),
                1,
                1,
                0,
                0,
                List.of()),
            null)
        .toCompletableFuture()
        .join();

    assertThat(errorOf(fleet, fleet.start("a"))).contains("upgrade this worker");
  }

  @Test
  void tableThatWasPutBackStopsTheWorker() {
    TestFleet fleet = new TestFleet(1, 7);
    Node a = fleet.start("a");
    fleet.run(seconds(5));
    Lease lease = fleet.leases().get(0);
    fleet.tables.delete(lease).toCompletableFuture().join();
    create(fleet, lease.toBuilder().counter(1).build());

    fleet.runUntil(a::isStopped, seconds(95));

    assertThat(a.worker.stopped().join().kind()).isEqualTo(StopReason.Kind.UNSAFE);
    assertThat(a.worker.stopped().join().message()).contains("put back to an earlier state");
  }

  @Test
  void manyPagesOfShardsAreReadInFull() {
    TestFleet fleet = new TestFleet(40, 8);
    fleet.stream.pageSize(7);
    fleet.start("a");
    fleet.run(seconds(2));

    fleet.runUntilUpToDate(seconds(5));

    assertThat(fleet.leases()).hasSize(40);
  }

  @Test
  void latestMissesNothingThatIsPutAfterTheStartEvenIfTheFirstOwnerDiesAtOnce() {
    TestFleet fleet = new TestFleet(2, 9);
    fleet.startAt = StartAt.latest();
    fleet.run(seconds(60));
    long begun = fleet.now();
    Node a = fleet.start("a");
    fleet.runUntil(() -> fleet.ledger.deliveries > 0, seconds(3));
    a.kill();
    fleet.run(seconds(1));
    fleet.start("b");

    fleet.runUntilUpToDate(seconds(20));

    long before = (begun - Duration.ofHours(1).toNanos()) / FakeStream.RECORD_NANOS;
    long margin = seconds(3).toNanos() / FakeStream.RECORD_NANOS;
    for (Lease lease : fleet.leases()) {
      // From the start on and some seconds before, not from the trim horizon.
      assertThat(fleet.ledger.firstDelivered(lease.key().shard()))
          .isLessThanOrEqualTo(before + 1)
          .isGreaterThan(before - margin);
    }
  }

  @Test
  void closeBeforeTheStartHasEndedLeavesNothingBehind() {
    TestFleet fleet = new TestFleet(2, 10);
    Node a = fleet.node("a").start();
    fleet.run(Duration.ofMillis(2));
    a.worker.leave(seconds(5));

    fleet.runUntil(a::isStopped, seconds(1));

    assertThat(a.started).isCompletedExceptionally();
    assertThat(fleet.leases()).isEmpty();
  }
}
