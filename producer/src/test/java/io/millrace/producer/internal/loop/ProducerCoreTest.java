package io.millrace.producer.internal.loop;

import static io.millrace.producer.internal.loop.Harness.failureOf;
import static io.millrace.producer.internal.loop.Harness.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.producer.ProducerInterceptor;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.Aggregation;
import io.millrace.producer.ProducerSettings.ContainerKey;
import io.millrace.producer.ProducerSettings.Distribution;
import io.millrace.producer.PutAttempt;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.producer.PutResult;
import io.millrace.producer.UnsentRecord;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.loop.FakeKinesis.SeenRecord;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import io.millrace.producer.internal.send.StreamSummary;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored") // the harness keeps them
class ProducerCoreTest {
  @Test
  void recordsOfOneShardShareAnAggregateAndTheirPositionsAreTold() {
    Harness h = new Harness(settings(), 1).warm();
    var first = h.put("a", "one");
    var second = h.put("b", "two");
    h.advance(Duration.ofMillis(100));

    assertThat(h.kinesis.puts).hasSize(1);
    assertThat(h.kinesis.puts.get(0).entries).hasSize(1);
    assertThat(h.kinesis.puts.get(0).entries.get(0).partitionKey()).isEqualTo("a");
    assertThat(first.join().subSequenceNumber()).hasValue(0);
    assertThat(second.join().subSequenceNumber()).hasValue(1);
    assertThat(first.join().sequenceNumber()).isEqualTo(second.join().sequenceNumber());
    assertThat(first.join().possibleDuplicate()).isFalse();
    assertThat(first.join().attempts()).extracting(PutAttempt::code).containsExactly("Success");
    assertThat(h.kinesis.seen()).extracting(SeenRecord::data).containsExactly("one", "two");
    h.assertSettled();
  }

  @Test
  void aLoneRecordLeavesAsItIsUnderItsOwnKey() {
    Harness h = new Harness(settings(), 1).warm();
    var result = h.put("key", "payload");
    h.advance(Duration.ofMillis(100));

    var entry = h.kinesis.puts.get(0).entries.get(0);
    assertThat(new String(entry.data(), StandardCharsets.UTF_8)).isEqualTo("payload");
    assertThat(entry.partitionKey()).isEqualTo("key");
    assertThat(entry.explicitHashKey()).isNull();
    assertThat(result.join().subSequenceNumber()).isEqualTo(OptionalInt.empty());
  }

  @Test
  void recordsPutBeforeTheMapIsThereWaitAndAreAggregatedByShardThen() {
    Harness h = new Harness(settings(), 4);
    for (int i = 0; i < 400; i++) {
      h.put("key-" + i, "data-" + i);
    }
    h.step();
    assertThat(h.kinesis.puts).isEmpty();
    h.advance(Duration.ofMillis(200));

    assertThat(h.kinesis.puts.stream().mapToInt(p -> p.entries.size()).sum()).isEqualTo(4);
    assertThat(h.kinesis.seen()).hasSize(400);
    h.assertSettled();
  }

  @Test
  void lingerHoldsARecordBackUntilItsTimeIsOver() {
    Harness h = new Harness(settings().linger(Duration.ofMillis(50)), 1).warm();
    h.put("a", "1");
    h.advance(Duration.ofMillis(49));
    assertThat(h.kinesis.puts).isEmpty();
    h.advance(Duration.ofMillis(1));
    assertThat(h.kinesis.puts).hasSize(1);
  }

  @Test
  void withoutLingerARecordLeavesAtOnceWhenNothingIsInFlightAndLaterOnesGather() {
    Harness h = new Harness(settings().linger(Duration.ZERO), 1).warm();
    h.put("a", "1");
    h.step();
    assertThat(h.kinesis.puts).hasSize(1);
    h.put("a", "2");
    h.step();
    h.put("a", "3");
    h.step();
    assertThat(h.kinesis.puts).hasSize(1);
    h.advance(Duration.ofMillis(3));
    assertThat(h.kinesis.puts).hasSize(2);
    assertThat(h.kinesis.puts.get(1).userRecords()).isEqualTo(2);
  }

  @Test
  void anAggregateIsClosedAtItsSize() {
    Harness h = new Harness(settings().aggregateMaxBytes(1_000), 1).warm();
    for (int i = 0; i < 100; i++) {
      h.put("key", "x".repeat(90));
    }
    h.advance(Duration.ofMillis(200));
    List<Integer> sizes =
        h.kinesis.puts.stream().flatMap(p -> p.entries.stream()).map(e -> e.data().length).toList();
    assertThat(sizes).allMatch(size -> size <= 1_000).hasSizeBetween(10, 12);
    h.assertSettled();
  }

  @Test
  void anAggregateIsClosedAtItsCount() {
    Harness h = new Harness(settings().aggregateMaxRecords(7), 1).warm();
    for (int i = 0; i < 70; i++) {
      h.put("key", "x");
    }
    h.advance(Duration.ofMillis(200));
    assertThat(h.kinesis.puts.stream().mapToInt(p -> p.entries.size()).sum()).isEqualTo(10);
  }

  @Test
  void aRecordLargerThanAnAggregateGoesAloneBehindThoseBeforeIt() {
    Harness h = new Harness(settings(), 1).warm();
    h.put("a", "before");
    h.put("a", "x".repeat(60_000));
    h.put("a", "after");
    h.advance(Duration.ofMillis(200));
    assertThat(h.kinesis.seen())
        .extracting(seen -> seen.data().length())
        .containsExactly(6, 60_000, 5);
    h.assertSettled();
  }

  @Test
  void headersTravelInAnAggregateOfOne() {
    Harness h = new Harness(settings(), 1).warm();
    h.put(
        UserRecord.builder()
            .partitionKey("a")
            .data("x".getBytes(StandardCharsets.UTF_8))
            .header("trace", "1")
            .build());
    h.advance(Duration.ofMillis(100));
    var aggregate =
        (io.millrace.aggregation.AggregatedRecord) h.kinesis.shards.get(0).records.get(0).decoded();
    assertThat(aggregate.iterator().next().headers().text("trace")).contains("1");
    h.assertSettled();
  }

  @Test
  void aPayloadThatLooksLikeAnAggregateIsFramedSoThatReadersGiveItBackAsItIs() {
    Harness h = new Harness(settings(), 1).warm();
    var inner = new io.millrace.aggregation.AggregateEncoder(1_000);
    inner.tryAdd("k", null, new byte[] {1}, io.millrace.aggregation.Headers.NONE);
    byte[] looksAggregated = inner.finish();
    h.put(UserRecord.of("a", looksAggregated));
    h.advance(Duration.ofMillis(100));
    var aggregate =
        (io.millrace.aggregation.AggregatedRecord) h.kinesis.shards.get(0).records.get(0).decoded();
    assertThat(aggregate.memberCount()).isEqualTo(1);
    assertThat(aggregate.iterator().next().data()).isEqualTo(ByteBuffer.wrap(looksAggregated));
  }

  @Test
  void theContainerKeyCanBeTheFirstMembers() {
    Harness h = new Harness(settings().containerKey(ContainerKey.FIRST_MEMBER), 1).warm();
    h.put("first", "1");
    h.put("second", "2");
    h.advance(Duration.ofMillis(100));
    assertThat(h.kinesis.puts.get(0).entries.get(0).partitionKey()).isEqualTo("first");
  }

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
    assertThat(failure.attempts()).isNotEmpty().allMatch(t -> t.code().equals("NoConnection"));
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
                ? CompletableFuture.completedFuture(
                    new io.millrace.producer.internal.send.PutRecordsReply(200, "r", List.of()))
                : call.store();
    var a = h.put("a", "1");
    h.advance(Duration.ofSeconds(1));
    assertThat(a.join().possibleDuplicate()).isTrue();
    assertThat(a.join().attempts().get(0).code()).isEqualTo("RecordCountMismatch");
    h.assertSettled();
  }

  @Test
  void recordsSurviveASplitWhileTheMapIsOld() {
    Harness h = new Harness(settings(), 1).warm();
    h.kinesis.split(0);
    for (int i = 0; i < 100; i++) {
      h.put("key-" + i, "data-" + i);
    }
    h.advance(Duration.ofSeconds(5));
    assertThat(h.kinesis.seen()).extracting(SeenRecord::data).hasSize(100).doesNotHaveDuplicates();
    assertThat(h.futures)
        .allSatisfy(
            f ->
                assertThat(f.join().attempts())
                    .extracting(PutAttempt::code)
                    .containsExactly("WrongShard", "Success"));
    h.assertSettled();
  }

  @Test
  void anAggregateThatLandsOnAMergedShardIsWellPlaced() {
    Harness h = new Harness(settings(), 2).warm();
    h.kinesis.merge(0, 1);
    for (int i = 0; i < 100; i++) {
      h.put("key-" + i, "data-" + i);
    }
    h.advance(Duration.ofSeconds(5));
    assertThat(h.kinesis.seen()).extracting(SeenRecord::data).hasSize(100).doesNotHaveDuplicates();
    assertThat(h.kinesis.shards.get(2).records).hasSize(2);
    assertThat(h.producer.status().streams().get(0).openShards()).isEqualTo(1);
    h.assertSettled();
  }

  @Test
  void aFailedRefreshKeepsTheOldMap() {
    Harness h = new Harness(settings().streamRefreshInterval(Duration.ofSeconds(10)), 2).warm();
    h.kinesis.onListShards =
        () -> {
          throw FakeKinesis.failure(Kind.THROTTLED, "LimitExceededException");
        };
    h.advance(Duration.ofSeconds(30));
    assertThat(h.kinesis.shardListings).isGreaterThan(2);
    var a = h.put("a", "1");
    h.advance(Duration.ofMillis(100));
    assertThat(a).isCompleted();
  }

  @Test
  void aListingWithAHoleKeepsTheOldMap() {
    Harness h = new Harness(settings().streamRefreshInterval(Duration.ofSeconds(10)), 2).warm();
    h.kinesis.onListShards = () -> h.kinesis.openShards().subList(0, 1);
    h.advance(Duration.ofSeconds(30));
    assertThat(h.producer.status().streams().get(0).openShards()).isEqualTo(2);
  }

  @Test
  void onAnAutoStreamNothingIsAggregatedAndKeysAreOptional() {
    Harness h = new Harness(settings(), 3);
    h.kinesis.onSummary = () -> new StreamSummary(Distribution.AUTO, 1 << 20);
    h.put("a", "1");
    h.put("a", "2");
    var keyless = h.put(UserRecord.withoutKey(new byte[] {51}));
    h.advance(Duration.ofSeconds(1));
    assertThat(h.kinesis.seen()).extracting(SeenRecord::sub).containsOnly(-1).hasSize(3);
    assertThat(keyless).isCompleted();
    h.assertSettled();
  }

  @Test
  void withoutAKeyARecordIsRefusedWhereKeysDecide() {
    Harness h = new Harness(settings(), 1);
    var early = h.put(UserRecord.withoutKey(new byte[1]));
    h.advance(Duration.ofSeconds(1));
    var late = h.put(UserRecord.withoutKey(new byte[1]));
    assertThat(failureOf(early).reason()).isEqualTo(PutFailure.RECORD_REFUSED);
    assertThat(failureOf(late).reason()).isEqualTo(PutFailure.RECORD_REFUSED);
    h.assertSettled();
  }

  @Test
  void aDeniedDescriptionDoesNotChooseTheLossySide() {
    Harness h = new Harness(settings(), 1);
    h.kinesis.onSummary =
        () -> {
          throw FakeKinesis.failure(Kind.ACCESS_DENIED, "AccessDeniedException");
        };
    h.put("a", "1");
    h.put("a", "2");
    h.advance(Duration.ofSeconds(1));
    assertThat(h.kinesis.seen()).extracting(SeenRecord::sub).containsExactly(-1, -1);

    Harness told =
        new Harness(settings().distributionIfUnknown(Distribution.USER_PARTITION_KEY), 1);
    told.kinesis.onSummary = h.kinesis.onSummary;
    told.put("a", "1");
    told.put("a", "2");
    told.advance(Duration.ofSeconds(1));
    assertThat(told.kinesis.seen()).extracting(SeenRecord::sub).containsExactly(0, 1);
  }

  @Test
  void headersAreRefusedWhereNothingIsAggregatedUnlessOptional() {
    UserRecord withHeader = UserRecord.builder().partitionKey("a").header("h", "v").build();
    Harness off = new Harness(settings().aggregation(Aggregation.OFF), 1);
    assertThatThrownBy(() -> off.put(withHeader))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("headersOptional");

    Harness auto = new Harness(settings(), 1);
    auto.kinesis.onSummary = () -> new StreamSummary(Distribution.AUTO, 1 << 20);
    var early = auto.put(withHeader);
    auto.advance(Duration.ofSeconds(1));
    assertThat(failureOf(early)).hasMessageContaining("headersOptional");
    assertThat(failureOf(early).record().orElseThrow().headers().text("h")).contains("v");

    Harness optional = new Harness(settings().headersOptional(true), 1);
    optional.kinesis.onSummary = () -> new StreamSummary(Distribution.AUTO, 1 << 20);
    optional.put("a", "1");
    optional.advance(Duration.ofSeconds(1));
    var dropped = optional.put(withHeader);
    optional.advance(Duration.ofSeconds(1));
    assertThat(dropped).isCompleted();
  }

  @Test
  void theStreamsOwnMaximumIsHonoured() {
    Harness h = new Harness(settings(), 1).warm();
    byte[] tooLarge = new byte[(1 << 20)];
    assertThatThrownBy(() -> h.put(UserRecord.of("a", tooLarge)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1048577")
        .hasMessageContaining("1048576");
    var largest = h.put(UserRecord.of("a", new byte[(1 << 20) - 1]));
    h.advance(Duration.ofSeconds(2));
    assertThat(largest).isCompleted();

    Harness cold = new Harness(settings(), 1);
    var early = cold.put(UserRecord.of("a", tooLarge));
    cold.advance(Duration.ofSeconds(2));
    assertThat(failureOf(early).reason()).isEqualTo(PutFailure.RECORD_REFUSED);
  }

  @Test
  void misuseIsToldAtOnce() {
    Harness h = new Harness(settings(), 1);
    assertThatThrownBy(() -> h.put("", "1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("partitionKey is empty");
    assertThatThrownBy(() -> h.put("é".repeat(257), "1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("257");
    h.put("😀".repeat(256), "256 characters in 512 units");
    assertThatThrownBy(() -> h.put("\ud800", "1")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> h.producer.put("no such name!", "a", new byte[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no such name!");
    assertThatThrownBy(
            () -> h.producer.put("arn:aws:kinesis:eu-central-1:1:stream/x", "a", new byte[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ARN");
    assertThatThrownBy(() -> h.producer.put("clicks", "a", null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("data");
    assertThatThrownBy(() -> h.producer.whenRoomFor("clicks", 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

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

  @Test
  void anExceptionInACallbackHarmsNobodyElse() {
    Harness h = new Harness(settings(), 1).warm();
    List<String> outcomes = new ArrayList<>();
    h.producer.put(
        Harness.STREAM,
        UserRecord.of("a", new byte[1]),
        (result, failure) -> {
          throw new IllegalStateException("user code");
        });
    h.producer.put(
        Harness.STREAM, UserRecord.of("a", new byte[1]), (result, failure) -> outcomes.add("b"));
    h.advance(Duration.ofMillis(100));
    assertThat(outcomes).containsExactly("b");
    h.assertSettled();
  }

  @Test
  void interceptorsChangeRecordsAndSeeOutcomes() {
    List<String> seen = new ArrayList<>();
    ProducerInterceptor interceptor =
        new ProducerInterceptor() {
          @Override
          public UserRecord beforePut(String stream, UserRecord record) {
            return record.toBuilder().header("trace", "42").build();
          }

          @Override
          public void afterResult(String stream, PutResult result, PutFailedException failure) {
            seen.add(stream + " " + (failure == null));
          }
        };
    Harness h = new Harness(settings().build(), new FakeKinesis(1), 1, List.of(interceptor));
    var a = h.put("a", "1");
    h.advance(Duration.ofSeconds(1));
    assertThat(a).isCompleted();
    assertThat(seen).containsExactly("clicks true");
  }

  @Test
  void whateverAnInterceptorThrowsTheOutcomeIsTold() {
    ProducerInterceptor broken =
        new ProducerInterceptor() {
          @Override
          public void afterResult(String stream, PutResult result, PutFailedException failure) {
            throw new StackOverflowError("of the test");
          }
        };
    Harness h = new Harness(settings().build(), new FakeKinesis(1), 1, List.of(broken));
    var put = h.put("a", "1");
    h.advance(Duration.ofSeconds(1));
    assertThat(put).isCompleted();
    h.assertSettled();
  }

  @Test
  void whatAnInterceptorThrowsBeforeThePutLeavesPutAndTheRecordIsNotAccepted() {
    ProducerInterceptor strict =
        new ProducerInterceptor() {
          @Override
          public UserRecord beforePut(String stream, UserRecord record) {
            throw new IllegalStateException("of the test");
          }
        };
    Harness h = new Harness(settings().build(), new FakeKinesis(1), 1, List.of(strict));
    assertThatThrownBy(() -> h.put("a", "1")).isInstanceOf(IllegalStateException.class);
    h.advance(Duration.ofSeconds(1));
    assertThat(h.kinesis.puts).isEmpty();
    h.assertSettled();
  }

  @Test
  void interceptorsRunInTheOrderAddedAndHearOfPutsThatFailAtTheDoor() {
    List<String> calls = new ArrayList<>();
    List<ProducerInterceptor> interceptors = new ArrayList<>();
    for (String name : List.of("first", "second")) {
      interceptors.add(
          new ProducerInterceptor() {
            @Override
            public UserRecord beforePut(String stream, UserRecord record) {
              calls.add(name + " before");
              return record;
            }

            @Override
            public void afterResult(String stream, PutResult result, PutFailedException failure) {
              calls.add(name + " after " + failure.reason());
            }
          });
    }
    Harness h = new Harness(settings().build(), new FakeKinesis(1), 1, interceptors);
    h.producer.loop().close(0, true);
    h.advance(Duration.ofMillis(1));
    var put = h.producer.put(Harness.STREAM, "a", new byte[1]);
    h.runCallbacks();
    assertThat(failureOf(put).reason()).isEqualTo(PutFailure.CLOSED);
    assertThat(calls)
        .containsExactly(
            "first before", "second before", "first after CLOSED", "second after CLOSED");
  }

  @Test
  void deniedDescriptionIsToldByTheStatusUntilItIsAllowed() {
    Harness h = new Harness(settings().streamRefreshInterval(Duration.ofSeconds(10)), 1);
    h.kinesis.onSummary =
        () -> {
          throw FakeKinesis.failure(Kind.ACCESS_DENIED, "AccessDeniedException");
        };
    h.put("a", "1");
    h.advance(Duration.ofSeconds(1));
    assertThat(h.producer.status().streams().get(0).trouble().orElseThrow().message())
        .contains("DescribeStreamSummary");
    h.kinesis.onSummary = () -> new StreamSummary(Distribution.USER_PARTITION_KEY, 1 << 20);
    h.advance(Duration.ofSeconds(15));
    assertThat(h.producer.status().streams().get(0).trouble()).isEmpty();
    h.put("a", "2");
    h.put("a", "3");
    h.advance(Duration.ofSeconds(1));
    assertThat(h.kinesis.seen()).extracting(SeenRecord::sub).containsExactly(-1, 0, 1);
  }

  @Test
  void largestAggregateWithTheLongestKeyFitsIntoARecord() {
    Harness h =
        new Harness(
                settings()
                    .aggregateMaxBytes(1_047_552)
                    .containerKey(ContainerKey.FIRST_MEMBER)
                    .bufferBytes(16 << 20),
                1)
            .warm();
    String longest = "\ud83d\ude00".repeat(256);
    for (int i = 0; i < 12; i++) {
      h.put(longest, "x".repeat(100_000));
    }
    h.advance(Duration.ofSeconds(20));
    h.assertSettled();
    assertThat(h.kinesis.shards.get(0).records)
        .allSatisfy(
            stored ->
                assertThat(
                        stored.data().remaining()
                            + stored.key().getBytes(StandardCharsets.UTF_8).length)
                    .isLessThanOrEqualTo(1 << 20));
    assertThat(h.kinesis.seen()).hasSize(12);
  }

  @Test
  void recordOfTenMebibytesIsStoredWhereTheStreamAllowsIt() {
    Harness h = new Harness(settings(), 1);
    h.kinesis.onSummary = () -> new StreamSummary(Distribution.USER_PARTITION_KEY, 10 << 20);
    h.described();
    var put = h.put(UserRecord.of("a", new byte[(10 << 20) - 1]));
    assertThatThrownBy(() -> h.put(UserRecord.of("a", new byte[10 << 20])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("10485761");
    h.advance(Duration.ofSeconds(1));
    assertThat(put).isCompleted();
    h.assertSettled();
  }

  @Test
  void droppedHeadersAreCounted() {
    Harness h = new Harness(settings().aggregation(Aggregation.OFF).headersOptional(true), 1);
    var put = h.put(UserRecord.builder().partitionKey("a").header("h", "v").build());
    h.advance(Duration.ofSeconds(1));
    assertThat(put).isCompleted();
    assertThat(h.kinesis.seen()).extracting(SeenRecord::sub).containsExactly(-1);
    assertThat(h.producer.loop().streams().get(0).intake().droppedHeadersCount()).isEqualTo(1);
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
  void aHotShardIsHeldToItsRateWhileOthersGoOn() {
    ProducerSettings settings =
        settings().aggregation(Aggregation.OFF).linger(Duration.ZERO).build();
    Harness h = new Harness(settings, new FakeKinesis(2), 1).warm();
    for (int i = 0; i < 5_000; i++) {
      h.put("hot", "x");
    }
    h.advance(Duration.ofSeconds(2));
    long stored = h.kinesis.seen().size();
    assertThat(stored).isBetween(1_900L, 2_400L);
    var other = h.put("other-shard-" + otherKey(h), "y");
    h.advance(Duration.ofMillis(50));
    assertThat(other).isCompleted();
  }

  private static String otherKey(Harness h) {
    for (int i = 0; ; i++) {
      String key = "other-shard-" + i;
      boolean same =
          h.kinesis.shards.stream()
              .anyMatch(
                  s ->
                      s.range.contains(io.millrace.model.HashKey.ofPartitionKey("hot"))
                          && s.range.contains(
                              io.millrace.model.HashKey.ofPartitionKey("other-shard-" + key)));
      if (!same) {
        return key;
      }
    }
  }
}
