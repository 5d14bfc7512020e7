package io.millrace.dynamodb.internal.row;

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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Each write spelled out: what it does, and on what condition. */
class LeaseWritesTest {
  private static final WriteId ID = new WriteId("i", 9);
  private static final StreamIdentity STREAM = new StreamIdentity("arn", Instant.EPOCH);
  private static final Owner BOB = new Owner("bob", 3);
  private static final Lease FREE =
      Lease.builder(LeaseKey.of("shard"), Sentinel.TRIM_HORIZON).counter(5).build();
  private static final Lease HELD = FREE.toBuilder().owner("alice").ownerEpoch(2).build();
  private static final Lease CLAIMED =
      HELD.toBuilder().owner("bob").checkpointOwner("alice").claimEpoch(3).build();
  private static final Holding HOLDING = Holding.of(HELD, "alice");

  private static final String IS_HELD =
      "(leaseCounter = 5 AND (checkpointOwner = alice OR (attribute_not_exists(checkpointOwner) AND"
          + " leaseOwner = alice)))";
  private static final String MOVES = "leaseCounter = 6, millraceWriteId = i/9";

  @Test
  void createPutsAWholeItemOnlyWhereThereIsNone() {
    RowWrite.Create create = (RowWrite.Create) LeaseWrites.create(FREE, ID);

    assertThat(create.condition().expression()).isEqualTo("attribute_not_exists(#leaseKey)");
    assertThat(LeaseCodec.decode(create.item())).contains(FREE.toBuilder().writeId(ID).build());
  }

  @Test
  void takeOfAFreeLease() {
    is(
        LeaseWrites.take(FREE, BOB, STREAM, ID),
        "SET "
            + MOVES
            + ", leaseOwner = bob, millraceOwnerEpoch = 3, millraceStream ="
            + " if_not_exists(millraceStream, arn@0), ownerSwitchesSinceCheckpoint ="
            + " if_not_exists(ownerSwitchesSinceCheckpoint, 0) + 1 REMOVE checkpointOwner,"
            + " millraceClaimEpoch, millraceClaimId",
        "(attribute_not_exists(leaseOwner) AND attribute_not_exists(checkpointOwner) AND"
            + " attribute_not_exists(millraceOwnerEpoch) AND leaseCounter = 5)");
  }

  @Test
  void takeOfADeadHoldersLease() {
    is(
        LeaseWrites.take(CLAIMED, new Owner("carol", Owner.NO_EPOCH), STREAM, ID),
        "SET "
            + MOVES
            + ", leaseOwner = carol, millraceStream = if_not_exists(millraceStream, arn@0),"
            + " ownerSwitchesSinceCheckpoint = if_not_exists(ownerSwitchesSinceCheckpoint, 0) + 1"
            + " REMOVE checkpointOwner, millraceClaimEpoch, millraceClaimId, millraceOwnerEpoch",
        "(leaseOwner = bob AND checkpointOwner = alice AND millraceOwnerEpoch = 2 AND leaseCounter"
            + " = 5)");
  }

  @Test
  void takeByItsOwnOwnerCountsNoSwitch() {
    assertThat(update(LeaseWrites.take(HELD, new Owner("alice", 4), STREAM, ID)).changes())
        .extracting(RowWrite.Changes::expression)
        .asString()
        .doesNotContain("ownerSwitches");
  }

  @Test
  void claimLeavesCounterAndWriteIdToTheHolder() {
    is(
        LeaseWrites.claim(HELD, BOB, ID),
        "SET checkpointOwner = leaseOwner, leaseOwner = bob, millraceClaimId = i/9,"
            + " millraceClaimEpoch = 3",
        "(attribute_exists(leaseOwner) AND attribute_not_exists(checkpointOwner) AND leaseOwner ="
            + " alice AND millraceOwnerEpoch = 2 AND leaseCounter = 5)");
  }

  @Test
  void claimOfWhatWasSeenFreeCanNeverHold() {
    assertThat(condition(LeaseWrites.claim(FREE, BOB, ID)))
        .contains("attribute_exists(leaseOwner)")
        .contains("attribute_not_exists(leaseOwner)");
  }

  @Test
  void deleteNeedsTheRowAsObserved() {
    RowWrite write = LeaseWrites.delete(CLAIMED);

    assertThat(write).isInstanceOf(RowWrite.Delete.class);
    assertThat(condition(write))
        .isEqualTo("(leaseOwner = bob AND checkpointOwner = alice AND leaseCounter = 5)");
  }

  @Test
  void resetNeedsALeaseThatNobodyHolds() {
    is(
        LeaseWrites.reset(FREE, LeaseCodecTest.at("7", 1), null, ID),
        "SET "
            + MOVES
            + ", checkpoint = 7, checkpointSubSequenceNumber = 1 REMOVE pendingCheckpoint,"
            + " pendingCheckpointSubSequenceNumber, pendingCheckpointState, millraceAhead,"
            + " millraceStartTimestamp",
        "(attribute_not_exists(leaseOwner) AND attribute_not_exists(checkpointOwner) AND"
            + " leaseCounter = 5)");
    assertThat(
            expression(
                LeaseWrites.reset(FREE, Sentinel.AT_TIMESTAMP, Instant.ofEpochMilli(12), ID)))
        .contains("checkpoint = AT_TIMESTAMP")
        .contains("millraceStartTimestamp = 12");
  }

  @Test
  void markNeedsTheRowAsObserved() {
    is(
        LeaseWrites.mark(FREE, new Parked("why", Instant.ofEpochMilli(3), 0), ID),
        "SET " + MOVES + ", millraceParked = 3/0/why",
        "(attribute_not_exists(leaseOwner) AND attribute_not_exists(checkpointOwner) AND"
            + " leaseCounter = 5)");
    assertThat(expression(LeaseWrites.mark(FREE, null, ID)))
        .isEqualTo("SET " + MOVES + " REMOVE millraceParked");
    assertThat(condition(LeaseWrites.mark(HELD, null, ID))).contains("leaseOwner = ");
  }

  @Test
  void renew() {
    is(LeaseWrites.renew(HOLDING, Double.NaN, ID), "SET " + MOVES, IS_HELD);
    is(LeaseWrites.renew(HOLDING, 1.5, ID), "SET " + MOVES + ", throughputKBps = 1.5", IS_HELD);
  }

  @Test
  void checkpointRemovesWhatWasPendingAndWhatWasAhead() {
    is(
        LeaseWrites.checkpoint(HOLDING, Progress.of(LeaseCodecTest.at("7", 1)), ID),
        "SET "
            + MOVES
            + ", checkpoint = 7, checkpointSubSequenceNumber = 1, ownerSwitchesSinceCheckpoint = 0"
            + " REMOVE pendingCheckpoint, pendingCheckpointSubSequenceNumber,"
            + " pendingCheckpointState, millraceAhead",
        "(" + IS_HELD + " AND checkpoint <> SHARD_END)");
  }

  @Test
  void checkpointKeepsWhatIsPendingAndReplacesAnOldState() {
    PendingCheckpoint withState =
        new PendingCheckpoint(LeaseCodecTest.at("8", 0), new byte[] {1, 2});
    PendingCheckpoint stateless = new PendingCheckpoint(LeaseCodecTest.at("8", 0), new byte[0]);
    Progress progress =
        Progress.of(Sentinel.TRIM_HORIZON)
            .withLastArrival(Instant.ofEpochMilli(44))
            .withThroughputKBps(2);

    assertThat(expression(LeaseWrites.checkpoint(HOLDING, progress.withPending(withState), ID)))
        .contains("pendingCheckpoint = 8", "pendingCheckpointSubSequenceNumber = 0")
        .contains("pendingCheckpointState = B")
        .contains("millraceLastArrival = 44", "throughputKBps = 2.0")
        .endsWith(" REMOVE millraceAhead");
    assertThat(expression(LeaseWrites.checkpoint(HOLDING, progress.withPending(stateless), ID)))
        .endsWith("REMOVE pendingCheckpointState, millraceAhead");
  }

  @Test
  void endShardLetsGoOfTheLease() {
    is(
        LeaseWrites.endShard(HOLDING, Set.of(new ShardId("c1"), new ShardId("c2")), ID),
        "SET "
            + MOVES
            + ", checkpoint = SHARD_END, checkpointSubSequenceNumber = 0,"
            + " ownerSwitchesSinceCheckpoint = 0, childShardIds = [c1, c2] REMOVE leaseOwner,"
            + " checkpointOwner, millraceOwnerEpoch, millraceClaimEpoch, millraceClaimId,"
            + " pendingCheckpoint, pendingCheckpointSubSequenceNumber, pendingCheckpointState,"
            + " millraceAhead, millraceParked",
        IS_HELD);
    assertThat(expression(LeaseWrites.endShard(HOLDING, Set.of(), ID)))
        .endsWith("millraceParked, childShardIds");
  }

  @Test
  void transferGoesToTheClaimerOnly() {
    is(
        LeaseWrites.transfer(HOLDING, BOB, ID),
        "SET "
            + MOVES
            + ", leaseOwner = bob, millraceOwnerEpoch = 3, ownerSwitchesSinceCheckpoint ="
            + " if_not_exists(ownerSwitchesSinceCheckpoint, 0) + 1 REMOVE checkpointOwner,"
            + " millraceClaimEpoch, millraceClaimId",
        "(" + IS_HELD + " AND (attribute_not_exists(checkpointOwner) OR leaseOwner = bob))");
  }

  @Test
  void cancelClaimKeepsTheHoldersEpoch() {
    is(
        LeaseWrites.cancelClaim(HOLDING, ID),
        "SET "
            + MOVES
            + ", leaseOwner = alice REMOVE checkpointOwner, millraceClaimEpoch, millraceClaimId",
        "(" + IS_HELD + " AND attribute_exists(checkpointOwner))");
  }

  @Test
  void releaseOfAClaimedLeaseIsRefused() {
    is(
        LeaseWrites.release(HOLDING, ID),
        "SET "
            + MOVES
            + " REMOVE leaseOwner, checkpointOwner, millraceOwnerEpoch, millraceClaimEpoch,"
            + " millraceClaimId",
        "(" + IS_HELD + " AND attribute_not_exists(checkpointOwner))");
  }

  @Test
  void parkAndResume() {
    is(
        LeaseWrites.park(HOLDING, new Parked("why", Instant.ofEpochMilli(3), 2), ID),
        "SET " + MOVES + ", millraceParked = 3/2/why",
        IS_HELD);
    is(LeaseWrites.resume(HOLDING, ID), "SET " + MOVES + " REMOVE millraceParked", IS_HELD);
  }

  @Test
  void everyWriteNeedsTheRowToExistAndUsesEveryPlaceholder() {
    for (RowWrite write :
        List.of(
            LeaseWrites.take(FREE, BOB, STREAM, ID),
            LeaseWrites.claim(HELD, BOB, ID),
            LeaseWrites.reset(FREE, Sentinel.LATEST, null, ID),
            LeaseWrites.mark(FREE, null, ID),
            LeaseWrites.mark(HELD, new Parked("r", Instant.EPOCH, 0), ID),
            LeaseWrites.renew(HOLDING, 1, ID),
            LeaseWrites.checkpoint(HOLDING, Progress.of(Sentinel.LATEST), ID),
            LeaseWrites.endShard(HOLDING, Set.of(), ID),
            LeaseWrites.transfer(HOLDING, BOB, ID),
            LeaseWrites.cancelClaim(HOLDING, ID),
            LeaseWrites.release(HOLDING, ID),
            LeaseWrites.park(HOLDING, new Parked("r", Instant.EPOCH, 1), ID),
            LeaseWrites.resume(HOLDING, ID))) {
      RowWrite.Update update = update(write);
      assertThat(condition(write)).as("row exists: %s", write).contains("leaseCounter = 5");
      Set<String> used = new HashSet<>();
      Matcher placeholder =
          Pattern.compile("[#:]\\w+")
              .matcher(update.changes().expression() + " " + write.condition().expression());
      while (placeholder.find()) {
        used.add(placeholder.group());
      }
      Set<String> given = new HashSet<>(update.changes().names().keySet());
      given.addAll(write.condition().names().keySet());
      given.addAll(update.changes().values().keySet());
      given.addAll(write.condition().values().keySet());
      assertThat(given).as("DynamoDB refuses unused ones").isEqualTo(used);
    }
  }

  private static void is(RowWrite write, String changes, String condition) {
    assertThat(expression(write)).isEqualTo(changes);
    assertThat(condition(write)).isEqualTo(condition);
  }

  private static String expression(RowWrite write) {
    RowWrite.Changes changes = update(write).changes();
    return filledIn(changes.expression(), changes.values());
  }

  private static String condition(RowWrite write) {
    return filledIn(write.condition().expression(), write.condition().values());
  }

  private static RowWrite.Update update(RowWrite write) {
    return (RowWrite.Update) write;
  }

  /** The expression with its values in place of their placeholders. */
  private static String filledIn(String expression, Map<String, AttributeValue> values) {
    String text = expression.replace("#", "");
    for (var value : new TreeMap<>(values).descendingMap().entrySet()) {
      text = text.replace(value.getKey(), shown(value.getValue()));
    }
    return text;
  }

  private static String shown(AttributeValue value) {
    if (value.s() != null) {
      return value.s();
    }
    if (value.n() != null) {
      return value.n();
    }
    return value.hasSs() ? value.ss().toString() : "B";
  }
}
