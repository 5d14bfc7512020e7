package io.millrace.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.producer.PutResult;
import io.millrace.producer.UserRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RecordingProducerTest {
  private final RecordingProducer producer = new RecordingProducer();

  @Test
  void keepsACopyOfEachPutInOrder() {
    byte[] data = "one".getBytes(UTF_8);
    PutResult first = producer.put("orders", "k", data).join();
    data[0] = 'X';
    PutResult second = producer.put("clicks", UserRecord.of("l", new byte[] {2})).join();

    assertThat(producer.puts()).extracting(RecordedPut::stream).containsExactly("orders", "clicks");
    assertThat(producer.puts("orders").get(0).data()).asString().isEqualTo("one");
    assertThat(producer.puts("orders").get(0).record().partitionKey()).contains("k");
    assertThat(first.sequenceNumber()).isLessThan(second.sequenceNumber());
  }

  @Test
  void failsAsPlannedAndThenStoresAgain() {
    producer.failNext(PutFailure.EXPIRED);
    producer.failNext(PutFailure.RECORD_REFUSED);

    assertThat(failureOf(producer.put("s", "k", new byte[0]))).isEqualTo(PutFailure.EXPIRED);
    assertThat(failureOf(producer.put("s", "k", new byte[0]))).isEqualTo(PutFailure.RECORD_REFUSED);
    assertThat(producer.put("s", "k", new byte[0])).isCompleted();
    assertThat(producer.puts()).hasSize(1);
  }

  @Test
  void heldOutcomesComeWithTheRelease() {
    List<String> outcomes = new ArrayList<>();
    producer.hold();
    producer.put("s", UserRecord.of("k", new byte[3]), (r, f) -> outcomes.add("first"));
    producer.put("s", UserRecord.of("k", new byte[3]), (r, f) -> outcomes.add("second"));
    CompletableFuture<Void> flush = producer.flush();
    assertThat(outcomes).isEmpty();
    assertThat(flush).isNotDone();
    assertThat(producer.status().records()).isEqualTo(2);
    assertThat(producer.status().bytes()).isEqualTo(8);

    producer.release();

    assertThat(outcomes).containsExactly("first", "second");
    assertThat(flush).isCompleted();
    assertThat(producer.status().records()).isZero();
    assertThat(producer.flush()).isCompleted();
  }

  @Test
  void fullProducerTakesNothingUntilThereIsRoom() {
    producer.full(true);

    assertThat(producer.tryPut("s", UserRecord.of("k", new byte[0]))).isEmpty();
    assertThat(failureOf(producer.put("s", "k", new byte[0]))).isEqualTo(PutFailure.NO_ROOM);
    CompletableFuture<Void> room = producer.whenRoomFor("s", 10);
    assertThat(room).isNotDone();

    producer.full(false);

    assertThat(room).isCompleted();
    assertThat(producer.tryPut("s", UserRecord.of("k", new byte[0])).orElseThrow()).isCompleted();
    assertThat(producer.puts()).hasSize(1);
  }

  @Test
  void closeReturnsWhatWasHeldAndRefusesTheRest() {
    producer.put("s", "k", new byte[] {1}).join();
    producer.hold();
    CompletableFuture<PutResult> held = producer.put("s", "k", new byte[] {2});

    assertThat(producer.close(Duration.ofSeconds(1)))
        .singleElement()
        .satisfies(unsent -> assertThat(unsent.record().data().get(0)).isEqualTo((byte) 2));

    assertThat(failureOf(held)).isEqualTo(PutFailure.CLOSED);
    assertThat(failureOf(producer.put("s", "k", new byte[0]))).isEqualTo(PutFailure.CLOSED);
    assertThat(producer.whenRoomFor("s", 1)).isCompletedExceptionally();
    assertThat(producer.puts()).hasSize(1);
    assertThat(producer.close(Duration.ZERO)).isEmpty();
  }

  @Test
  void misuseThrowsAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> producer.put("s", "", new byte[0]))
        .withMessageContaining("partitionKey has 0 characters");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> producer.put("s", "k".repeat(257), new byte[0]))
        .withMessageContaining("257");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> producer.put("no stream", "k", new byte[0]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> producer.put("s", "k", new byte[10 << 20]))
        .withMessageContaining("10485761 bytes");
    assertThatIllegalArgumentException().isThrownBy(() -> producer.whenRoomFor("s", 0));
    assertThat(producer.puts()).isEmpty();
  }

  @Test
  void failingCallbackChangesNothing() {
    producer.put(
        "s",
        UserRecord.of("k", new byte[0]),
        (result, failure) -> {
          throw new IllegalStateException("the test's callback fails on purpose");
        });

    assertThat(producer.puts()).hasSize(1);
  }

  @Test
  void clearForgetsPutsAndPlans() {
    producer.put("s", "k", new byte[0]).join();
    producer.failNext(PutFailure.EXPIRED);

    producer.clear();

    assertThat(producer.puts()).isEmpty();
    assertThat(producer.put("s", "k", new byte[0])).isCompleted();
  }

  private static PutFailure failureOf(CompletableFuture<PutResult> put) {
    return PutFailedException.in(put.handle((r, failure) -> failure).join()).orElseThrow().reason();
  }
}
