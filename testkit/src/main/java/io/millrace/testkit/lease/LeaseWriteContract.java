package io.millrace.testkit.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.Holding;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.Parked;
import io.millrace.consumer.lease.PendingCheckpoint;
import io.millrace.consumer.lease.Progress;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.consumer.lease.WriteId;
import io.millrace.model.ShardId;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The part of the contract that is about the writes of lease rows: each condition, each effect. */
abstract class LeaseWriteContract extends WorkerRowContract {
  private static final LeaseKey MISSING = LeaseKey.of("shardId-000000000099");
  private static final Set<ShardId> CHILDREN =
      Set.of(new ShardId("shardId-000000000001"), new ShardId("shardId-000000000002"));

  @Test
  void createIsRefusedWhereThereIsARow() {
    Lease row = unowned();

    assertSame(conflict(store().create(newLease(SHARD), nextId())).orElseThrow(), row);
    assertSame(read(SHARD), row);
  }

  @Test
  void takeOfAnUnownedLeaseOwnsItAndMovesTheCounter() {
    Lease row = unowned();
    WriteId id = nextId();

    Lease taken = applied(store().take(row, ALICE, STREAM, id));

    assertSame(
        taken,
        row.toBuilder()
            .owner("alice")
            .ownerEpoch(7)
            .counter(1)
            .ownerSwitchesSinceCheckpoint(1)
            .writeId(id)
            .build());
    assertSame(read(SHARD), taken);
  }

  @Test
  void takeIsRefusedWhenTheCounterMoved() {
    Lease observed = ownedBy(ALICE);
    Lease moved =
        applied(store().checkpoint(holding(observed, ALICE), Progress.of(at("5", 0)), nextId()));

    assertSame(conflict(store().take(observed, BOB, STREAM, nextId())).orElseThrow(), moved);
  }

  @Test
  void takeIsRefusedForAnotherOwnerEpochOrCheckpointOwner() {
    Lease row = ownedBy(ALICE);

    conflict(store().take(row.toBuilder().owner("carol").build(), BOB, STREAM, nextId()));
    conflict(store().take(row.toBuilder().owner(null).build(), BOB, STREAM, nextId()));
    conflict(store().take(row.toBuilder().ownerEpoch(6).build(), BOB, STREAM, nextId()));
    conflict(store().take(row.toBuilder().ownerEpoch(0).build(), BOB, STREAM, nextId()));
    conflict(store().take(row.toBuilder().checkpointOwner("bob").build(), BOB, STREAM, nextId()));
    assertSame(read(SHARD), row);
  }

  @Test
  void takeOfAMissingRowCreatesNothing() {
    assertThat(conflict(store().take(newLease(MISSING), BOB, STREAM, nextId()))).isEmpty();
    assertThat(await(store().readLease(MISSING))).isEmpty();
  }

  @Test
  void takeRepliesWithTheRowItWroteNotWithTheObservedOne() {
    Lease row = ownedBy(ALICE);
    Lease checkpointed =
        applied(store().checkpoint(holding(row, ALICE), Progress.of(at("77", 3)), nextId()));
    Lease misread = checkpointed.toBuilder().checkpoint(Sentinel.TRIM_HORIZON).build();

    Lease taken = applied(store().take(misread, BOB, STREAM, nextId()));

    assertThat(taken.checkpoint()).isEqualTo(at("77", 3));
    assertThat(taken.ownerSwitchesSinceCheckpoint()).isEqualTo(1);
  }

  @Test
  void takeByTheSameWorkerCountsNoOwnerSwitch() {
    Lease row = ownedBy(ALICE);

    Lease again = applied(store().take(row, new Owner("alice", 8), STREAM, nextId()));

    assertThat(again.ownerEpoch()).isEqualTo(8);
    assertThat(again.ownerSwitchesSinceCheckpoint()).isEqualTo(1);
  }

  @Test
  void takeNamesTheStreamOnlyWhereNoneIsNamed() {
    StreamIdentity other = new StreamIdentity("arn:other/s", Instant.ofEpochSecond(1));
    Lease nameless =
        applied(store().create(newLease(SHARD).toBuilder().stream(null).build(), nextId()));

    Lease named = applied(store().take(nameless, ALICE, STREAM, nextId()));
    Lease kept = applied(store().take(named, BOB, other, nextId()));

    assertThat(named.stream()).contains(STREAM);
    assertThat(kept.stream()).contains(STREAM);
  }

  @Test
  void takeWithoutAnEpochRemovesTheEpoch() {
    Lease taken =
        applied(store().take(ownedBy(ALICE), new Owner("bob", Owner.NO_EPOCH), STREAM, nextId()));

    assertThat(taken.ownerEpoch()).isEqualTo(Owner.NO_EPOCH);
    assertThat(read(SHARD).ownerEpoch()).isEqualTo(Owner.NO_EPOCH);
  }

  @Test
  void takeOfAClaimedLeaseEndsTheHandoff() {
    Lease taken =
        applied(store().take(claimed(ALICE, BOB), new Owner("carol", 1), STREAM, nextId()));

    assertThat(taken.owner()).contains("carol");
    assertThat(taken.ownerEpoch()).isEqualTo(1);
    assertThat(taken.isClaimed()).isFalse();
    assertThat(taken.claimEpoch()).isEqualTo(Owner.NO_EPOCH);
    assertThat(taken.claimId()).isEmpty();
  }

  @Test
  void claimNamesTheClaimerAndLeavesTheHolderItsCounterAndWriteId() {
    Lease row = ownedBy(ALICE);
    WriteId id = nextId();

    Lease claimed = applied(store().claim(row, BOB, id));

    assertSame(
        claimed,
        row.toBuilder().owner("bob").checkpointOwner("alice").claimEpoch(9).claimId(id).build());
    assertThat(claimed.holderPeriod()).contains(ALICE);
    assertThat(claimed.claimer()).contains(BOB);
  }

  @Test
  void claimIsRefusedWithoutAHolderOrOfAClaimedOrMovedLease() {
    Lease free = unowned();
    conflict(store().claim(free, BOB, nextId()));
    Lease row = applied(store().take(free, ALICE, STREAM, nextId()));
    conflict(store().claim(row.toBuilder().counter(row.counter() - 1).build(), BOB, nextId()));
    conflict(store().claim(row.toBuilder().ownerEpoch(3).build(), BOB, nextId()));
    conflict(store().claim(row.toBuilder().owner("carol").build(), BOB, nextId()));
    Lease claimed = applied(store().claim(row, BOB, nextId()));

    conflict(store().claim(row, new Owner("carol", 1), nextId()));
    conflict(store().claim(claimed, new Owner("carol", 1), nextId()));
    assertThat(conflict(store().claim(newLease(MISSING), BOB, nextId()))).isEmpty();
  }

  @Test
  void holderOfAClaimedLeaseStillCheckpoints() {
    Lease row = claimed(ALICE, BOB);

    Lease next =
        applied(store().checkpoint(holding(row, ALICE), Progress.of(at("8", 1)), nextId()));

    assertThat(next.checkpoint()).isEqualTo(at("8", 1));
    assertThat(next.claimer()).contains(BOB);
    conflict(store().checkpoint(holding(next, BOB), Progress.of(at("9", 0)), nextId()));
  }

  @Test
  void transferMakesTheClaimerTheOwner() {
    Lease row = claimed(ALICE, BOB);
    WriteId id = nextId();

    Lease given = applied(store().transfer(holding(row, ALICE), BOB, id));

    assertSame(
        given,
        row.toBuilder()
            .checkpointOwner(null)
            .ownerEpoch(9)
            .claimEpoch(Owner.NO_EPOCH)
            .claimId(null)
            .counter(row.counter() + 1)
            .ownerSwitchesSinceCheckpoint(2)
            .writeId(id)
            .build());
    assertSame(read(SHARD), given);
  }

  @Test
  void transferOfAnUnclaimedLeaseIsAnOffer() {
    Lease given = applied(store().transfer(holding(ownedBy(ALICE), ALICE), BOB, nextId()));

    assertThat(given.holderPeriod()).contains(BOB);
  }

  @Test
  void transferPastTheClaimerIsRefused() {
    Lease row = claimed(ALICE, BOB);

    assertSame(
        conflict(store().transfer(holding(row, ALICE), new Owner("carol", 1), nextId()))
            .orElseThrow(),
        row);
  }

  @Test
  void cancelledClaimLeavesTheHolderAsOwner() {
    Lease row = claimed(ALICE, BOB);

    Lease kept = applied(store().cancelClaim(holding(row, ALICE), nextId()));

    assertThat(kept.holderPeriod()).contains(ALICE);
    assertThat(kept.isClaimed()).isFalse();
    assertThat(kept.claimId()).isEmpty();
    assertThat(kept.counter()).isEqualTo(row.counter() + 1);
    conflict(store().cancelClaim(holding(kept, ALICE), nextId()));
  }

  @Test
  void releaseLeavesNoTraceOfAnOwner() {
    Lease row = ownedBy(ALICE);
    WriteId id = nextId();

    Lease free = applied(store().release(holding(row, ALICE), id));

    assertSame(
        free,
        row.toBuilder().owner(null).ownerEpoch(0).counter(row.counter() + 1).writeId(id).build());
    assertSame(read(SHARD), free);
  }

  @Test
  void releaseOfAClaimedLeaseIsRefused() {
    Lease row = claimed(ALICE, BOB);

    assertSame(conflict(store().release(holding(row, ALICE), nextId())).orElseThrow(), row);
  }

  @Test
  void renewMovesTheCounterAndKeepsTheRest() {
    Lease row = ownedBy(ALICE);

    Lease renewed = applied(store().renew(holding(row, ALICE), Double.NaN, nextId()));
    assertThat(renewed.counter()).isEqualTo(row.counter() + 1);
    assertThat(renewed.throughputKBps()).isEmpty();

    Lease measured = applied(store().renew(holding(renewed, ALICE), 12.25, nextId()));
    assertThat(measured.throughputKBps()).hasValue(12.25);
    assertThat(measured.checkpoint()).isEqualTo(row.checkpoint());
  }

  @Test
  void checkpointKeepsPendingStateUntilTheNextOne() {
    Lease row = ownedBy(ALICE);
    PendingCheckpoint pending = new PendingCheckpoint(at("90", 2), new byte[] {1, 2, 3});
    Instant arrival = Instant.ofEpochMilli(1_700_000_123_456L);

    Lease prepared =
        applied(
            store()
                .checkpoint(
                    holding(row, ALICE),
                    Progress.of(at("80", 4))
                        .withPending(pending)
                        .withLastArrival(arrival)
                        .withThroughputKBps(3.5),
                    nextId()));
    assertThat(prepared.checkpoint()).isEqualTo(at("80", 4));
    assertThat(prepared.pending()).contains(pending);
    assertThat(prepared.lastArrival()).contains(arrival);
    assertThat(prepared.throughputKBps()).hasValue(3.5);
    assertThat(prepared.ownerSwitchesSinceCheckpoint()).isZero();
    assertSame(read(SHARD), prepared);

    Lease done =
        applied(store().checkpoint(holding(prepared, ALICE), Progress.of(at("90", 2)), nextId()));
    assertThat(done.pending()).isEmpty();
    assertThat(done.lastArrival()).contains(arrival);
    assertThat(read(SHARD).pending()).isEmpty();
  }

  @Test
  void whatIsAcknowledgedAheadBelongsToItsCheckpointAlone() {
    Lease row = ownedBy(ALICE);
    byte[] ahead = new byte[Lease.MAX_AHEAD_BYTES];
    ahead[0] = 1;
    ahead[Lease.MAX_AHEAD_BYTES - 1] = -1;
    Lease with =
        applied(
            store()
                .checkpoint(
                    holding(row, ALICE), Progress.of(at("80", 4)).withAhead(ahead), nextId()));
    assertThat(with.ahead()).isEqualTo(ahead);
    assertThat(read(SHARD).ahead()).isEqualTo(ahead);

    Lease renewed = applied(store().renew(holding(with, ALICE), 1.5, nextId()));
    assertThat(renewed.ahead()).as("a heartbeat keeps it").isEqualTo(ahead);

    Lease next =
        applied(store().checkpoint(holding(renewed, ALICE), Progress.of(at("90", 0)), nextId()));
    assertThat(next.ahead()).isEmpty();
    assertThat(read(SHARD).ahead()).isEmpty();
  }

  @Test
  void resetForgetsWhatIsAcknowledgedAhead() {
    Lease free = applied(store().release(holding(aheadOfItsCheckpoint(), ALICE), nextId()));
    assertThat(free.ahead()).isNotEmpty();

    Lease reset = applied(store().reset(free, free.checkpoint(), null, nextId()));

    assertThat(reset.ahead()).as("an operator wants it all again").isEmpty();
    assertThat(read(SHARD).ahead()).isEmpty();
  }

  @Test
  void nothingIsAheadOfAnEnd() {
    Lease row = aheadOfItsCheckpoint();

    Lease ended = applied(store().endShard(holding(row, ALICE), Set.of(), nextId()));

    assertThat(ended.ahead()).isEmpty();
    assertThat(read(SHARD).ahead()).isEmpty();
  }

  private Lease aheadOfItsCheckpoint() {
    Lease row = ownedBy(ALICE);
    Progress progress = Progress.of(at("80", 4)).withAhead(new byte[] {1, 2, 3});
    return applied(store().checkpoint(holding(row, ALICE), progress, nextId()));
  }

  @Test
  void holdersWritesAreRefusedForAnOldCounterAndForAnotherWorker() {
    Lease row = ownedBy(ALICE);
    for (Holding wrong : new Holding[] {stale(row, ALICE), holding(row, BOB)}) {
      conflict(store().checkpoint(wrong, Progress.of(at("1", 0)), nextId()));
      conflict(store().renew(wrong, 1, nextId()));
      conflict(store().endShard(wrong, CHILDREN, nextId()));
      conflict(store().transfer(wrong, BOB, nextId()));
      conflict(store().release(wrong, nextId()));
      conflict(store().park(wrong, new Parked("x", Instant.EPOCH, 1), nextId()));
      conflict(store().resume(wrong, nextId()));
    }
    assertSame(read(SHARD), row);

    Lease claimed = applied(store().claim(row, BOB, nextId()));
    conflict(store().cancelClaim(stale(claimed, ALICE), nextId()));
    conflict(store().cancelClaim(holding(claimed, BOB), nextId()));
    assertSame(read(SHARD), claimed);
  }

  @Test
  void holdersWritesOfAMissingRowCreateNothing() {
    Holding missing = new Holding(MISSING, "alice", 1);

    assertThat(conflict(store().checkpoint(missing, Progress.of(at("1", 0)), nextId()))).isEmpty();
    assertThat(conflict(store().renew(missing, 1, nextId()))).isEmpty();
    assertThat(conflict(store().endShard(missing, CHILDREN, nextId()))).isEmpty();
    assertThat(conflict(store().transfer(missing, BOB, nextId()))).isEmpty();
    assertThat(conflict(store().release(missing, nextId()))).isEmpty();
    assertThat(conflict(store().cancelClaim(missing, nextId()))).isEmpty();
    assertThat(conflict(store().resume(missing, nextId()))).isEmpty();
    assertThat(await(store().readLease(MISSING))).isEmpty();
  }

  @Test
  void endedShardIsFinishedUnownedAndNamesItsChildren() {
    Lease row = claimed(ALICE, BOB);
    Lease prepared =
        applied(
            store()
                .checkpoint(
                    holding(row, ALICE),
                    Progress.of(at("4", 0))
                        .withPending(new PendingCheckpoint(at("5", 0), new byte[0])),
                    nextId()));
    WriteId id = nextId();

    Lease ended = applied(store().endShard(holding(prepared, ALICE), CHILDREN, id));

    assertThat(ended.isFinished()).isTrue();
    assertThat(ended.children()).isEqualTo(CHILDREN);
    assertThat(ended.owner()).isEmpty();
    assertThat(ended.checkpointOwner()).isEmpty();
    assertThat(ended.ownerEpoch()).isZero();
    assertThat(ended.claimEpoch()).isZero();
    assertThat(ended.claimId()).isEmpty();
    assertThat(ended.pending()).isEmpty();
    assertThat(ended.counter()).isEqualTo(prepared.counter() + 1);
    assertThat(ended.wasWrittenBy(id)).isTrue();
    assertThat(ended.parents()).isEqualTo(row.parents());
    assertSame(read(SHARD), ended);
  }

  @Test
  void noCheckpointReplacesTheShardsEnd() {
    Lease ended = applied(store().endShard(holding(ownedBy(ALICE), ALICE), Set.of(), nextId()));
    Lease again = applied(store().take(ended, ALICE, STREAM, nextId()));

    conflict(store().checkpoint(holding(again, ALICE), Progress.of(at("1", 0)), nextId()));

    assertThat(read(SHARD).isFinished()).isTrue();
  }

  @Test
  void parkedLeaseKeepsItsHolderUntilItIsResumed() {
    Lease row = ownedBy(ALICE);
    Parked parked = new Parked("java.io.IOException", Instant.ofEpochMilli(1_700_000_000_123L), 4);

    Lease stopped = applied(store().park(holding(row, ALICE), parked, nextId()));
    assertThat(stopped.parked()).contains(parked);
    assertThat(stopped.holderPeriod()).contains(ALICE);
    assertSame(read(SHARD), stopped);

    Lease resumed = applied(store().resume(holding(stopped, ALICE), nextId()));
    assertThat(resumed.parked()).isEmpty();
    assertThat(resumed.counter()).isEqualTo(row.counter() + 2);
  }

  @Test
  void parkedMarkSurvivesAChangeOfOwner() {
    Parked parked = new Parked("reason", Instant.ofEpochMilli(1), 1);
    Lease stopped = applied(store().park(holding(ownedBy(ALICE), ALICE), parked, nextId()));

    assertThat(applied(store().take(stopped, BOB, STREAM, nextId())).parked()).contains(parked);
  }

  @Test
  void rowIsDeletedOnlyAsObserved() {
    Lease row = ownedBy(ALICE);
    conflict(store().delete(row.toBuilder().counter(row.counter() - 1).build()));
    conflict(store().delete(row.toBuilder().owner(null).build()));
    conflict(store().delete(row.toBuilder().owner("bob").build()));
    conflict(store().delete(row.toBuilder().checkpointOwner("bob").build()));

    assertSame(applied(store().delete(row)), row);
    assertThat(await(store().readLease(SHARD))).isEmpty();
    assertThat(conflict(store().delete(row))).isEmpty();
  }

  @Test
  void resetSetsTheCheckpointOfALeaseThatNobodyHolds() {
    Lease row = ownedBy(ALICE);
    conflict(store().reset(row, Sentinel.TRIM_HORIZON, null, nextId()));
    Lease stopped =
        applied(store().park(holding(row, ALICE), new Parked("r", Instant.EPOCH, 1), nextId()));
    Lease free = applied(store().release(holding(stopped, ALICE), nextId()));
    conflict(
        store()
            .reset(
                free.toBuilder().counter(free.counter() - 1).build(),
                Sentinel.TRIM_HORIZON,
                null,
                nextId()));
    Instant start = Instant.ofEpochMilli(1_700_000_000_500L);

    Lease reset = applied(store().reset(free, Sentinel.AT_TIMESTAMP, start, nextId()));
    assertThat(reset.checkpoint()).isEqualTo(Sentinel.AT_TIMESTAMP);
    assertThat(reset.startTimestamp()).contains(start);
    assertThat(reset.parked()).isEqualTo(stopped.parked());
    assertThat(reset.counter()).isEqualTo(free.counter() + 1);

    Lease back = applied(store().reset(reset, at("3", 0), null, nextId()));
    assertThat(back.startTimestamp()).isEmpty();
    assertThat(back.checkpoint()).isEqualTo(at("3", 0));
  }

  @Test
  void markIsSetAndRemovedWhetherTheLeaseIsHeldOrNot() {
    Parked mark = Parked.byOperator("maintenance", Instant.ofEpochMilli(1_700_000_000_123L));
    Lease held = ownedBy(ALICE);
    WriteId id = nextId();

    Lease paused = applied(store().mark(held, mark, id));
    assertThat(paused.parked()).contains(mark);
    assertThat(paused.isPaused()).isTrue();
    assertThat(paused.counter()).isEqualTo(held.counter() + 1);
    assertThat(paused.wasWrittenBy(id)).isTrue();
    assertThat(paused.holderPeriod()).contains(ALICE);

    Lease free = applied(store().release(holding(paused, ALICE), nextId()));
    assertThat(free.isPaused()).isTrue();
    Lease resumed = applied(store().mark(free, null, nextId()));
    assertThat(resumed.parked()).isEmpty();
    assertThat(resumed.counter()).isEqualTo(free.counter() + 1);
  }

  @Test
  void markIsRefusedOnceTheRowWasWrittenOrClaimed() {
    Parked mark = Parked.byOperator("maintenance", Instant.EPOCH);
    Lease held = ownedBy(ALICE);
    conflict(store().mark(held.toBuilder().counter(held.counter() - 1).build(), mark, nextId()));
    conflict(store().mark(held.toBuilder().owner("bob").build(), mark, nextId()));
    conflict(store().mark(held.toBuilder().owner(null).build(), mark, nextId()));
    Lease claimed = applied(store().claim(held, BOB, nextId()));
    conflict(store().mark(held, mark, nextId()));

    Lease marked = applied(store().mark(claimed, mark, nextId()));
    assertThat(marked.isClaimed()).isTrue();
    assertThat(marked.claimer()).contains(BOB);
  }

  @Test
  void markOfAMissingRowCreatesNothing() {
    assertThat(
            conflict(
                store().mark(newLease(SHARD), Parked.byOperator("x", Instant.EPOCH), nextId())))
        .isEmpty();
    assertThat(await(store().readLease(SHARD))).isEmpty();
  }
}
