package io.millrace.consumer.internal.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.Fetching;
import io.millrace.consumer.ShardStatus;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StopReason;
import io.millrace.consumer.internal.coordinate.TestFleet.Node;
import io.millrace.consumer.internal.coordinate.WorkerSettings.StreamToRead;
import io.millrace.consumer.lease.Lease;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Streams that come and go while a worker runs. */
class StreamsTest {
  private static final StreamToRead ORDERS =
      new StreamToRead("orders", StartAt.trimHorizon(), Fetching.polling());

  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  private static TestFleet ofManyStreams(long seed) {
    TestFleet fleet = new TestFleet(2, seed);
    fleet.manyStreams = true;
    return fleet;
  }

  private static void await(TestFleet fleet, CompletableFuture<?> done) {
    fleet.runUntil(done::isDone, seconds(10));
    assertThat(done).isCompleted();
  }

  private static String refusal(TestFleet fleet, CompletableFuture<?> done) {
    fleet.runUntil(done::isDone, seconds(10));
    assertThat(done).isCompletedExceptionally();
    return done.handle((value, failure) -> failure.getMessage()).join();
  }

  private static void runUntilUpToDate(TestFleet fleet, Ledger ledger, Duration limit) {
    fleet.runUntil(() -> ledger.isUpToDate(fleet.now(), seconds(0.5).toNanos()), limit);
  }

  @Test
  void streamThatIsAddedIsSharedByTheWorkersThatReadIt() {
    TestFleet fleet = ofManyStreams(1);
    Ledger orders = fleet.addStream("orders", 4);
    Node a = fleet.start("a");
    Node b = fleet.start("b");
    fleet.run(seconds(2));

    await(fleet, a.worker.addStream(ORDERS));
    await(fleet, b.worker.addStream(ORDERS));

    runUntilUpToDate(fleet, orders, seconds(5));
    fleet.runUntilBalanced(seconds(15));
    assertThat(fleet.leases()).hasSize(6).allMatch(lease -> lease.key().namesStream());
  }

  @Test
  void streamThatIsRemovedIsReleasedAndGoesOnElsewhereFromItsCheckpoint() {
    TestFleet fleet = ofManyStreams(2);
    Ledger orders = fleet.addStream("orders", 4);
    Node a = fleet.start("a");
    Node b = fleet.start("b");
    fleet.run(seconds(2));
    await(fleet, a.worker.addStream(ORDERS));
    await(fleet, b.worker.addStream(ORDERS));
    fleet.runUntilBalanced(seconds(15));

    await(fleet, a.worker.removeStream("orders"));

    assertThat(fleet.leases())
        .filteredOn(lease -> lease.key().stream().contains(":orders:"))
        .noneMatch(lease -> lease.isHeldBy("a"));
    runUntilUpToDate(fleet, orders, seconds(10));
    fleet.run(seconds(40));
    runUntilUpToDate(fleet, orders, seconds(2));
    assertThat(orders.duplicates).isZero();

    await(fleet, b.worker.removeStream(orders.stream().identity().arn()));
    long delivered = orders.deliveries;
    fleet.run(seconds(40));
    assertThat(orders.deliveries).isEqualTo(delivered);
    fleet.runUntilUpToDate(seconds(2));

    // Those that were meant for the other worker are taken when it has not.
    await(fleet, a.worker.addStream(ORDERS));
    runUntilUpToDate(fleet, orders, seconds(15));
    assertThat(orders.duplicates).isZero();
  }

  @Test
  void leaseThatIsMovedToAWorkerThatDoesNotReadItsStreamIsGivenBack() {
    TestFleet fleet = ofManyStreams(9);
    Ledger orders = fleet.addStream("orders", 2);
    Node a = fleet.start("a");
    fleet.start("b");
    fleet.run(seconds(2));
    await(fleet, a.worker.addStream(ORDERS));
    runUntilUpToDate(fleet, orders, seconds(5));
    Lease lease =
        fleet.leases().stream()
            .filter(row -> row.key().stream().contains(":orders:"))
            .findFirst()
            .orElseThrow();

    CompletableFuture<Void> moved =
        fleet.new Operator().ask(admin -> admin.move("orders", lease.key().shard(), "b"));
    fleet.runUntil(moved::isDone, Duration.ofMinutes(3));

    fleet.run(seconds(40));
    runUntilUpToDate(fleet, orders, seconds(2));
    assertThat(fleet.leases()).noneMatch(row -> row.isClaimed());
  }

  @Test
  void whoAwaitsTheRemovalOfAStreamSeesNoneOfItsShards() {
    TestFleet fleet = ofManyStreams(6);
    fleet.addStream("orders", 4);
    Node a = fleet.start("a");
    fleet.run(seconds(2));
    await(fleet, a.worker.addStream(ORDERS));
    fleet.runUntil(() -> a.worker.snapshot().shards().size() == 6, seconds(15));

    AtomicReference<List<ShardStatus>> seen = new AtomicReference<>();
    CompletableFuture<Void> removed = a.worker.removeStream("orders");
    var unused = removed.thenRun(() -> seen.set(a.worker.snapshot().shards()));
    await(fleet, removed);

    assertThat(seen.get()).hasSize(2).noneMatch(shard -> shard.stream().contains(":stream/orders"));
  }

  @Test
  void streamThatIsThereAlreadyOrThatThereIsNotIsRefused() {
    TestFleet fleet = ofManyStreams(3);
    Node a = fleet.start("a");
    fleet.run(seconds(2));

    assertThat(refusal(fleet, a.worker.addStream(ORDERS))).contains("stream 'orders'");
    assertThat(
            refusal(
                fleet,
                a.worker.addStream(
                    new StreamToRead(
                        fleet.stream.identity().arn(), StartAt.trimHorizon(), Fetching.polling()))))
        .contains("is read already");
    assertThat(refusal(fleet, a.worker.removeStream("orders"))).contains("is not read");
    fleet.runUntilUpToDate(seconds(2));
  }

  @Test
  void applicationOfASingleStreamCanNotChangeItsKeys() {
    TestFleet fleet = new TestFleet(2, 4);
    fleet.addStream("orders", 1);
    Node a = fleet.start("a");
    fleet.run(seconds(2));

    assertThat(refusal(fleet, a.worker.addStream(ORDERS))).contains("manyStreams()");

    fleet.manyStreams = true;
    Node b = fleet.start("b");
    assertThat(refusal(fleet, b.started)).contains("has leases of a single stream");
  }

  @Test
  void streamOfManyThatWasCreatedAnewIsDroppedAndTheOthersGoOn() {
    TestFleet fleet = ofManyStreams(5);
    Ledger orders = fleet.addStream("orders", 2);
    Node a = fleet.start("a");
    fleet.run(seconds(2));
    await(fleet, a.worker.addStream(ORDERS));
    runUntilUpToDate(fleet, orders, seconds(5));

    orders.stream().recreate();
    fleet.runUntil(
        () ->
            fleet.leases().stream()
                .noneMatch(
                    lease -> lease.key().stream().contains(":orders:") && lease.isHeldBy("a")),
        seconds(70));

    fleet.run(seconds(1));
    assertThat(a.worker.snapshot().problems()).anyMatch(line -> line.contains("created anew"));
    assertThat(a.isStopped()).isFalse();
    fleet.runUntilUpToDate(seconds(2));
    // Its new life is refused until the old leases are deleted.
    assertThat(refusal(fleet, a.worker.addStream(ORDERS))).contains("FleetAdmin.deleteLeases");
    assertThat(fleet.<Integer>operate(admin -> admin.deleteLeases("orders"))).isEqualTo(2);
    await(fleet, a.worker.addStream(ORDERS));
  }

  @Test
  void streamOfManyThatWasCreatedAnewIsRefusedAtTheStart() {
    TestFleet fleet = ofManyStreams(6);
    Node a = fleet.start("a");
    fleet.run(seconds(2));
    a.kill();
    fleet.stream.recreate();

    Node b = fleet.start("b");

    assertThat(refusal(fleet, b.started)).contains("created anew");
    assertThat(b.worker.stopped().join().kind()).isEqualTo(StopReason.Kind.START_FAILED);
  }

  @Test
  void streamThatIsDeletedStopsNothing() {
    TestFleet fleet = ofManyStreams(7);
    Ledger orders = fleet.addStream("orders", 2);
    Node a = fleet.start("a");
    fleet.run(seconds(2));
    await(fleet, a.worker.addStream(ORDERS));
    fleet.run(seconds(2));
    orders.stream().exists = false;

    fleet.run(seconds(100));

    assertThat(a.isStopped()).isFalse();
    fleet.runUntilUpToDate(seconds(2));
  }

  @Test
  void streamOfAnotherAccountIsReadByItsArnAndNamedInItsKeys() {
    TestFleet fleet = ofManyStreams(8);
    fleet.stream.belongsTo("999999999999");
    fleet.streamName = fleet.stream.identity().arn();
    fleet.start("a");

    fleet.runUntilUpToDate(seconds(5));

    List<Lease> leases = fleet.leases();
    assertThat(leases).allMatch(lease -> lease.key().stream().startsWith("999999999999:clicks:"));
  }
}
