package io.millrace.producer.internal.loop;

import static io.millrace.producer.internal.loop.Harness.failureOf;
import static io.millrace.producer.internal.loop.Harness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import io.millrace.producer.ProducerSettings.Aggregation;
import io.millrace.producer.ProducerSettings.Distribution;
import io.millrace.producer.PutAttempt;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.producer.internal.loop.FakeKinesis.SeenRecord;
import io.millrace.producer.internal.send.PutRecordsReply;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import io.millrace.producer.internal.send.StreamSummary;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What is sent again, and what fails at once. */
@SuppressWarnings("FutureReturnValueIgnored") // the harness keeps them
class ProducerRetriesTest {
  @Test
  void throttledEntriesAreSentAgainAndOnlyThey() {
    Harness h = new Harness(settings().aggregation(Aggregation.OFF), 1).warm();
    h.kinesis.onPut =
        call ->
            call.store(
                e ->
                    h.kinesis.puts.size() == 1 && e.partitionKey().equals("b")
                        ? "ProvisionedThroughputExceededException"
                        : null);
    var a = h.put("a", "1");
    var b = h.put("b", "2");
    h.advance(Duration.ofSeconds(2));

    assertThat(a.join().attempts()).hasSize(1);
    assertThat(b.join().attempts())
        .extracting(PutAttempt::code)
        .containsExactly("ProvisionedThroughputExceededException", "Success");
    assertThat(b.join().possibleDuplicate()).isFalse();
    assertThat(h.kinesis.seen()).extracting(SeenRecord::data).containsExactly("1", "2");
    h.assertSettled();
  }

  @Test
  void aThrottledRecordFailsAtOnceWhenAskedTo() {
    Harness h = new Harness(settings().failWhenThrottled(true), 1).warm();
    h.kinesis.onPut = call -> call.store(e -> "ProvisionedThroughputExceededException");
    var a = h.put("a", "1");
    h.advance(Duration.ofMillis(100));
    assertThat(failureOf(a).reason()).isEqualTo(PutFailure.THROTTLED);
    h.assertSettled();
  }

  @Test
  void aRequestWithoutAnswerIsSentAgainAndMarkedAsPossibleDuplicate() {
    Harness h = new Harness(settings().requestTimeout(Duration.ofSeconds(1)), 1).warm();
    h.kinesis.onPut = call -> h.kinesis.puts.size() == 1 ? call.storeSilently() : call.store();
    var a = h.put("a", "1");
    h.advance(Duration.ofSeconds(3));
    assertThat(a.join().possibleDuplicate()).isTrue();
    assertThat(a.join().attempts())
        .extracting(PutAttempt::code)
        .containsExactly("Timeout", "Success");
    assertThat(h.kinesis.seen()).extracting(SeenRecord::data).containsExactly("1", "1");
    h.assertSettled();
  }

  @Test
  void anEndpointThatIsGoneForAMinuteLosesNothing() {
    Harness h = new Harness(settings(), 2).warm();
    h.kinesis.onPut = call -> call.fail(Kind.UNAVAILABLE, "NoConnection");
    for (int i = 0; i < 50; i++) {
      h.put("key-" + i, "data-" + i);
    }
    h.advance(Duration.ofSeconds(60));
    assertThat(h.producer.status().streams().get(0).trouble()).isPresent();
    assertThat(h.kinesis.puts).hasSizeLessThan(60);
    h.kinesis.onPut = FakeKinesis.PutCall::store;
    h.advance(Duration.ofSeconds(10));
    assertThat(h.kinesis.seen()).hasSize(50);
    assertThat(h.futures).allSatisfy(f -> assertThat(f.join().possibleDuplicate()).isFalse());
    assertThat(h.producer.status().streams().get(0).trouble()).isEmpty();
    h.assertSettled();
  }

  @Test
  void whatIsNotStoredInTimeExpiresWithItsAttempts() {
    Harness h = new Harness(settings().deliveryTimeout(Duration.ofSeconds(10)), 1).warm();
    h.kinesis.onPut = call -> call.fail(Kind.UNAVAILABLE, "NoConnection");
    var a = h.put("a", "1");
    h.advance(Duration.ofSeconds(9));
    assertThat(a).isNotDone();
    h.advance(Duration.ofSeconds(6));
    PutFailedException failure = failureOf(a);
    assertThat(failure.reason()).isEqualTo(PutFailure.EXPIRED);
    assertThat(failure.mayHaveBeenWritten()).isFalse();
    assertThat(failure.attempts())
        .isNotEmpty()
        .allMatch(t -> t.code().equals("NoConnection"))
        .allMatch(t -> t.message().equals("because of the test"));
    assertThat(failure).hasMessageContaining("clicks").hasMessageContaining("NoConnection");
    assertThat(FakeKinesis.text(failure.record().orElseThrow().data())).isEqualTo("1");
    h.assertSettled();
  }

  @Test
  void aPermanentFailureIsToldAtOnceWithWhatToDo() {
    for (var expected :
        List.of(
            List.of(Kind.ACCESS_DENIED, "AccessDeniedException", PutFailure.ACCESS_DENIED),
            List.of(Kind.STREAM_MISSING, "ResourceNotFoundException", PutFailure.STREAM_MISSING),
            List.of(Kind.KEY_UNAVAILABLE, "KMSDisabledException", PutFailure.KEY_UNAVAILABLE))) {
      Harness h = new Harness(settings(), 1).warm();
      h.kinesis.onPut = call -> call.fail((Kind) expected.get(0), (String) expected.get(1));
      var a = h.put("a", "1");
      h.advance(Duration.ofMillis(100));
      assertThat(failureOf(a).reason()).isEqualTo(expected.get(2));
      assertThat(failureOf(a)).hasMessageContaining((String) expected.get(1));
      assertThat(h.kinesis.puts).hasSize(1);
      h.assertSettled();
    }
  }

  @Test
  void aStreamThatDoesNotExistFailsWaitingRecordsWithinSecondsAndIsLookedForAgain() {
    Harness h = new Harness(settings(), 1);
    h.kinesis.onListShards =
        () -> {
          throw FakeKinesis.failure(Kind.STREAM_MISSING, "ResourceNotFoundException");
        };
    h.kinesis.onSummary =
        () -> {
          throw FakeKinesis.failure(Kind.STREAM_MISSING, "ResourceNotFoundException");
        };
    var first = h.put("a", "1");
    h.advance(Duration.ofMillis(100));
    assertThat(failureOf(first).reason()).isEqualTo(PutFailure.STREAM_MISSING);
    assertThat(failureOf(first)).hasMessageContaining("region");
    var second = h.put("a", "2");
    h.advance(Duration.ofSeconds(3));
    assertThat(failureOf(second).reason()).isEqualTo(PutFailure.STREAM_MISSING);
    h.kinesis.onListShards = h.kinesis::openShards;
    h.kinesis.onSummary = () -> new StreamSummary(Distribution.USER_PARTITION_KEY, 1 << 20);
    var third = h.put("a", "3");
    h.advance(Duration.ofSeconds(3));
    assertThat(third).isCompleted();
    h.assertSettled();
  }

  @Test
  void missingCredentialsArePermanentOnlyBeforeTheFirstSuccess() {
    Harness cold = new Harness(settings(), 1);
    cold.kinesis.onListShards =
        () -> {
          throw FakeKinesis.failure(Kind.NO_CREDENTIALS, "NoCredentials");
        };
    var never = cold.put("a", "1");
    cold.advance(Duration.ofMillis(100));
    assertThat(failureOf(never).reason()).isEqualTo(PutFailure.ACCESS_DENIED);

    Harness warm = new Harness(settings(), 1).warm();
    warm.kinesis.onPut = call -> call.fail(Kind.NO_CREDENTIALS, "NoCredentials");
    var renewed = warm.put("a", "1");
    warm.advance(Duration.ofSeconds(5));
    assertThat(renewed).isNotDone();
    warm.kinesis.onPut = FakeKinesis.PutCall::store;
    warm.advance(Duration.ofSeconds(10));
    assertThat(renewed).isCompleted();
  }

  @Test
  void aPoisonEntryIsIsolatedByBisection() {
    Harness h = new Harness(settings().aggregation(Aggregation.OFF), 1).warm();
    h.kinesis.onPut =
        call ->
            call.entries.stream().anyMatch(e -> e.partitionKey().equals("poison"))
                ? call.fail(Kind.INVALID_REQUEST, "InvalidArgumentException")
                : call.store();
    for (int i = 0; i < 20; i++) {
      h.put(i == 13 ? "poison" : "key-" + i, "data-" + i);
    }
    h.advance(Duration.ofSeconds(2));
    assertThat(h.kinesis.seen()).hasSize(19);
    assertThat(failureOf(h.futures.get(13)).reason()).isEqualTo(PutFailure.RECORD_REFUSED);
    h.assertSettled();
  }

  @Test
  void aReplyWithAnotherNumberOfEntriesIsAnUnknownOutcome() {
    Harness h = new Harness(settings(), 1).warm();
    h.kinesis.onPut =
        call ->
            h.kinesis.puts.size() == 1
                ? CompletableFuture.completedFuture(new PutRecordsReply(200, "r", List.of()))
                : call.store();
    var a = h.put("a", "1");
    h.advance(Duration.ofSeconds(1));
    assertThat(a.join().possibleDuplicate()).isTrue();
    assertThat(a.join().attempts().get(0).code()).isEqualTo("RecordCountMismatch");
    h.assertSettled();
  }

  @Test
  void aShardThatBacksOffHoldsNoOtherUp() {
    Harness h = new Harness(settings(), 2).warm();
    HashRange failing = h.kinesis.shardOf(HashKey.ofPartitionKey("failing")).range;
    h.kinesis.onPut =
        call ->
            call.store(
                entry -> failing.contains(FakeKinesis.keyOf(entry)) ? "InternalFailure" : null);
    var held = h.put("failing", "1");
    String other = h.keyOfAnotherShard("failing");
    for (int i = 0; i < 40; i++) {
      var beside = h.put(other, "2");
      // Its linger, the pace and the round trip.
      h.advance(Duration.ofMillis(40));
      assertThat(beside).as("beside it, after %d times 0.5 s", i).isCompleted();
      h.advance(Duration.ofMillis(460));
    }
    assertThat(held).isNotDone();
    h.kinesis.onPut = FakeKinesis.PutCall::store;
    h.advance(Duration.ofSeconds(6));
    assertThat(held).isCompleted();
    assertThat(held.join().attempts()).hasSizeGreaterThan(5);
    h.assertSettled();
  }
}
