package io.millrace.dynamodb.internal.row;

import static io.millrace.dynamodb.internal.row.Attributes.bytes;
import static io.millrace.dynamodb.internal.row.Attributes.number;
import static io.millrace.dynamodb.internal.row.Attributes.text;
import static io.millrace.dynamodb.internal.row.LeaseAttributes.*;

import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Holding;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.Parked;
import io.millrace.consumer.lease.Progress;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.consumer.lease.WriteId;
import io.millrace.dynamodb.internal.row.RowWrite.Changes;
import io.millrace.model.ShardId;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Each write of a lease row as a value, under the protocol's names. Only {@link #create} puts a
 * whole item. Pure functions.
 */
public final class LeaseWrites {
  private LeaseWrites() {}

  public static RowWrite create(Lease lease, WriteId id) {
    Lease row = lease.toBuilder().writeId(id).build();
    return new RowWrite.Create(LeaseCodec.encode(row), LeaseConditions.noRow());
  }

  public static RowWrite take(Lease observed, Owner taker, StreamIdentity stream, WriteId id) {
    Changes changes = owned(moved(observed.counter(), id), taker);
    changes.setIfAbsent(STREAM, text(stream.text()));
    if (!observed.owner().equals(Optional.of(taker.worker()))) {
      changes.increment(OWNER_SWITCHES);
    }
    return update(observed, changes, LeaseConditions.unchanged(observed));
  }

  public static RowWrite claim(Lease observed, Owner claimer, WriteId id) {
    Changes changes =
        new Changes()
            .copy(CHECKPOINT_OWNER, LEASE_OWNER)
            .set(LEASE_OWNER, text(claimer.worker()))
            .set(CLAIM_ID, text(id.text()));
    epoch(changes, CLAIM_EPOCH, claimer.epoch());
    return update(observed, changes, LeaseConditions.claimable(observed));
  }

  public static RowWrite delete(Lease observed) {
    return new RowWrite.Delete(observed.key().text(), LeaseConditions.asObserved(observed));
  }

  public static RowWrite reset(
      Lease observed, Checkpoint checkpoint, @Nullable Instant startTimestamp, WriteId id) {
    Changes changes =
        moved(observed.counter(), id)
            .setAll(LeaseCodec.encode(checkpoint))
            .remove(PENDING_CHECKPOINT, PENDING_SUB_SEQUENCE, PENDING_STATE, AHEAD);
    if (startTimestamp == null) {
      changes.remove(START_TIMESTAMP);
    } else {
      changes.set(START_TIMESTAMP, LeaseCodec.millis(startTimestamp));
    }
    return update(observed, changes, LeaseConditions.unheld(observed));
  }

  public static RowWrite mark(Lease observed, @Nullable Parked parked, WriteId id) {
    Changes changes = moved(observed.counter(), id);
    if (parked == null) {
      changes.remove(PARKED);
    } else {
      changes.set(PARKED, LeaseCodec.encode(parked));
    }
    return update(observed, changes, LeaseConditions.asObserved(observed));
  }

  public static RowWrite renew(Holding holding, double throughputKBps, WriteId id) {
    Changes changes = moved(holding.counter(), id);
    if (!Double.isNaN(throughputKBps)) {
      changes.set(THROUGHPUT, LeaseCodec.throughput(throughputKBps));
    }
    return update(holding, changes, LeaseConditions.held(holding));
  }

  public static RowWrite checkpoint(Holding holding, Progress progress, WriteId id) {
    Changes changes =
        moved(holding.counter(), id)
            .setAll(LeaseCodec.encode(progress.checkpoint()))
            .set(OWNER_SWITCHES, number(0));
    progress
        .pending()
        .ifPresentOrElse(
            pending -> {
              changes.setAll(LeaseCodec.encode(pending));
              if (pending.state().length == 0) {
                changes.remove(PENDING_STATE);
              }
            },
            () -> changes.remove(PENDING_CHECKPOINT, PENDING_SUB_SEQUENCE, PENDING_STATE));
    if (progress.ahead().length > 0) {
      changes.set(AHEAD, bytes(progress.ahead()));
    } else {
      changes.remove(AHEAD);
    }
    progress.lastArrival().ifPresent(at -> changes.set(LAST_ARRIVAL, LeaseCodec.millis(at)));
    progress
        .throughputKBps()
        .ifPresent(value -> changes.set(THROUGHPUT, LeaseCodec.throughput(value)));
    return update(holding, changes, LeaseConditions.heldAndUnfinished(holding));
  }

  public static RowWrite endShard(Holding holding, Set<ShardId> children, WriteId id) {
    Changes changes =
        unowned(moved(holding.counter(), id))
            .setAll(LeaseCodec.encode(Checkpoint.Sentinel.SHARD_END))
            .set(OWNER_SWITCHES, number(0))
            .remove(PENDING_CHECKPOINT, PENDING_SUB_SEQUENCE, PENDING_STATE, AHEAD, PARKED);
    if (children.isEmpty()) {
      changes.remove(CHILDREN);
    } else {
      changes.set(CHILDREN, LeaseCodec.shards(children));
    }
    return update(holding, changes, LeaseConditions.held(holding));
  }

  public static RowWrite transfer(Holding holding, Owner to, WriteId id) {
    Changes changes = owned(moved(holding.counter(), id), to).increment(OWNER_SWITCHES);
    return update(holding, changes, LeaseConditions.heldAndFor(holding, to));
  }

  /** The holder's epoch stays as it is: a claim does not touch it. */
  public static RowWrite cancelClaim(Holding holding, WriteId id) {
    Changes changes =
        moved(holding.counter(), id)
            .set(LEASE_OWNER, text(holding.worker()))
            .remove(CHECKPOINT_OWNER, CLAIM_EPOCH, CLAIM_ID);
    return update(holding, changes, LeaseConditions.heldAndClaimed(holding));
  }

  public static RowWrite release(Holding holding, WriteId id) {
    Changes changes = unowned(moved(holding.counter(), id));
    return update(holding, changes, LeaseConditions.heldAndUnclaimed(holding));
  }

  public static RowWrite park(Holding holding, Parked parked, WriteId id) {
    Changes changes = moved(holding.counter(), id).set(PARKED, LeaseCodec.encode(parked));
    return update(holding, changes, LeaseConditions.held(holding));
  }

  public static RowWrite resume(Holding holding, WriteId id) {
    return update(
        holding, moved(holding.counter(), id).remove(PARKED), LeaseConditions.held(holding));
  }

  /** What every write but a claim does: the counter moves and the row names its writer. */
  private static Changes moved(long knownCounter, WriteId id) {
    return new Changes()
        .set(LEASE_COUNTER, number(knownCounter + 1))
        .set(WRITE_ID, text(id.text()));
  }

  private static Changes owned(Changes changes, Owner owner) {
    changes.set(LEASE_OWNER, text(owner.worker())).remove(CHECKPOINT_OWNER, CLAIM_EPOCH, CLAIM_ID);
    return epoch(changes, OWNER_EPOCH, owner.epoch());
  }

  private static Changes unowned(Changes changes) {
    return changes.remove(LEASE_OWNER, CHECKPOINT_OWNER, OWNER_EPOCH, CLAIM_EPOCH, CLAIM_ID);
  }

  private static Changes epoch(Changes changes, String attribute, long epoch) {
    return epoch == Owner.NO_EPOCH
        ? changes.remove(attribute)
        : changes.set(attribute, number(epoch));
  }

  private static RowWrite update(Lease observed, Changes changes, Condition condition) {
    return new RowWrite.Update(observed.key().text(), changes, condition);
  }

  private static RowWrite update(Holding holding, Changes changes, Condition condition) {
    return new RowWrite.Update(holding.key().text(), changes, condition);
  }
}
