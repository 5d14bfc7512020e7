package io.millrace.producer.internal.loop;

import static io.millrace.producer.internal.loop.Harness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.producer.PutResult;
import io.millrace.producer.UserRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The byte budget as callers meet it. */
@SuppressWarnings("FutureReturnValueIgnored") // the harness keeps them
class ProducerRoomTest {
  @Test
  void aFullBudgetRefusesAndGivesRoomAgain() {
    Harness h = new Harness(settings().bufferBytes(1 << 20), 1).warm();
    h.kinesis.onPut = FakeKinesis.PutCall::neverAnswer;
    int accepted = 0;
    UserRecord record = UserRecord.of("key", new byte[1_000]);
    while (true) {
      Optional<CompletableFuture<PutResult>> put = h.producer.tryPut(Harness.STREAM, record);
      if (put.isEmpty()) {
        break;
      }
      h.futures.add(put.get());
      accepted++;
    }
    // One shard may use at most half: as much as is left free.
    assertThat(accepted).isBetween(350, 560);
    assertThat(h.producer.status().bytes()).isLessThanOrEqualTo(1 << 20);
    CompletableFuture<Void> room = h.producer.whenRoomFor(Harness.STREAM, 500_000);
    h.kinesis.onPut = FakeKinesis.PutCall::store;
    h.advance(Duration.ofSeconds(30));
    assertThat(room).isCompleted();
    h.assertSettled();
  }

  @Test
  void roomIsToldOnceTheShardThatWasFullHasSome() {
    Harness h = new Harness(settings().bufferBytes(1 << 20), 2).warm();
    h.kinesis.onPut = FakeKinesis.PutCall::neverAnswer;
    UserRecord record = UserRecord.of("hot", new byte[1_000]);
    for (int refused = 0; refused < 20; ) {
      Optional<CompletableFuture<PutResult>> put = h.producer.tryPut(Harness.STREAM, record);
      if (put.isEmpty()) {
        // What leaves gives the slack of its chunks back: fill that, too.
        h.advance(Duration.ofMillis(100));
      }
      refused = put.isPresent() ? 0 : refused + 1;
    }
    assertThat(h.producer.status().bytes()).as("the budget as a whole").isLessThan(800_000);
    CompletableFuture<Void> room = h.producer.whenRoomFor(Harness.STREAM, 4_000);
    h.advance(Duration.ofSeconds(1));
    assertThat(room).isNotDone();
    h.kinesis.onPut = FakeKinesis.PutCall::store;
    h.advance(Duration.ofSeconds(15));
    assertThat(room).isCompleted();
    assertThat(h.producer.tryPut(Harness.STREAM, record)).isPresent();
  }

  @Test
  void theBudgetIsFreeBeforeTheFutureCompletes() {
    Harness h = new Harness(settings(), 1).warm();
    List<Long> bytesAtCompletion = new ArrayList<>();
    h.put("a", "1").thenRun(() -> bytesAtCompletion.add(h.producer.status().bytes()));
    h.advance(Duration.ofMillis(100));
    assertThat(bytesAtCompletion).containsExactly(0L);
  }

  @Test
  void theStatusTellsTheAgeOfTheOldestRecordWhereverItWaits() {
    Harness h = new Harness(settings().linger(Duration.ofSeconds(2)), 1).described();
    assertThat(h.producer.status().oldestAge()).isZero();
    h.kinesis.onPut = FakeKinesis.PutCall::neverAnswer;
    h.put("a", "1");
    h.advance(Duration.ofSeconds(1));
    assertThat(h.kinesis.puts).isEmpty();
    assertOldestAge(h, Duration.ofSeconds(1));
    h.advance(Duration.ofSeconds(4));
    assertThat(h.kinesis.puts).as("in flight").hasSize(1);
    h.put("a", "2");
    h.advance(Duration.ofSeconds(1));
    assertOldestAge(h, Duration.ofSeconds(6));
    assertThat(h.producer.status().streams().get(0).oldestAge())
        .isEqualTo(h.producer.status().oldestAge());
    h.kinesis.onPut = FakeKinesis.PutCall::store;
    h.advance(Duration.ofSeconds(30));
    h.assertSettled();
    assertThat(h.producer.status().oldestAge()).isZero();
  }

  private static void assertOldestAge(Harness h, Duration age) {
    assertThat(h.producer.status().oldestAge()).isBetween(age.minusMillis(200), age);
  }
}
