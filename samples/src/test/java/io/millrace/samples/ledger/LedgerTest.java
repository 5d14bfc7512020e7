package io.millrace.samples.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.samples.ledger.Ledger.Ownership;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private static final Ownership FIRST = new Ownership("worker-1", "shard-0", "1.1");
  private static final Ownership SECOND = new Ownership("worker-2", "shard-0", "1.2");
  private static final Ownership OTHER_SHARD = new Ownership("worker-1", "shard-1", "1.1");

  private final Ledger ledger = new Ledger(100);
  private long clock = 1_000;

  @Test
  void everythingDeliveredOnceInOrderIsGood() {
    put(1, 1, 2, 1);
    deliver(FIRST, 0, 1, 2, 3);

    Reconciliation result = ledger.reconcile();

    assertThat(result.good()).isTrue();
    assertThat(result.put()).isEqualTo(4);
    assertThat(result.delivered()).isEqualTo(4);
    assertThat(result.repeats()).isEmpty();
    assertThat(result.keys()).isEqualTo(2);
  }

  @Test
  void storedAndNeverDeliveredIsLost() {
    put(1, 2);
    deliver(FIRST, 0);

    assertThat(ledger.missingCount()).isEqualTo(1);
    assertThat(ledger.reconcile().lost()).isEqualTo(1);
    assertThat(ledger.reconcile().good()).isFalse();
  }

  @Test
  void failedPutIsNotLostButNotGoodEither() {
    put(1);
    ledger.fail(ledger.expect(1, clock));
    deliver(FIRST, 0);

    assertThat(ledger.reconcile().lost()).isZero();
    assertThat(ledger.reconcile().failed()).isEqualTo(1);
    assertThat(ledger.reconcile().good()).isFalse();
  }

  @Test
  void laterEventOfAKeyBeforeAnEarlierOneIsOutOfOrder() {
    put(1, 1);
    deliver(FIRST, 1, 0);

    // Both are wrong: one came behind nothing, the other behind its successor.
    assertThat(ledger.reconcile().orderViolations()).isEqualTo(2);
  }

  @Test
  void eventsOfDifferentKeysHaveNoOrder() {
    put(1, 2);
    deliver(FIRST, 1, 0);

    assertThat(ledger.reconcile().orderViolations()).isZero();
  }

  @Test
  void nextOwnerMayReplayFromTheLastCheckpoint() {
    put(1, 1, 1, 1);
    deliver(FIRST, 0, 1, 2);
    deliver(SECOND, 1, 2, 3);

    Reconciliation result = ledger.reconcile();

    assertThat(result.good()).isTrue();
    assertThat(result.repeats()).hasSize(2);
    assertThat(result.repeatsByWorkerBefore()).isEqualTo(Map.of("worker-1", 2L));
  }

  @Test
  void replayThatIsHandedOverInItsMidstIsStillOfWhatTheFirstOwnerDidNotCheckpoint() {
    put(1, 1, 1, 1);
    deliver(FIRST, 0, 1, 2, 3);
    deliver(SECOND, 1);
    deliver(new Ownership("worker-3", "shard-0", "1.3"), 2, 3);

    Reconciliation result = ledger.reconcile();

    assertThat(result.good()).isTrue();
    assertThat(result.repeatsByWorkerBefore()).isEqualTo(Map.of("worker-1", 3L));
  }

  @Test
  void repeatOfARepeatIsOfWhoDeliveredItLast() {
    put(1, 1);
    deliver(FIRST, 0, 1);
    deliver(SECOND, 0, 1);
    deliver(new Ownership("worker-3", "shard-0", "1.3"), 1);

    Reconciliation result = ledger.reconcile();

    assertThat(result.repeatsByWorkerBefore()).isEqualTo(Map.of("worker-1", 2L, "worker-2", 1L));
  }

  @Test
  void replayThatLeavesOneOutIsOutOfOrder() {
    put(1, 1, 1);
    deliver(FIRST, 0, 1, 2);
    deliver(SECOND, 0, 2);

    assertThat(ledger.reconcile().orderViolations()).isEqualTo(1);
  }

  @Test
  void nextOwnerThatBeginsBehindAnUndeliveredEventIsOutOfOrder() {
    put(1, 1, 1);
    deliver(FIRST, 0);
    deliver(SECOND, 2, 1);

    assertThat(ledger.reconcile().orderViolations()).isPositive();
  }

  @Test
  void repeatWithinOneOwnershipIsOutOfOrderUnlessThePutWarnedOfIt() {
    put(1, 1);
    deliver(FIRST, 0, 1, 1);
    assertThat(ledger.reconcile().orderViolations()).isEqualTo(1);

    ledger.acknowledge(1, 1_000, true);
    assertThat(ledger.reconcile().orderViolations()).isZero();
  }

  @Test
  void failedPutMayBeAbsentFromTheOrder() {
    put(1);
    ledger.fail(ledger.expect(1, clock));
    put(1);
    deliver(FIRST, 0, 2);

    assertThat(ledger.reconcile().orderViolations()).isZero();
  }

  @Test
  void deliveriesAreOrderedByTimeAndNotByArrival() {
    put(1, 1);
    ledger.deliver(1, SECOND, 2_000);
    ledger.deliver(0, FIRST, 1_000);

    assertThat(ledger.reconcile().orderViolations()).isZero();
  }

  @Test
  void gapIsTheLongestStandstillOfAShardAfterTheWorkerLeft() {
    put(1, 2, 3, 4, 5, 6);
    ledger.deliver(0, FIRST, 1_000);
    ledger.deliver(1, OTHER_SHARD, 1_500);
    ledger.deliver(2, SECOND, 5_000);
    ledger.deliver(3, new Ownership("worker-2", "shard-1", "1.2"), 1_900);
    ledger.deliver(4, new Ownership("worker-3", "shard-1", "1.3"), 9_900);

    Reconciliation result = ledger.reconcile();

    assertThat(result.gapMicros("worker-1", 1_600)).hasValue(4_000);
    assertThat(result.gapMicros("worker-1", 6_000)).isEmpty();
    assertThat(result.gapMicros("worker-3", 0)).isEmpty();
  }

  private void put(int... users) {
    for (int user : users) {
      ledger.acknowledge(ledger.expect(user, clock), 1_000, false);
    }
  }

  private void deliver(Ownership ownership, int... events) {
    for (int event : events) {
      ledger.deliver(event, ownership, ++clock);
    }
  }
}
