package io.millrace.consumer.internal.process;

import static io.millrace.consumer.internal.testing.TestRecords.aggregate;
import static io.millrace.consumer.internal.testing.TestRecords.corrupt;
import static io.millrace.consumer.internal.testing.TestRecords.plain;
import static io.millrace.consumer.internal.testing.TestRecords.plainAt;
import static io.millrace.consumer.internal.testing.TestRecords.sequence;
import static io.millrace.consumer.internal.testing.TestRecords.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.ShardState;
import io.millrace.consumer.StallReason;
import io.millrace.consumer.failure.CorruptAggregates;
import io.millrace.consumer.failure.FailedRecord;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.failure.OnFailureDestination;
import io.millrace.consumer.handler.BatchHandler;
import io.millrace.consumer.handler.BatchResult;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.internal.shard.ShardConsumer;
import io.millrace.consumer.internal.testing.FakeOwnership;
import io.millrace.consumer.internal.testing.Worker;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class FailurePolicyTest {
  private static final ShardId SHARD = new ShardId("shardId-000000000000");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final Worker worker = new Worker();
  private final FakeOwnership lease = new FakeOwnership();
  private final List<String> done = new ArrayList<>();
  private final List<String> calls = new ArrayList<>();

  /** Collects what is given up; answers when the test says so. */
  private static final class DeadLetters implements OnFailureDestination {
    private final List<FailedRecord> taken = new ArrayList<>();
    private CompletableFuture<Void> answer = CompletableFuture.completedFuture(null);
    private int failures;
    private int asked;

    @Override
    public CompletionStage<Void> accept(FailedRecord failed) {
      asked++;
      if (failures-- > 0) {
        throw new IllegalStateException("destination is down");
      }
      return answer.thenRun(() -> taken.add(failed));
    }
  }

  private void failOn(String data) {
    worker.onRecord(
        record -> {
          String text = text(record.data());
          calls.add(text + "#" + record.attempt());
          if (text.equals(data)) {
            throw new IllegalStateException("poison");
          }
          done.add(text);
        });
  }

  private void batches(BatchHandler handler) {
    worker.process(new Processing.Handler(new UserCode.Batches(handler)));
  }

  private static List<String> texts(List<ReceivedRecord> records) {
    return records.stream().map(record -> text(record.data())).toList();
  }

  @Test
  void byDefaultARecordIsRetriedForEverAndNothingOvertakesIt() {
    failOn("data2");
    worker.kinesis.put(SHARD, plain(1), plain(2), plain(3));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofMinutes(30));
    assertThat(done).containsExactly("data1");
    assertThat(lease.checkpoint()).contains(new Position(sequence(1), 0));
    assertThat(calls.size()).isBetween(60, 300);
    assertThat(calls.get(calls.size() - 1)).isEqualTo("data2#" + (calls.size() - 1));
    assertThat(consumer.status(worker.time.now()).stall())
        .get()
        .isInstanceOfSatisfying(
            StallReason.Retrying.class,
            retrying -> {
              assertThat(retrying.error()).isEqualTo("java.lang.IllegalStateException");
              assertThat(retrying.lasts()).isGreaterThan(Duration.ofMinutes(29));
            });
  }

  @Test
  void recordThatSucceedsLaterIsDeliveredInItsPlace() {
    int[] left = {4};
    worker.onRecord(
        record -> {
          if (text(record.data()).equals("data2") && left[0]-- > 0) {
            throw new OutOfMemoryError("of the application's own making");
          }
          done.add(text(record.data()));
        });
    worker.kinesis.put(SHARD, plain(1), plain(2), plain(3));
    worker.grant(SHARD, lease);
    worker.run(MINUTE);
    assertThat(done).containsExactly("data1", "data2", "data3");
  }

  @Test
  void randomFailuresLoseNothingAndKeepTheOrder() {
    SplittableRandom random = new SplittableRandom(7);
    worker.onRecord(
        record -> {
          if (random.nextInt(3) == 0) {
            throw new IllegalStateException("at random");
          }
          done.add(text(record.data()));
        });
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      worker.kinesis.put(SHARD, aggregate(i, 10));
      for (int member = 0; member < 10; member++) {
        expected.add(i + "/" + member);
      }
    }
    worker.grant(SHARD, lease);
    worker.run(Duration.ofMinutes(10));
    assertThat(done).isEqualTo(expected);
    assertThat(lease.checkpoint()).contains(new Position(sequence(39), 9));
  }

  @Test
  void exhaustedAttemptsWithoutADestinationParkTheShard() {
    worker.policy = FailurePolicy.builder().maximumRetryAttempts(2).build();
    failOn("data2");
    worker.kinesis.put(SHARD, plain(1), plain(2), plain(3));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(MINUTE);
    assertThat(calls).containsExactly("data1#1", "data2#1", "data2#2", "data2#3");
    assertThat(consumer.state()).isEqualTo(ShardState.PARKED);
    assertThat(lease.parked).get().asString().contains("ATTEMPTS_EXHAUSTED");
    assertThat(lease.checkpoint()).contains(new Position(sequence(1), 0));
  }

  @Test
  void exhaustedRecordCountsOnlyOnceItIsDurableAtTheDestination() {
    DeadLetters letters = new DeadLetters();
    letters.answer = new CompletableFuture<>();
    worker.policy = FailurePolicy.builder().maximumRetryAttempts(1).onFailure(letters).build();
    failOn("data2");
    worker.kinesis.put(SHARD, plain(1), plain(2), plain(3));
    worker.grant(SHARD, lease);
    worker.run(MINUTE);
    assertThat(done).containsExactly("data1");
    assertThat(lease.checkpoint()).contains(new Position(sequence(1), 0));

    letters.answer.complete(null);
    worker.run(Duration.ofSeconds(6));
    assertThat(done).containsExactly("data1", "data3");
    assertThat(lease.checkpoint()).contains(new Position(sequence(3), 0));
    assertThat(letters.taken)
        .singleElement()
        .satisfies(
            failed -> {
              assertThat(failed.reason()).isEqualTo(FailedRecord.Reason.ATTEMPTS_EXHAUSTED);
              assertThat(failed.attempts()).isEqualTo(2);
              assertThat(failed.error()).get().isInstanceOf(IllegalStateException.class);
              assertThat(failed.toString()).doesNotContain("poison");
            });
  }

  @Test
  void failingDestinationIsAskedAgainAndShown() {
    DeadLetters letters = new DeadLetters();
    letters.failures = 5;
    worker.policy =
        FailurePolicy.builder()
            .maximumRetryAttempts(0)
            .backoff(Duration.ofSeconds(1), Duration.ofSeconds(4))
            .onFailure(letters)
            .build();
    failOn("data1");
    worker.kinesis.put(SHARD, plain(1), plain(2));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.runUntil(() -> letters.asked >= 3, MINUTE);
    assertThat(consumer.status(worker.time.now()).stall())
        .get()
        .isInstanceOf(StallReason.DestinationFailing.class);
    worker.run(MINUTE);
    assertThat(letters.asked).isEqualTo(6);
    assertThat(calls).as("user code is not called again").containsExactly("data1#1", "data2#1");
    assertThat(letters.taken).hasSize(1);
    assertThat(done).containsExactly("data2");
  }

  @Test
  void oldRecordIsGivenUpWhenItFailsAndOnlyThen() {
    DeadLetters letters = new DeadLetters();
    worker.policy =
        FailurePolicy.builder().maximumRecordAge(Duration.ofHours(1)).onFailure(letters).build();
    failOn("\u0001\u0002\u0003");
    Instant old = worker.time.instant().minus(Duration.ofHours(2));
    worker.kinesis.put(SHARD, plain(1));
    worker.kinesis.put(SHARD, plainAt(2, old), plain(3));
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(1));
    assertThat(done).containsExactly("data1", "data3");
    assertThat(letters.taken)
        .singleElement()
        .satisfies(
            failed -> {
              assertThat(failed.reason()).isEqualTo(FailedRecord.Reason.TOO_OLD);
              assertThat(failed.attempts()).isEqualTo(1);
            });
  }

  @Test
  void failedBatchIsHalvedUntilThePoisonStandsAlone() {
    DeadLetters letters = new DeadLetters();
    worker.policy =
        FailurePolicy.builder()
            .bisectBatchOnError(true)
            .maximumRetryAttempts(0)
            .onFailure(letters)
            .build();
    List<Integer> sizes = new ArrayList<>();
    batches(
        batch -> {
          sizes.add(batch.size());
          if (texts(batch.records()).contains("1/5")) {
            throw new IllegalStateException("poison");
          }
          done.addAll(texts(batch.records()));
          return BatchResult.ok();
        });
    worker.kinesis.put(SHARD, aggregate(1, 8), plain(2));
    worker.grant(SHARD, lease);
    worker.run(MINUTE);
    assertThat(done).containsExactly("1/0", "1/1", "1/2", "1/3", "1/4", "1/6", "1/7", "data2");
    assertThat(letters.taken).hasSize(1);
    assertThat(letters.taken.get(0).record().position()).isEqualTo(new Position(sequence(1), 5));
    assertThat(sizes).startsWith(9, 4, 5, 2, 1, 1);
  }

  @Test
  void onlyTheRecordsThatABatchNamesAreDeliveredAgain() {
    List<List<String>> batches = new ArrayList<>();
    batches(
        batch -> {
          batches.add(texts(batch.records()));
          List<Position> failed =
              batch.records().stream()
                  .filter(record -> record.attempt() < record.position().subSequenceNumber())
                  .map(ReceivedRecord::position)
                  .toList();
          return BatchResult.failed(failed);
        });
    worker.kinesis.put(SHARD, aggregate(1, 4), plain(2));
    worker.grant(SHARD, lease);
    worker.run(MINUTE);
    assertThat(batches)
        .containsExactly(
            List.of("1/0", "1/1", "1/2", "1/3", "data2"), List.of("1/2", "1/3"), List.of("1/3"));
    assertThat(lease.checkpoint()).contains(new Position(sequence(2), 0));
  }

  @Test
  void resultThatNamesAForeignPositionAcknowledgesNothing() {
    int[] attempts = {0};
    batches(
        batch ->
            attempts[0]++ == 0
                ? BatchResult.failed(List.of(new Position(sequence(99), 0)))
                : BatchResult.ok());
    worker.kinesis.put(SHARD, aggregate(1, 4));
    worker.grant(SHARD, lease);
    worker.settle();
    assertThat(attempts[0]).isEqualTo(1);
    worker.run(MINUTE);
    assertThat(attempts[0]).isEqualTo(2);
  }

  @Test
  void pauseStopsAllShardsOfTheWorkerUntilAProbeSucceeds() {
    worker.policy =
        FailurePolicy.builder()
            .pauseOn(ArithmeticException.class)
            .maximumRetryAttempts(0)
            .backoff(Duration.ofSeconds(2), Duration.ofSeconds(20))
            .build();
    boolean[] down = {true};
    worker.onRecord(
        record -> {
          calls.add(text(record.data()));
          if (down[0]) {
            throw new IllegalStateException(new ArithmeticException("database is down"));
          }
          done.add(text(record.data()));
        });
    ShardId other = new ShardId("shardId-000000000001");
    worker.kinesis.put(SHARD, plain(1), plain(2));
    ShardConsumer one = worker.grant(SHARD, lease);
    worker.settle();
    worker.kinesis.put(other, plain(3));
    worker.grant(other, new FakeOwnership());
    worker.run(Duration.ofMinutes(5));
    assertThat(calls.size()).as("only probes").isBetween(8, 60);
    assertThat(one.state()).as("no attempt counts").isEqualTo(ShardState.PROCESSING);
    assertThat(one.status(worker.time.now()).stall()).get().isInstanceOf(StallReason.Paused.class);

    down[0] = false;
    worker.run(Duration.ofSeconds(41));
    assertThat(done).containsExactlyInAnyOrder("data1", "data2", "data3");
    assertThat(one.status(worker.time.now()).stall()).isEmpty();
  }

  @Test
  void lostLeaseOfTheProbingShardDoesNotKeepTheOthersPaused() {
    worker.policy =
        FailurePolicy.builder()
            .pauseOn(ArithmeticException.class)
            .backoff(Duration.ofSeconds(1), Duration.ofSeconds(1))
            .build();
    List<CompletableFuture<Void>> open = new ArrayList<>();
    worker.process(
        new Processing.Handler(
            new UserCode.AsyncRecords(
                record -> {
                  CompletableFuture<Void> stage = new CompletableFuture<>();
                  open.add(stage);
                  return stage;
                })));
    worker.kinesis.put(SHARD, plain(1));
    ShardConsumer one = worker.grant(SHARD, lease);
    worker.settle();
    open.get(0).completeExceptionally(new ArithmeticException("down"));
    worker.run(Duration.ofSeconds(2));
    assertThat(open).as("the probe is under way").hasSize(2);
    ShardId other = new ShardId("shardId-000000000001");
    worker.kinesis.put(other, plain(2));
    worker.grant(other, new FakeOwnership());
    worker.run(Duration.ofSeconds(2));
    assertThat(open).hasSize(2);
    one.leaseLost(worker.time.now());
    worker.run(Duration.ofSeconds(2));
    assertThat(open).as("the other shard probes").hasSize(3);
  }

  @Test
  void corruptAggregateGoesToTheDestinationWithoutADelivery() {
    DeadLetters letters = new DeadLetters();
    worker.policy =
        FailurePolicy.builder()
            .corruptAggregates(CorruptAggregates.TO_DESTINATION)
            .onFailure(letters)
            .build();
    failOn("nothing");
    worker.kinesis.put(SHARD, plain(1), corrupt(2), plain(3));
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(6));
    assertThat(done).containsExactly("data1", "data3");
    assertThat(letters.taken)
        .singleElement()
        .satisfies(
            failed -> {
              assertThat(failed.reason()).isEqualTo(FailedRecord.Reason.CORRUPT_AGGREGATE);
              assertThat(failed.attempts()).isZero();
            });
    assertThat(lease.checkpoint()).contains(new Position(sequence(3), 0));
  }

  @Test
  void corruptAggregateParksTheShardInFrontOfItWhenAsked() {
    worker.policy = FailurePolicy.builder().corruptAggregates(CorruptAggregates.PARK_SHARD).build();
    failOn("nothing");
    worker.kinesis.put(SHARD, plain(1), corrupt(2), plain(3));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(6));
    assertThat(done).containsExactly("data1");
    assertThat(consumer.state()).isEqualTo(ShardState.PARKED);
    assertThat(lease.checkpoint()).contains(new Position(sequence(1), 0));
  }

  @Test
  void failingKeyHoldsOnlyItselfBack() {
    worker.parallelism = 4;
    worker.order = KeyOrder.PER_KEY;
    Map<String, Integer> failures = new HashMap<>();
    worker.onRecord(
        record -> {
          String text = text(record.data());
          if (text.equals("p0") && failures.merge(text, 1, Integer::sum) < 6) {
            throw new IllegalStateException("poison for a while");
          }
          done.add(text);
        });
    worker.kinesis.put(
        SHARD, plain(0, "p", "p0"), plain(1, "q", "q1"), plain(2, "p", "p2"), plain(3, "r", "r3"));
    worker.grant(SHARD, lease);
    worker.settle();
    assertThat(done).containsExactlyInAnyOrder("q1", "r3");
    worker.run(MINUTE);
    assertThat(done).hasSize(4);
    assertThat(done.indexOf("p0")).isLessThan(done.indexOf("p2"));
    assertThat(lease.checkpoint()).contains(new Position(sequence(3), 0));
  }
}
