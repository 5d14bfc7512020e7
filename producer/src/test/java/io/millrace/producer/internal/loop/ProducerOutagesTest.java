package io.millrace.producer.internal.loop;

import static io.millrace.producer.internal.loop.Harness.failureOf;
import static io.millrace.producer.internal.loop.Harness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.producer.ProducerSettings.Aggregation;
import io.millrace.producer.ProducerSettings.Distribution;
import io.millrace.producer.ProducerSettings.Ordering;
import io.millrace.producer.PutAttempt;
import io.millrace.producer.PutFailure;
import io.millrace.producer.PutResult;
import io.millrace.producer.internal.loop.FakeKinesis.PutCall;
import io.millrace.producer.internal.loop.FakeKinesis.SeenRecord;
import io.millrace.producer.internal.send.EntryReply;
import io.millrace.producer.internal.send.PutRecordsReply;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import io.millrace.producer.internal.send.StreamSummary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a service can do to a producer, fault by fault: nothing gets lost, nothing is silent. */
@SuppressWarnings("FutureReturnValueIgnored") // the harness keeps them
class ProducerOutagesTest {
  @Test
  void streamThrottledAsAWholeIsProbedGentlyAndThenStoresEverythingOnce() {
    Harness h = new Harness(settings(), 4).warm();
    h.kinesis.onPut = call -> call.fail(Kind.THROTTLED, "LimitExceededException");
    putMany(h, 200);
    h.advance(Duration.ofSeconds(30));
    assertThat(h.kinesis.puts).as("requests in 30 s of throttles").hasSizeBetween(5, 60);
    assertThat(h.producer.status().streams().get(0).trouble().orElseThrow().code())
        .isEqualTo("LimitExceededException");
    h.kinesis.onPut = PutCall::store;
    h.advance(Duration.ofSeconds(20));
    assertStoredOnce(h, 200);
    assertThat(h.futures).noneMatch(future -> future.join().possibleDuplicate());
  }

  @Test
  void throttledEntriesOfEveryShardAreStoredOnceWhenItStops() {
    Harness h = new Harness(settings(), 4).warm();
    h.kinesis.onPut = call -> call.store(entry -> "ProvisionedThroughputExceededException");
    putMany(h, 200);
    h.advance(Duration.ofSeconds(30));
    assertThat(h.kinesis.puts).as("requests in 30 s of throttles").hasSizeBetween(5, 120);
    h.kinesis.onPut = PutCall::store;
    h.advance(Duration.ofSeconds(20));
    assertStoredOnce(h, 200);
  }

  @Test
  void internalFailuresAreRetriedAsUnknownOutcomes() {
    Harness h = new Harness(settings(), 2).warm();
    h.kinesis.onPut = call -> call.fail(Kind.UNKNOWN, "InternalFailure");
    putMany(h, 50);
    h.advance(Duration.ofSeconds(10));
    h.kinesis.onPut = PutCall::store;
    h.advance(Duration.ofSeconds(10));
    assertStoredOnce(h, 50);
    assertThat(h.futures)
        .allSatisfy(
            future -> {
              assertThat(future.join().possibleDuplicate()).isTrue();
              assertThat(future.join().attempts().get(0).code()).isEqualTo("InternalFailure");
            });
  }

  @Test
  void entriesStoredButCalledFailedMayBeTwiceAndAreMarked() {
    Harness h = new Harness(settings(), 1).warm();
    h.kinesis.onPut =
        call -> {
          if (h.kinesis.puts.size() > 1) {
            return call.store();
          }
          call.entries.forEach(h.kinesis::storeOne);
          return CompletableFuture.completedFuture(
              new PutRecordsReply(
                  200, "r", List.of(new EntryReply.Rejected("InternalFailure", ""))));
        };
    CompletableFuture<PutResult> put = h.put("a", "1");
    h.advance(Duration.ofSeconds(2));
    assertThat(put.join().possibleDuplicate()).isTrue();
    assertThat(h.kinesis.seen()).extracting(SeenRecord::data).containsExactly("1", "1");
    h.assertSettled();
  }

  @Test
  void timeoutsWithoutEffectAreStoredOnceAndMarkedAsPossiblyTwice() {
    Harness h = new Harness(settings().requestTimeout(Duration.ofSeconds(1)), 2).warm();
    h.kinesis.onPut = PutCall::neverAnswer;
    putMany(h, 50);
    h.advance(Duration.ofSeconds(5));
    h.kinesis.onPut = PutCall::store;
    h.advance(Duration.ofSeconds(20));
    assertStoredOnce(h, 50);
    assertThat(h.futures).allMatch(future -> future.join().possibleDuplicate());
  }

  @Test
  void timeoutsWithEffectMayStoreTwiceAndLoseNothing() {
    Harness h = new Harness(settings().requestTimeout(Duration.ofSeconds(1)), 2).warm();
    h.kinesis.onPut = PutCall::storeSilently;
    putMany(h, 50);
    h.advance(Duration.ofMillis(1_500));
    h.kinesis.onPut = PutCall::store;
    h.advance(Duration.ofSeconds(20));
    assertThat(h.kinesis.seen().stream().map(SeenRecord::data).distinct()).hasSize(50);
    assertThat(h.kinesis.seen()).hasSizeGreaterThanOrEqualTo(100);
    assertThat(h.futures).allMatch(future -> future.join().possibleDuplicate());
    h.assertSettled();
  }

  @Test
  void expiredCredentialsAreWaitedFor() {
    Harness h = new Harness(settings(), 2).warm();
    h.kinesis.onPut = call -> call.fail(Kind.UNAVAILABLE, "ExpiredTokenException");
    putMany(h, 50);
    h.advance(Duration.ofSeconds(45));
    assertThat(h.producer.status().streams().get(0).trouble().orElseThrow().code())
        .isEqualTo("ExpiredTokenException");
    h.kinesis.onPut = PutCall::store;
    h.advance(Duration.ofSeconds(20));
    assertStoredOnce(h, 50);
    assertThat(h.producer.status().streams().get(0).trouble()).isEmpty();
  }

  @Test
  void accessDeniedInTheMiddleFailsWhatIsUnderWayAndNothingLater() {
    Harness h = new Harness(settings(), 2).warm();
    h.kinesis.onPut = call -> call.fail(Kind.ACCESS_DENIED, "AccessDeniedException");
    putMany(h, 50);
    h.advance(Duration.ofMillis(200));
    assertAllFailed(h, PutFailure.ACCESS_DENIED);
    h.kinesis.onPut = PutCall::store;
    putMany(h, 50);
    h.advance(Duration.ofMillis(200));
    assertStoredOnce(h, 50);
  }

  @Test
  void disabledKeyFailsWhatIsUnderWayAndNothingLater() {
    Harness h = new Harness(settings(), 2).warm();
    h.kinesis.onPut = call -> call.store(entry -> "KMSDisabledException");
    putMany(h, 50);
    h.advance(Duration.ofMillis(200));
    assertAllFailed(h, PutFailure.KEY_UNAVAILABLE);
    h.kinesis.onPut = PutCall::store;
    putMany(h, 50);
    h.advance(Duration.ofMillis(200));
    assertStoredOnce(h, 50);
  }

  @Test
  void streamDeletedAndMadeAnewIsReadAsIfForTheFirstTime() {
    Harness h = new Harness(settings(), 2).warm();
    h.kinesis.onPut = call -> call.fail(Kind.STREAM_MISSING, "ResourceNotFoundException");
    h.kinesis.onListShards =
        () -> {
          throw FakeKinesis.failure(Kind.STREAM_MISSING, "ResourceNotFoundException");
        };
    putMany(h, 50);
    h.advance(Duration.ofSeconds(3));
    assertAllFailed(h, PutFailure.STREAM_MISSING);
    // The new shards have the names of the old ones, and smaller ranges.
    h.kinesis.recreate(8);
    h.kinesis.onPut = PutCall::store;
    h.kinesis.onListShards = h.kinesis::openShards;
    putMany(h, 400);
    h.advance(Duration.ofSeconds(3));
    assertStoredOnce(h, 400);
  }

  @Test
  void scalingFromFourTo64UnderFullLoadLosesNothing() {
    for (Ordering ordering : Ordering.values()) {
      Harness h = new Harness(settings().ordering(ordering), 4).warm();
      for (int round = 0; round < 300; round++) {
        if (round == 100) {
          h.kinesis.scaleTo(64);
        }
        for (int i = 0; i < 20; i++) {
          h.put("key-" + i, "key-%d:%d".formatted(i, round));
        }
        h.advance(Duration.ofMillis(5));
      }
      h.advance(Duration.ofSeconds(20));
      List<SeenRecord> seen = new ArrayList<>(h.kinesis.seen());
      assertThat(seen).extracting(SeenRecord::data).doesNotHaveDuplicates().hasSize(6_000);
      assertThat(h.futures).allMatch(future -> !future.isCompletedExceptionally());
      assertThat(h.producer.status().streams().get(0).openShards()).isEqualTo(64);
      h.assertSettled();
      if (ordering == Ordering.PER_KEY) {
        assertInOrder(seen);
      }
    }
  }

  @Test
  void mergingToOneShardUnderFullLoadKeepsOrderAndLosesNothing() {
    Harness h = new Harness(settings().ordering(Ordering.PER_KEY), 8).warm();
    for (int round = 0; round < 300; round++) {
      if (round == 100) {
        h.kinesis.scaleTo(1);
      }
      for (int i = 0; i < 20; i++) {
        h.put("key-" + i, "key-%d:%d".formatted(i, round));
      }
      h.advance(Duration.ofMillis(5));
    }
    h.advance(Duration.ofSeconds(30));
    List<SeenRecord> seen = new ArrayList<>(h.kinesis.seen());
    assertThat(seen).extracting(SeenRecord::data).doesNotHaveDuplicates().hasSize(6_000);
    assertInOrder(seen);
    h.assertSettled();
  }

  @Test
  void whileARefreshFailsNothingIsUnaggregatedUnlimitedOrStopped() {
    Harness h = new Harness(settings().streamRefreshInterval(Duration.ofSeconds(1)), 1).warm();
    h.kinesis.onListShards =
        () -> {
          throw FakeKinesis.failure(Kind.THROTTLED, "LimitExceededException");
        };
    h.advance(Duration.ofSeconds(5));
    for (int i = 0; i < 6_000; i++) {
      h.put("key", "x".repeat(1_000));
    }
    h.advance(Duration.ofSeconds(2));
    long stored = h.kinesis.seen().size();
    assertThat(stored).as("within the shard's rate of 1 MiB/s").isBetween(1_900L, 2_600L);
    assertThat(h.kinesis.shards.get(0).records).as("aggregates").hasSizeLessThan(100);
    h.advance(Duration.ofSeconds(10));
    assertThat(h.kinesis.seen()).hasSize(6_000);
    h.assertSettled();
  }

  @Test
  void streamThatTurnsToAutoIsNoticedAndItsAggregatesAreSentAnewOneByOne() {
    Harness h = new Harness(settings(), 4).warm();
    h.advance(Duration.ofSeconds(40));
    h.kinesis.onSummary = () -> new StreamSummary(Distribution.AUTO, 1 << 20);
    // The service spreads records over the shards, whatever their keys say.
    int[] turn = {0};
    h.kinesis.onPut =
        call -> {
          List<EntryReply> replies = new ArrayList<>();
          for (var entry : call.entries) {
            var shard = h.kinesis.shards.get(turn[0]++ % 4);
            replies.add(h.kinesis.storeOn(shard, entry));
          }
          return CompletableFuture.completedFuture(new PutRecordsReply(200, "r", replies));
        };
    putMany(h, 100);
    h.advance(Duration.ofSeconds(10));
    assertThat(h.futures).allMatch(future -> !future.isCompletedExceptionally());
    assertThat(h.kinesis.seen().stream().map(SeenRecord::data).distinct()).hasSize(100);
    putMany(h, 10);
    h.advance(Duration.ofSeconds(1));
    assertThat(h.futures).allMatch(future -> future.join().subSequenceNumber().isEmpty());
    h.assertSettled();
  }

  @Test
  void suspendedMachineGivesEveryRecordAnOutcomeWhenItGoesOn() {
    Harness h = new Harness(settings().linger(Duration.ofSeconds(1)), 2).warm();
    h.kinesis.onPut = PutCall::neverAnswer;
    putMany(h, 25);
    h.advance(Duration.ofMillis(1_500));
    putMany(h, 25);
    h.step();
    h.jump(Duration.ofMinutes(10));
    h.kinesis.onPut = PutCall::store;
    h.advance(Duration.ofSeconds(10));
    assertThat(h.futures).allMatch(CompletableFuture::isDone);
    for (int i = 0; i < 50; i++) {
      var failure = failureOf(h.futures.get(i));
      assertThat(failure.reason()).isEqualTo(PutFailure.EXPIRED);
      assertThat(failure.mayHaveBeenWritten()).isEqualTo(i < 25);
    }
    putMany(h, 25);
    h.advance(Duration.ofSeconds(5));
    assertStoredOnce(h, 25);
  }

  @Test
  void clockThatStepsBackDelaysAndLosesNothing() {
    Harness h = new Harness(settings(), 2).warm();
    putMany(h, 25);
    h.step();
    h.jump(Duration.ofSeconds(-30));
    putMany(h, 25);
    h.advance(Duration.ofSeconds(60));
    assertStoredOnce(h, 50);
  }

  @Test
  void attemptsTellDelayDurationStatusCodeAndRequestId() {
    Harness h = new Harness(settings().aggregation(Aggregation.OFF), 1).warm();
    h.kinesis.onPut =
        call -> call.store(e -> h.kinesis.puts.size() == 1 ? "InternalFailure" : null);
    CompletableFuture<PutResult> put = h.put("a", "1");
    h.advance(Duration.ofSeconds(2));
    List<PutAttempt> attempts = put.join().attempts();
    assertThat(attempts).extracting(PutAttempt::code).containsExactly("InternalFailure", "Success");
    assertThat(attempts).extracting(PutAttempt::httpStatus).containsOnly(200);
    assertThat(attempts).extracting(PutAttempt::requestId).containsOnly("request");
    assertThat(attempts)
        .extracting(PutAttempt::duration)
        .containsOnly(Duration.ofNanos(FakeKinesis.LATENCY_NANOS));
    assertThat(attempts.get(0).delay()).isEqualTo(Duration.ofMillis(20));
    assertThat(attempts.get(1).delay()).isLessThan(Duration.ofMillis(200));
  }

  private static void putMany(Harness h, int count) {
    if (h.futures.stream().allMatch(CompletableFuture::isDone)) {
      h.futures.clear();
      h.kinesis.shards.forEach(shard -> shard.records.clear());
    }
    for (int i = 0; i < count; i++) {
      h.put("key-" + i, "data-" + h.futures.size());
    }
  }

  private static void assertStoredOnce(Harness h, int count) {
    h.assertSettled();
    assertThat(h.futures).hasSize(count).noneMatch(CompletableFuture::isCompletedExceptionally);
    assertThat(h.kinesis.seen())
        .extracting(SeenRecord::data)
        .hasSize(count)
        .doesNotHaveDuplicates();
  }

  private static void assertAllFailed(Harness h, PutFailure reason) {
    h.assertSettled();
    assertThat(h.futures)
        .allSatisfy(
            future -> {
              assertThat(failureOf(future).reason()).isEqualTo(reason);
              assertThat(failureOf(future).mayHaveBeenWritten()).isFalse();
              assertThat(failureOf(future).record()).isPresent();
            });
    assertThat(h.kinesis.seen()).isEmpty();
  }

  private static void assertInOrder(List<SeenRecord> seen) {
    seen.sort(Comparator.comparing(SeenRecord::sequenceNumber).thenComparing(SeenRecord::sub));
    Map<String, Integer> last = new HashMap<>();
    for (SeenRecord record : seen) {
      int number = Integer.parseInt(record.data().split(":", -1)[1]);
      assertThat(number).as(record.key()).isEqualTo(last.getOrDefault(record.key(), -1) + 1);
      last.put(record.key(), number);
    }
  }
}
