package io.millrace.producer.internal.loop;

import static io.millrace.producer.internal.loop.Harness.failureOf;
import static io.millrace.producer.internal.loop.Harness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.producer.PutFailure;
import io.millrace.producer.UnsentRecord;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Flush, close, and the end that a defect makes. */
@SuppressWarnings("FutureReturnValueIgnored") // the harness keeps them
class ProducerCloseTest {
  @Test
  void flushEndsLingeringAndCompletesWhenAllEarlierPutsAreSettled() {
    Harness h = new Harness(settings().linger(Duration.ofMinutes(1)), 2).described();
    var a = h.put("a", "1");
    CompletableFuture<Void> flushed = h.producer.flush();
    h.step();
    assertThat(flushed).isNotDone();
    h.advance(Duration.ofMillis(100));
    assertThat(a).isCompleted();
    assertThat(flushed).isCompleted();
    var later = h.put("b", "2");
    h.advance(Duration.ofMillis(100));
    assertThat(later).isNotDone();
  }

  @Test
  void flushBeforeTheMapIsThereCoversWaitingRecords() {
    Harness h = new Harness(settings(), 2);
    var a = h.put("a", "1");
    CompletableFuture<Void> flushed = h.producer.flush();
    h.step();
    assertThat(flushed).isNotDone();
    h.advance(Duration.ofSeconds(1));
    assertThat(a).isCompleted();
    assertThat(flushed).isCompleted();
  }

  @Test
  void flushOfManyStreamsCompletesOnceAllAreSettled() {
    Harness h = new Harness(settings().linger(Duration.ofMinutes(1)), 1).described();
    FakeKinesis other = new FakeKinesis(1);
    other.nowNanos = h.now();
    other.onPut = FakeKinesis.PutCall::neverAnswer;
    h.kinesis.others.put("other", other);
    var first = h.put("a", "1");
    var second = h.producer.put("other", "a", new byte[1]);
    CompletableFuture<Void> flushed = h.producer.flush();
    h.advance(Duration.ofSeconds(1));
    assertThat(first).isCompleted();
    assertThat(flushed).isNotDone();
    other.onPut = FakeKinesis.PutCall::store;
    h.advance(Duration.ofSeconds(20));
    assertThat(second).isCompleted();
    assertThat(flushed).isCompleted();
  }

  @Test
  void closeReturnsWhatWasNotSettledAndFailsItsFutures() {
    Harness h = new Harness(settings(), 1).warm();
    h.kinesis.onPut = FakeKinesis.PutCall::neverAnswer;
    var sent = h.put("a", "sent");
    h.advance(Duration.ofMillis(100));
    h.kinesis.onPut = FakeKinesis.PutCall::neverAnswer;
    CompletableFuture<List<UnsentRecord>> closed =
        h.producer.loop().close(Duration.ofSeconds(1).toNanos(), true);
    h.advance(Duration.ofMillis(900));
    assertThat(closed).isNotDone();
    h.advance(Duration.ofMillis(200));
    assertThat(closed.join()).hasSize(1);
    assertThat(closed.join().get(0).mayHaveBeenWritten()).isTrue();
    assertThat(FakeKinesis.text(closed.join().get(0).record().data())).isEqualTo("sent");
    assertThat(failureOf(sent).reason()).isEqualTo(PutFailure.CLOSED);
    assertThat(failureOf(sent).mayHaveBeenWritten()).isTrue();
    var late = h.producer.put(Harness.STREAM, "a", new byte[0]);
    assertThat(failureOf(late).reason()).isEqualTo(PutFailure.CLOSED);
    assertThat(h.producer.put("another", "a", new byte[0])).isCompletedExceptionally();
    assertThat(h.producer.loop().isFinished()).isTrue();
    h.assertSettled();
  }

  @Test
  void closeDrainsAndReturnsNothingWhenAllIsStored() {
    Harness h = new Harness(settings().linger(Duration.ofMinutes(1)), 2).described();
    var a = h.put("a", "1");
    CompletableFuture<List<UnsentRecord>> closed =
        h.producer.loop().close(Duration.ofSeconds(30).toNanos(), true);
    h.advance(Duration.ofMillis(200));
    assertThat(closed.join()).isEmpty();
    assertThat(a).isCompleted();
    h.assertSettled();
  }

  @Test
  void aDefectInTheLoopFailsEveryRecord() {
    Harness h = new Harness(settings(), 1).warm();
    h.kinesis.onPut =
        call -> {
          throw new IllegalStateException("a port that breaks its contract");
        };
    var a = h.put("a", "1");
    h.advance(Duration.ofMillis(100));
    assertThat(failureOf(a).reason()).isEqualTo(PutFailure.DEFECT);
    var later = h.put("a", "2");
    assertThat(failureOf(later).reason()).isEqualTo(PutFailure.DEFECT);
    h.assertSettled();
  }
}
