package io.millrace.dynamodb.internal.row;

import static io.millrace.dynamodb.internal.row.Attributes.number;
import static io.millrace.dynamodb.internal.row.Attributes.text;
import static io.millrace.dynamodb.internal.row.Condition.absent;
import static io.millrace.dynamodb.internal.row.Condition.all;
import static io.millrace.dynamodb.internal.row.Condition.any;
import static io.millrace.dynamodb.internal.row.Condition.differs;
import static io.millrace.dynamodb.internal.row.Condition.equal;
import static io.millrace.dynamodb.internal.row.Condition.present;
import static io.millrace.dynamodb.internal.row.LeaseAttributes.*;

import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Holding;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.Owner;
import java.util.Optional;

/**
 * What each write of a lease row is conditional on: the protocol's table, row by row. Each is at
 * least as strict as what the KCL asks for the same write. Pure functions.
 *
 * <p>All but {@link #noRow()} demand a lease counter, so none holds for an absent row or for a row
 * that is not a lease.
 */
final class LeaseConditions {
  private LeaseConditions() {}

  /** create. */
  static Condition noRow() {
    return absent(LEASE_KEY);
  }

  /** take: nobody wrote the row since it was observed, a claimer included. */
  static Condition unchanged(Lease observed) {
    return all(
        sameText(LEASE_OWNER, ":knownOwner", observed.owner()),
        sameText(CHECKPOINT_OWNER, ":knownHolder", observed.checkpointOwner()),
        sameEpoch(observed.ownerEpoch()),
        sameCounter(observed.counter()));
  }

  /** claim: the observed owner still holds the lease, and nobody else has claimed it. */
  static Condition claimable(Lease observed) {
    return all(
        present(LEASE_OWNER),
        absent(CHECKPOINT_OWNER),
        sameText(LEASE_OWNER, ":knownOwner", observed.owner()),
        sameEpoch(observed.ownerEpoch()),
        sameCounter(observed.counter()));
  }

  /** delete and mark: the KCL puts no condition on deletion; here the row must be as observed. */
  static Condition asObserved(Lease observed) {
    return all(
        sameText(LEASE_OWNER, ":knownOwner", observed.owner()),
        sameText(CHECKPOINT_OWNER, ":knownHolder", observed.checkpointOwner()),
        sameCounter(observed.counter()));
  }

  /** reset: nobody holds the lease. */
  static Condition unheld(Lease observed) {
    return all(absent(LEASE_OWNER), absent(CHECKPOINT_OWNER), sameCounter(observed.counter()));
  }

  /**
   * renew, endShard, park, resume, and part of every other write of a holder: the counter is known,
   * and the holder is this worker. The KCL tests the counter alone when it checkpoints.
   */
  static Condition held(Holding holding) {
    return all(
        sameCounter(holding.counter()),
        any(
            equal(CHECKPOINT_OWNER, ":holder", text(holding.worker())),
            all(absent(CHECKPOINT_OWNER), equal(LEASE_OWNER, ":holder", text(holding.worker())))));
  }

  /** checkpoint: the shard's end is final. */
  static Condition heldAndUnfinished(Holding holding) {
    return all(
        held(holding),
        differs(CHECKPOINT, ":shardEnd", text(Checkpoint.Sentinel.SHARD_END.text())));
  }

  /** transfer: to whom has claimed the lease; to anybody if nobody has. */
  static Condition heldAndFor(Holding holding, Owner to) {
    return all(
        held(holding),
        any(absent(CHECKPOINT_OWNER), equal(LEASE_OWNER, ":claimer", text(to.worker()))));
  }

  /** cancelClaim. */
  static Condition heldAndClaimed(Holding holding) {
    return all(held(holding), present(CHECKPOINT_OWNER));
  }

  /** release: a claimed lease is transferred instead. */
  static Condition heldAndUnclaimed(Holding holding) {
    return all(held(holding), absent(CHECKPOINT_OWNER));
  }

  private static Condition sameCounter(long counter) {
    return equal(LEASE_COUNTER, ":knownCounter", number(counter));
  }

  private static Condition sameEpoch(long epoch) {
    return epoch == Owner.NO_EPOCH
        ? absent(OWNER_EPOCH)
        : equal(OWNER_EPOCH, ":knownEpoch", number(epoch));
  }

  private static Condition sameText(String attribute, String role, Optional<String> value) {
    return value
        .map(known -> equal(attribute, role, text(known)))
        .orElseGet(() -> absent(attribute));
  }
}
