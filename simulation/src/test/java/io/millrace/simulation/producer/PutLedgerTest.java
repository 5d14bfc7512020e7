package io.millrace.simulation.producer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.producer.PutResult;
import io.millrace.producer.UserRecord;
import io.millrace.simulation.world.BrokenPromise;
import io.millrace.simulation.world.VirtualTime;
import io.millrace.testkit.kinesis.KinesisCore;
import io.millrace.testkit.kinesis.call.RecordCall.PutRecord;
import io.millrace.testkit.kinesis.call.StreamCall.CreateStream;
import io.millrace.testkit.kinesis.model.StreamRef;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.EndpointClock;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A ledger that could not fail would prove nothing. */
class PutLedgerTest {
  private final VirtualTime time = new VirtualTime();
  private final PutLedger ledger = new PutLedger(true, new Story(time, ""));
  private final KinesisCore kinesis =
      new KinesisCore(
          CoreSettings.defaults(),
          EndpointClock.of(time.wallClock(), time::nowNanos),
          new SplittableRandom(1));

  PutLedgerTest() {
    kinesis.call(CreateStream.provisioned("clicks", 1));
  }

  @Test
  void recordThatIsNotWhereItIsToldToBeIsLost() {
    byte[] first = accepted(0);
    ledger.told(
        idOf(first),
        new PutResult(
            new ShardId("shardId-000000000000"),
            SequenceNumber.of("1"),
            OptionalInt.empty(),
            true,
            List.of()),
        null);
    assertBroken("lost");
  }

  @Test
  void secondCopyMustBeMarked() {
    byte[] first = accepted(0);
    ledger.told(idOf(first), store(first), null);
    store(first);
    assertBroken("not marked");
  }

  @Test
  void secondOutcomeIsOneTooMany() {
    byte[] first = accepted(0);
    PutResult result = store(first);
    ledger.told(idOf(first), result, null);
    assertThatThrownBy(() -> ledger.told(idOf(first), result, null))
        .isInstanceOf(BrokenPromise.class)
        .hasMessageContaining("not exactly one outcome");
  }

  @Test
  void recordWithoutAnOutcomeIsForgotten() {
    accepted(0);
    assertBroken("no outcome");
  }

  @Test
  void failureThatRulesOutWhatIsThereIsUntrue() {
    byte[] first = accepted(0);
    store(first);
    ledger.told(idOf(first), null, failure(first, PutFailure.EXPIRED, false));
    assertBroken("says that it can't be");
  }

  @Test
  void failureByCloseMustBeReturned() {
    byte[] first = accepted(0);
    ledger.told(idOf(first), null, failure(first, PutFailure.CLOSED, false));
    assertBroken("a close returns what it fails");
  }

  @Test
  void outcomesOutOfOrderBreakThePromiseOfOrder() {
    byte[] first = accepted(0);
    byte[] second = accepted(1);
    PutResult result = store(first);
    ledger.told(idOf(second), store(second), null);
    assertThatThrownBy(() -> ledger.told(idOf(first), result, null))
        .isInstanceOf(BrokenPromise.class)
        .hasMessageContaining("order");
  }

  @Test
  void copiesOutOfOrderBreakThePromiseOfOrder() {
    byte[] first = accepted(0);
    byte[] second = accepted(1);
    PutResult early = store(second);
    ledger.told(idOf(first), store(first), null);
    ledger.told(idOf(second), early, null);
    assertBroken("order");
  }

  @Test
  void flushThatLeavesOneOutIsUntrue() {
    byte[] first = accepted(0);
    assertThatThrownBy(() -> ledger.checkFlushed(Set.of(idOf(first))))
        .isInstanceOf(BrokenPromise.class)
        .hasMessageContaining("flush");
  }

  private void assertBroken(String what) {
    assertThatThrownBy(() -> ledger.check(StoredCopies.of(kinesis, "clicks")))
        .isInstanceOf(BrokenPromise.class)
        .hasMessageContaining(what);
  }

  private byte[] accepted(long number) {
    byte[] data = ledger.payload(number, 0);
    ledger.accepted(data, "key");
    return data;
  }

  private static long idOf(byte[] data) {
    return PutLedger.idOf(ByteBuffer.wrap(data));
  }

  private PutResult store(byte[] data) {
    var reply =
        kinesis.call(
            new PutRecord(StreamRef.ofName("clicks"), ByteBuffer.wrap(data), "key", null, null));
    return new PutResult(
        new ShardId(reply.shardId()),
        SequenceNumber.of(reply.sequenceNumber()),
        OptionalInt.empty(),
        false,
        List.of());
  }

  private static PutFailedException failure(byte[] data, PutFailure reason, boolean maybe) {
    return new PutFailedException(
        reason, "for the test", maybe, UserRecord.of("key", data), List.of(), null);
  }
}
