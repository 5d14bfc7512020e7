package io.millrace.simulation.storm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.FencingToken;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import io.millrace.simulation.world.BrokenPromise;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A ledger that could not fail would prove nothing. */
class LedgerTest {
  private static final ShardId SHARD = new ShardId("shardId-000000000000");

  private final Ledger ledger = new Ledger();

  @Test
  void anAcceptedRecordThatNobodyDeliveredIsMissing() {
    ledger.wasAccepted(1);
    ledger.wasAccepted(2);
    ledger.delivers("w1", record(1, 1), 1);

    assertThat(ledger.undelivered()).containsExactly(2L);
  }

  @Test
  void aDeliveryUnderAnOlderTokenThanTheLastBreaksThePromiseOfOneOwner() {
    ledger.delivers("w2", record(1, 2), 1);

    assertThatThrownBy(() -> ledger.delivers("w1", record(2, 1), 2))
        .isInstanceOf(BrokenPromise.class)
        .hasMessageContaining("two owners");
  }

  @Test
  void aStepBackWithinAnOwnershipBreaksTheOrder() {
    ledger.delivers("w1", record(2, 1), 2);

    assertThatThrownBy(() -> ledger.delivers("w1", record(1, 1), 1))
        .isInstanceOf(BrokenPromise.class)
        .hasMessageContaining("order");
  }

  @Test
  void aLaterOwnerMayBeginFurtherBack() {
    ledger.delivers("w1", record(2, 1), 2);
    ledger.delivers("w2", record(1, 2), 1);

    assertThat(ledger.deliveries()).isEqualTo(2);
  }

  @Test
  void aCheckpointBehindAnUndeliveredRecordIsALoss() {
    ledger.delivers("w1", record(2, 1), 2);

    assertThatThrownBy(
            () ->
                ledger.checkCoverage(
                    lease(Checkpoint.at(position(2))), List.of(position(1), position(2))))
        .isInstanceOf(BrokenPromise.class)
        .hasMessageContaining("lost");
  }

  @Test
  void aFirstDeliveryOutOfTheOrderOfPutsBreaksTheOrderOfAKey() {
    ledger.delivered("key", 2, false);

    assertThatThrownBy(() -> ledger.delivered("key", 1, false)).isInstanceOf(BrokenPromise.class);
  }

  private static Lease lease(Checkpoint checkpoint) {
    return Lease.builder(LeaseKey.of(SHARD), checkpoint).build();
  }

  private static Position position(long number) {
    return new Position(SequenceNumber.of(Long.toString(number)), 0);
  }

  private static ReceivedRecord record(long number, long counter) {
    return (ReceivedRecord)
        Proxy.newProxyInstance(
            LedgerTest.class.getClassLoader(),
            new Class<?>[] {ReceivedRecord.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "shard" -> SHARD;
                  case "position" -> position(number);
                  case "fencingToken" -> new FencingToken(1, counter);
                  default -> throw new AssertionError(method);
                });
  }
}
