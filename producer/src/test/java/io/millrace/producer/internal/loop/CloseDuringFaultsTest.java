package io.millrace.producer.internal.loop;

import static io.millrace.producer.internal.loop.Harness.failureOf;
import static io.millrace.producer.internal.loop.Harness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.producer.ProducerSettings.Ordering;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.producer.PutResult;
import io.millrace.producer.UnsentRecord;
import io.millrace.producer.internal.loop.FakeKinesis.PutCall;
import io.millrace.producer.internal.loop.FakeKinesis.SeenRecord;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A close in the midst of trouble: it keeps its time, and every record is accounted for. */
@SuppressWarnings("FutureReturnValueIgnored") // the harness keeps them
class CloseDuringFaultsTest {
  private static final Duration DRAIN = Duration.ofSeconds(2);
  private static final int RECORDS = 300;

  /** What is wrong while the producer is closed. */
  enum Trouble {
    NONE(h -> {}),
    NOT_DESCRIBED_YET(h -> {}),
    THROTTLED_ENTRIES(
        h ->
            h.kinesis.onPut =
                call ->
                    call.store(
                        e ->
                            FakeKinesis.keyOf(e).high() < 0
                                ? "ProvisionedThroughputExceededException"
                                : null)),
    THROTTLED_STREAM(h -> h.kinesis.onPut = c -> c.fail(Kind.THROTTLED, "LimitExceededException")),
    INTERNAL_FAILURES(h -> h.kinesis.onPut = c -> c.fail(Kind.UNKNOWN, "InternalFailure")),
    TIMEOUTS_WITH_EFFECT(h -> h.kinesis.onPut = PutCall::storeSilently),
    TIMEOUTS_WITHOUT_EFFECT(h -> h.kinesis.onPut = PutCall::neverAnswer),
    RESETS(h -> h.kinesis.onPut = c -> c.fail(Kind.UNKNOWN, "NoResponse")),
    ENDPOINT_GONE(h -> h.kinesis.onPut = c -> c.fail(Kind.UNAVAILABLE, "NoConnection")),
    EXPIRED_CREDENTIALS(
        h -> h.kinesis.onPut = c -> c.fail(Kind.UNAVAILABLE, "ExpiredTokenException")),
    ACCESS_DENIED(h -> h.kinesis.onPut = c -> c.fail(Kind.ACCESS_DENIED, "AccessDeniedException")),
    KEY_DISABLED(h -> h.kinesis.onPut = c -> c.store(e -> "KMSDisabledException")),
    STREAM_DELETED(
        h -> {
          h.kinesis.onPut = c -> c.fail(Kind.STREAM_MISSING, "ResourceNotFoundException");
          h.kinesis.onListShards =
              () -> {
                throw FakeKinesis.failure(Kind.STREAM_MISSING, "ResourceNotFoundException");
              };
        }),
    SPLIT(h -> h.kinesis.split(0)),
    MERGE(h -> h.kinesis.merge(0, 1)),
    SCALED_TO_64(h -> h.kinesis.scaleTo(64)),
    POISON(
        h ->
            h.kinesis.onPut =
                c ->
                    c.entries.size() > 1
                        ? c.fail(Kind.INVALID_REQUEST, "InvalidArgumentException")
                        : c.store()),
    CALLBACKS_STALL(h -> h.runsCallbacks = false),
    CLOCK_JUMPS(h -> h.jump(Duration.ofMinutes(1))),
    CLOCK_STEPS_BACK(h -> h.jump(Duration.ofMinutes(-1)));

    @SuppressWarnings("ImmutableEnumChecker") // the lambdas keep nothing
    private final Consumer<Harness> begin;

    Trouble(Consumer<Harness> begin) {
      this.begin = begin;
    }
  }

  @ParameterizedTest
  @EnumSource
  void closeKeepsItsTimeAndAccountsForEveryRecord(Trouble trouble) {
    closeDuring(trouble, Ordering.NONE);
  }

  @ParameterizedTest
  @EnumSource
  void unsentRecordsOfAKeyAreReturnedInTheOrderOfTheirPuts(Trouble trouble) {
    Map<String, String> last = new HashMap<>();
    for (UnsentRecord unsent : closeDuring(trouble, Ordering.PER_KEY)) {
      String key = unsent.record().partitionKey().orElseThrow();
      String data = FakeKinesis.text(unsent.record().data());
      String before = last.put(key, data);
      assertThat(before == null || before.compareTo(data) < 0)
          .as("%s before %s", before, data)
          .isTrue();
    }
  }

  private static List<UnsentRecord> closeDuring(Trouble trouble, Ordering ordering) {
    Harness h =
        new Harness(
            settings()
                .ordering(ordering)
                .requestTimeout(Duration.ofSeconds(1))
                .aggregateMaxBytes(500),
            4);
    if (trouble != Trouble.NOT_DESCRIBED_YET) {
      h.warm();
    }
    Map<String, CompletableFuture<PutResult>> puts = new HashMap<>();
    putSome(h, puts, 0);
    h.advance(Duration.ofMillis(5));
    trouble.begin.accept(h);
    putSome(h, puts, 1);
    h.advance(Duration.ofMillis(30));
    putSome(h, puts, 2);

    CompletableFuture<List<UnsentRecord>> closed = h.producer.loop().close(DRAIN.toNanos(), true);
    h.advance(DRAIN);
    assertThat(closed).as("closed within its time").isCompleted();
    assertThat(h.producer.loop().isFinished()).isTrue();

    // Replies and callbacks that come later change nothing.
    h.runsCallbacks = true;
    h.advance(Duration.ofSeconds(5));
    checkAccounts(h, puts, closed.join());
    assertThat(h.producer.status().records()).isZero();
    assertThat(h.producer.status().bytes()).isZero();
    return closed.join();
  }

  private static void putSome(
      Harness h, Map<String, CompletableFuture<PutResult>> puts, int round) {
    for (int i = 0; i < RECORDS; i++) {
      String data = "data-" + round + "-" + i;
      puts.put(data, h.put("key-" + i, data));
    }
  }

  private static void checkAccounts(
      Harness h, Map<String, CompletableFuture<PutResult>> puts, List<UnsentRecord> unsent) {
    Set<String> seen =
        h.kinesis.seen().stream()
            .map(SeenRecord::data)
            .collect(Collectors.toCollection(HashSet::new));
    Map<String, UnsentRecord> unsentByData = new HashMap<>();
    for (UnsentRecord record : unsent) {
      assertThat(unsentByData.put(FakeKinesis.text(record.record().data()), record))
          .as("returned once")
          .isNull();
    }
    puts.forEach(
        (data, future) -> {
          assertThat(future).isDone();
          if (!future.isCompletedExceptionally()) {
            assertThat(seen).contains(data);
            assertThat(unsentByData).doesNotContainKey(data);
            return;
          }
          PutFailedException failure = failureOf(future);
          assertThat(failure.record()).isPresent();
          assertThat(unsentByData.containsKey(data))
              .as("returned exactly if it failed for the close")
              .isEqualTo(failure.reason() == PutFailure.CLOSED);
          if (failure.reason() == PutFailure.CLOSED) {
            assertThat(unsentByData.get(data).mayHaveBeenWritten())
                .isEqualTo(failure.mayHaveBeenWritten());
          }
          if (!failure.mayHaveBeenWritten()) {
            assertThat(seen).doesNotContain(data);
          }
        });
  }
}
