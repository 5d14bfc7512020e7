package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.Holding;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.LeaseStore.Preparation;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.PendingCheckpoint;
import io.millrace.consumer.lease.Progress;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.consumer.lease.WriteId;
import io.millrace.consumer.lease.WriteOutcome;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import io.millrace.model.HashRange;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.kinesis.common.HashKeyRangeForLease;
import software.amazon.kinesis.leases.dynamodb.DynamoDBLeaseRefresher;
import software.amazon.kinesis.retrieval.kpl.ExtendedSequenceNumber;

/** Each write of one library beside each write of the other, on one row. */
class LeaseTableSharedWithKclTest {
  private static final LeaseKey KEY = LeaseKey.of(LeaseTable.SHARD);
  private static final Owner MINE = new Owner("millrace", Owner.NO_EPOCH);
  private static final String KCL = "kcl";
  private static final StreamIdentity STREAM = new StreamIdentity("arn", Instant.EPOCH);

  private static LeaseTable table;
  private static DynamoDBLeaseRefresher kcl;
  private static LeaseStore store;
  private static long writes;

  @BeforeAll
  static void makeTable() throws Exception {
    table = new LeaseTable();
    kcl = table.kcl();
    store = DynamoDbLeaseStore.create(table.client());
    await(store.prepare(new Preparation(LeaseTable.NAME, Duration.ofSeconds(90), false)));
  }

  @AfterAll
  static void dropTable() {
    store.close();
    table.close();
  }

  @BeforeEach
  void noRow() {
    table.deleteRow();
  }

  @Test
  void rowThatMillraceCreatesIsALeaseOfTheKcl() throws Exception {
    applied(
        store.create(
            Lease.builder(KEY, Sentinel.LATEST)
                .hashRange(HashRange.FULL)
                .parents(Set.of(new ShardId("p1"), new ShardId("p2")))
                .startTimestamp(Instant.ofEpochMilli(1))
                .stream(STREAM)
                .build(),
            id()));

    var seen = table.seenByKcl();
    assertThat(seen.leaseCounter()).isZero();
    assertThat(seen.leaseOwner()).isNull();
    assertThat(seen.checkpoint()).isEqualTo(ExtendedSequenceNumber.LATEST);
    assertThat(seen.parentShardIds()).containsExactlyInAnyOrder("p1", "p2");
    assertThat(seen.hashKeyRangeForLease().serializedEndingHashKey())
        .isEqualTo("340282366920938463463374607431768211455");
    assertThat(kcl.createLeaseIfNotExists(LeaseTable.fresh())).isFalse();
    assertThat(kcl.listLeases()).hasSize(1);
  }

  @Test
  void rowThatTheKclCreatesIsALeaseOfMillrace() throws Exception {
    var lease = LeaseTable.fresh();
    lease.hashKeyRange(new HashKeyRangeForLease(BigInteger.ZERO, BigInteger.TEN));
    lease.parentShardIds(Set.of("p1"));
    kcl.createLeaseIfNotExists(lease);

    Lease read = await(store.readLease(KEY)).orElseThrow();

    assertThat(read)
        .isEqualTo(
            Lease.builder(KEY, Sentinel.TRIM_HORIZON)
                .hashRange(HashRange.parse("0", "10"))
                .parents(Set.of(new ShardId("p1")))
                .build());
    assertThat(conflict(store.create(read, id()))).contains(read);
  }

  @Test
  void pendingStateThatTheKclCreatesAsANumberIsReadAsNone() throws Exception {
    var lease = LeaseTable.fresh();
    lease.pendingCheckpoint(new ExtendedSequenceNumber("5", 0L));
    lease.pendingCheckpointState(new byte[] {1});
    kcl.createLeaseIfNotExists(lease);

    assertThat(await(store.readLease(KEY)).orElseThrow().pending().orElseThrow().checkpoint())
        .isEqualTo(at("5", 0));
  }

  @Test
  void positionInsideAnAggregateIsKeptInBothDirections() throws Exception {
    Lease mine = heldByMillrace();
    PendingCheckpoint pending = new PendingCheckpoint(at("78", 3), new byte[] {4, 5});
    applied(
        store.checkpoint(
            Holding.of(mine, "millrace"), Progress.of(at("77", 12)).withPending(pending), id()));

    var seen = table.seenByKcl();
    assertThat(seen.checkpoint()).isEqualTo(new ExtendedSequenceNumber("77", 12L));
    assertThat(seen.pendingCheckpoint()).isEqualTo(new ExtendedSequenceNumber("78", 3L));
    assertThat(seen.pendingCheckpointState()).containsExactly(4, 5);

    seen.checkpoint(new ExtendedSequenceNumber("99", 7L));
    seen.pendingCheckpoint(null);
    seen.pendingCheckpointState(null);
    assertThat(kcl.updateLease(seen)).isTrue();
    Lease read = await(store.readLease(KEY)).orElseThrow();
    assertThat(read.checkpoint()).isEqualTo(at("99", 7));
    assertThat(read.pending()).isEmpty();
  }

  @Test
  void takeOfEitherFencesTheOther() throws Exception {
    Lease mine = heldByMillrace();
    var seen = table.seenByKcl();

    assertThat(kcl.takeLease(seen, KCL)).isTrue();
    Lease shown = conflict(checkpoint(mine)).orElseThrow();
    assertThat(shown.holder()).contains(KCL);

    applied(store.take(shown, MINE, STREAM, id()));
    assertThat(kcl.renewLease(seen)).isFalse();
    assertThat(kcl.updateLease(seen)).isFalse();
  }

  @Test
  void renewalOfEitherIsSeenAsAMovedCounterByTheOther() throws Exception {
    Lease mine = heldByMillrace();
    var before = table.seenByKcl();
    Lease renewed = applied(store.renew(Holding.of(mine, "millrace"), 12.5, id()));
    var after = table.seenByKcl();
    assertThat(after.leaseCounter()).isEqualTo(before.leaseCounter() + 1);
    assertThat(after.throughputKBps()).isEqualTo(12.5);

    assertThat(kcl.takeLease(after, KCL)).isTrue();
    var held = table.seenByKcl();
    held.throughputKBps(3.5);
    assertThat(kcl.renewLease(held)).isTrue();
    Lease read = await(store.readLease(KEY)).orElseThrow();
    assertThat(read.counter()).isEqualTo(renewed.counter() + 2);
    assertThat(read.throughputKBps()).hasValue(3.5);
  }

  @Test
  void takeOverOfARowThatTheKclMovedIsRefused() throws Exception {
    kcl.createLeaseIfNotExists(LeaseTable.fresh());
    Lease observed = await(store.readLease(KEY)).orElseThrow();
    kcl.takeLease(table.seenByKcl(), KCL);

    assertThat(conflict(store.take(observed, MINE, STREAM, id())).orElseThrow().owner())
        .contains(KCL);
  }

  @Test
  void leaseThatMillraceReleasesIsFreeForTheKcl() throws Exception {
    Lease mine = heldByMillrace();
    applied(store.release(Holding.of(mine, "millrace"), id()));

    var seen = table.seenByKcl();
    assertThat(seen.leaseOwner()).isNull();
    assertThat(kcl.assignLease(seen, KCL)).isTrue();
    assertThat(table.seenByKcl().leaseOwner()).isEqualTo(KCL);
  }

  @Test
  void leaseThatTheKclEvictsIsFreeForMillrace() throws Exception {
    heldByMillrace();
    assertThat(kcl.evictLease(table.seenByKcl())).isTrue();

    Lease free = await(store.readLease(KEY)).orElseThrow();
    assertThat(free.holder()).isEmpty();
    applied(store.take(free, MINE, STREAM, id()));
  }

  @Test
  void handoffThatAKclLeaderStartsIsFinishedByMillrace() throws Exception {
    Lease mine = heldByMillrace();
    assertThat(kcl.initiateGracefulLeaseHandoff(table.seenByKcl(), KCL)).isTrue();

    Lease renewed = applied(store.renew(Holding.of(mine, "millrace"), Double.NaN, id()));
    assertThat(renewed.isClaimed()).isTrue();
    assertThat(renewed.isHeldBy("millrace")).isTrue();
    Lease drained =
        applied(store.checkpoint(Holding.of(renewed, "millrace"), Progress.of(at("9", 1)), id()));
    applied(store.transfer(Holding.of(drained, "millrace"), new Owner(KCL, Owner.NO_EPOCH), id()));

    var seen = table.seenByKcl();
    assertThat(seen.leaseOwner()).isEqualTo(KCL);
    assertThat(seen.checkpointOwner()).isNull();
    assertThat(seen.checkpoint()).isEqualTo(new ExtendedSequenceNumber("9", 1L));
    assertThat(kcl.renewLease(seen)).isTrue();
  }

  @Test
  void handoffThatAKclLeaderForcesFencesMillrace() throws Exception {
    Lease mine = heldByMillrace();
    kcl.initiateGracefulLeaseHandoff(table.seenByKcl(), KCL);
    assertThat(kcl.assignLease(table.seenByKcl(), KCL)).isTrue();

    assertThat(conflict(checkpoint(mine)).orElseThrow().holder()).contains(KCL);
  }

  @Test
  void claimOfMillraceMakesAKclHandOver() throws Exception {
    kcl.createLeaseIfNotExists(LeaseTable.fresh());
    kcl.takeLease(table.seenByKcl(), KCL);
    var held = table.seenByKcl();
    applied(store.claim(await(store.readLease(KEY)).orElseThrow(), MINE, id()));

    assertThat(kcl.renewLease(held)).as("it goes on as checkpoint owner").isTrue();
    assertThat(held.shutdownRequested()).as("as at a handoff of its own leader").isTrue();
    var claimed = table.seenByKcl();
    assertThat(claimed.checkpointOwner()).isEqualTo(KCL);
    assertThat(claimed.leaseOwner()).isEqualTo("millrace");
    assertThat(kcl.assignLease(claimed, "millrace")).isTrue();

    Lease given = await(store.readLease(KEY)).orElseThrow();
    assertThat(given.isHeldBy("millrace")).isTrue();
    assertThat(given.isClaimed()).isFalse();
    applied(checkpoint(given));
  }

  @Test
  void shardEndOfMillraceIsTheKcls() throws Exception {
    Lease mine = heldByMillrace();
    applied(
        store.endShard(
            Holding.of(mine, "millrace"), Set.of(new ShardId("c1"), new ShardId("c2")), id()));

    var seen = table.seenByKcl();
    assertThat(seen.checkpoint()).isEqualTo(ExtendedSequenceNumber.SHARD_END);
    assertThat(seen.childShardIds()).containsExactlyInAnyOrder("c1", "c2");
    assertThat(seen.leaseOwner()).isNull();
  }

  @Test
  void otherRowsOfASingleTableKclAreLeftOutAndNeverWritten() {
    Map<String, AttributeValue> metrics =
        Map.of(
            "leaseKey", AttributeValue.fromS("worker-1"),
            "entityType", AttributeValue.fromS("WORKER_METRIC_STATS"),
            "lut", AttributeValue.fromN("1700000000"));
    table.client().putItem(b -> b.tableName(LeaseTable.NAME).item(metrics)).join();
    try {
      assertThat(await(store.listLeases(Consistency.STRONG, null)).leases()).isEmpty();
      assertThat(await(store.readLease(LeaseKey.of("worker-1")))).isEmpty();
      Lease imagined = Lease.builder(LeaseKey.of("worker-1"), Sentinel.LATEST).build();
      assertThat(await(store.take(imagined, MINE, STREAM, id())))
          .isInstanceOf(WriteOutcome.Refused.class);
      assertThat(await(store.delete(imagined))).isInstanceOf(WriteOutcome.Refused.class);
      assertThat(await(store.signOfKcl()).orElseThrow()).contains("WORKER_METRIC_STATS");
    } finally {
      Map<String, AttributeValue> key = Map.of("leaseKey", AttributeValue.fromS("worker-1"));
      assertThat(
              table
                  .client()
                  .deleteItem(b -> b.tableName(LeaseTable.NAME).key(key).returnValues("ALL_OLD"))
                  .join()
                  .attributes())
          .isEqualTo(metrics);
    }
  }

  private static Lease heldByMillrace() throws Exception {
    kcl.createLeaseIfNotExists(LeaseTable.fresh());
    return applied(store.take(await(store.readLease(KEY)).orElseThrow(), MINE, STREAM, id()));
  }

  private static CompletionStage<WriteOutcome<Lease>> checkpoint(Lease lease) {
    return store.checkpoint(
        Holding.of(lease, "millrace"), Progress.of(Checkpoint.at(position("100", 0))), id());
  }

  private static Checkpoint at(String sequenceNumber, long subSequenceNumber) {
    return Checkpoint.at(position(sequenceNumber, subSequenceNumber));
  }

  private static Position position(String sequenceNumber, long subSequenceNumber) {
    return new Position(SequenceNumber.of(sequenceNumber), subSequenceNumber);
  }

  private static WriteId id() {
    return new WriteId("interop", ++writes);
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static Lease applied(CompletionStage<WriteOutcome<Lease>> write) {
    WriteOutcome<Lease> outcome = await(write);
    assertThat(outcome).isInstanceOf(WriteOutcome.Applied.class);
    return outcome.applied().orElseThrow();
  }

  private static Optional<Lease> conflict(CompletionStage<WriteOutcome<Lease>> write) {
    WriteOutcome<Lease> outcome = await(write);
    assertThat(outcome).isInstanceOf(WriteOutcome.Conflict.class);
    return ((WriteOutcome.Conflict<Lease>) outcome).current();
  }
}
