package io.millrace.consumer.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.WorkerRow.State;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a former owner sent arrives too late: nothing of it is applied. */
class FormerHolderTest {
  private static final LeaseKey KEY = LeaseKey.of("shardId-000000000000");
  private static final StreamIdentity STREAM =
      new StreamIdentity("arn:aws:kinesis:us-east-1:123456789012:stream/clicks", Instant.EPOCH);
  private static final Owner OLD = new Owner("old", 7);
  private static final Owner NEW = new Owner("new", 9);

  private final InMemoryLeaseStore store = new InMemoryLeaseStore();
  private long writes;

  /** One write of a holder. */
  interface HolderWrite {
    CompletionStage<WriteOutcome<Lease>> send(LeaseStore store, Holding holding, WriteId id);
  }

  record Named(String name, HolderWrite write) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Named> writesOfAHolder() {
    Checkpoint at = Checkpoint.at(Position.of(SequenceNumber.of("5")));
    return Stream.of(
        new Named("checkpoint", (s, holding, id) -> s.checkpoint(holding, Progress.of(at), id)),
        new Named(
            "endShard",
            (s, holding, id) ->
                s.endShard(holding, Set.of(new ShardId("shardId-000000000001")), id)),
        new Named("transfer", (s, holding, id) -> s.transfer(holding, NEW, id)),
        new Named("cancelClaim", (s, holding, id) -> s.cancelClaim(holding, id)),
        new Named("release", (s, holding, id) -> s.release(holding, id)),
        new Named(
            "park", (s, holding, id) -> s.park(holding, new Parked("why", Instant.EPOCH, 1), id)),
        new Named("resume", (s, holding, id) -> s.resume(holding, id)),
        new Named("renew", (s, holding, id) -> s.renew(holding, 1, id)));
  }

  @ParameterizedTest
  @MethodSource("writesOfAHolder")
  void writeThatArrivesAfterATakeIsRefused(Named late) {
    Lease held = taken(created(), OLD);
    Lease row = taken(held, NEW);

    assertRefused(late.write().send(store, Holding.of(held, "old"), nextId()), row);
  }

  @ParameterizedTest
  @MethodSource("writesOfAHolder")
  void writeThatWasOvertakenByOnesOwnNextIsRefused(Named late) {
    Lease held = taken(created(), OLD);
    Lease row = applied(store.renew(Holding.of(held, "old"), 1, nextId()));

    assertRefused(late.write().send(store, Holding.of(held, "old"), nextId()), row);
  }

  @ParameterizedTest
  @MethodSource("writesOfAHolder")
  void claimerWritesNothingBeforeItHolds(Named early) {
    Lease held = taken(created(), OLD);
    Lease row = applied(store.claim(held, NEW, nextId()));

    assertRefused(early.write().send(store, Holding.of(row, "new"), nextId()), row);
  }

  @Test
  void takeByAnOlderReadingIsRefused() {
    Lease free = created();
    Lease held = taken(free, OLD);
    Lease moved = applied(store.renew(Holding.of(held, "old"), 1, nextId()));

    assertRefused(store.take(free, NEW, STREAM, nextId()), moved);
    assertRefused(store.take(held, NEW, STREAM, nextId()), moved);
  }

  @Test
  void markByAnOlderReadingIsRefused() {
    Lease held = taken(created(), OLD);
    Lease moved = applied(store.renew(Holding.of(held, "old"), 1, nextId()));

    assertRefused(store.mark(held, Parked.byOperator("why", Instant.EPOCH), nextId()), moved);
  }

  @Test
  void claimThatArrivesAfterItsCancellationIsRefused() {
    Lease held = taken(created(), OLD);
    Lease claimed = applied(store.claim(held, NEW, nextId()));
    Lease kept = applied(store.cancelClaim(Holding.of(claimed, "old"), nextId()));

    assertRefused(store.claim(held, NEW, nextId()), kept);
  }

  @Test
  void checkpointAfterTheEndIsRefused() {
    Lease held = taken(created(), OLD);
    Lease ended = applied(store.endShard(Holding.of(held, "old"), Set.of(), nextId()));
    Lease again = taken(ended, OLD);

    assertThat(again.isFinished()).isTrue();
    assertRefused(
        store.checkpoint(
            Holding.of(again, "old"),
            Progress.of(Checkpoint.at(Position.of(SequenceNumber.of("5")))),
            nextId()),
        again);
  }

  @Test
  void heartbeatOfAFencedWorkerIsRefused() {
    WorkerRow alive = registered(3);
    WorkerRow fenced = appliedRow(store.fence(alive));

    assertThat(store.heartbeat(beat(alive, 4)).toCompletableFuture().join().applied()).isEmpty();
    assertThat(store.readWorker("old").toCompletableFuture().join()).contains(fenced);
  }

  @Test
  void fenceByAnOlderHeartbeatIsRefused() {
    WorkerRow seen = registered(3);
    WorkerRow alive = appliedRow(store.heartbeat(beat(seen, 4)));

    assertThat(store.fence(seen).toCompletableFuture().join().applied()).isEmpty();
    assertThat(store.readWorker("old").toCompletableFuture().join()).contains(alive);
  }

  @Test
  void olderHeartbeatIsRefused() {
    WorkerRow seen = registered(3);
    WorkerRow newer = appliedRow(store.heartbeat(beat(seen, 5)));

    assertThat(store.heartbeat(beat(seen, 4)).toCompletableFuture().join().applied()).isEmpty();
    assertThat(store.readWorker("old").toCompletableFuture().join()).contains(newer);
  }

  private void assertRefused(CompletionStage<WriteOutcome<Lease>> write, Lease row) {
    assertThat(write.toCompletableFuture().join())
        .isEqualTo(new WriteOutcome.Conflict<>(Optional.of(row)));
    assertThat(store.readLease(KEY).toCompletableFuture().join()).contains(row);
  }

  private Lease created() {
    return applied(store.create(Lease.builder(KEY, Sentinel.TRIM_HORIZON).build(), nextId()));
  }

  private Lease taken(Lease observed, Owner by) {
    return applied(store.take(observed, by, STREAM, nextId()));
  }

  private WriteId nextId() {
    return new WriteId("test", ++writes);
  }

  private static Lease applied(CompletionStage<WriteOutcome<Lease>> write) {
    return write.toCompletableFuture().join().applied().orElseThrow();
  }

  private static WorkerRow appliedRow(CompletionStage<WriteOutcome<WorkerRow>> write) {
    return write.toCompletableFuture().join().applied().orElseThrow();
  }

  private WorkerRow registered(long heartbeat) {
    WorkerRow row =
        new WorkerRow(
            "old",
            "incarnation",
            OLD.epoch(),
            heartbeat,
            State.LIVE,
            WorkerRow.PROTOCOL_VERSION,
            Duration.ofSeconds(10),
            100,
            0,
            0,
            0,
            List.of());
    return appliedRow(store.register(row, null));
  }

  private static WorkerRow beat(WorkerRow row, long heartbeat) {
    return new WorkerRow(
        row.worker(),
        row.incarnation(),
        row.epoch(),
        heartbeat,
        State.LIVE,
        row.protocolVersion(),
        row.failoverTime(),
        row.maxLeases(),
        row.modeVersion(),
        row.leaseCount(),
        row.throughputKBps(),
        row.notices());
  }
}
