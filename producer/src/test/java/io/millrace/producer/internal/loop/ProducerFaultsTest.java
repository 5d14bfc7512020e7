package io.millrace.producer.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.Aggregation;
import io.millrace.producer.ProducerSettings.Ordering;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutResult;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.loop.FakeKinesis.FakeShard;
import io.millrace.producer.internal.loop.FakeKinesis.PutCall;
import io.millrace.producer.internal.loop.FakeKinesis.SeenRecord;
import io.millrace.producer.internal.send.EntryReply;
import io.millrace.producer.internal.send.PutRecordsReply;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** Random traffic, faults and reshards from one seed; what a producer promises holds for each. */
@SuppressWarnings("FutureReturnValueIgnored") // outcomes are noted by callbacks
class ProducerFaultsTest {
  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void everyRecordHasOneTrueOutcomeAndTheBudgetReturnsToZero(@ForAll long seed) {
    Run run = new Run(seed, Ordering.NONE);
    run.go();
    run.checkOutcomes();
  }

  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void inOrderedModeEachKeysRecordsAreStoredAndToldInOrder(@ForAll long seed) {
    Run run = new Run(seed, Ordering.PER_KEY);
    run.go();
    run.checkOutcomes();
    run.checkOrder();
  }

  private static final class Run {
    private final SplittableRandom random;
    private final FakeKinesis kinesis;
    private final Harness h;
    private final Map<String, CompletableFuture<PutResult>> futures = new HashMap<>();
    private final Map<String, List<Integer>> told = new HashMap<>();
    private final Map<String, Integer> nextOfKey = new HashMap<>();
    private final double faultRate;

    Run(long seed, Ordering ordering) {
      random = new SplittableRandom(seed);
      kinesis = new FakeKinesis(1 + random.nextInt(4));
      faultRate = random.nextInt(3) * 0.2;
      ProducerSettings settings =
          ProducerSettings.builder()
              .ordering(ordering)
              .aggregation(random.nextInt(4) == 0 ? Aggregation.OFF : Aggregation.KPL)
              .linger(Duration.ofMillis(List.of(0, 5, 50).get(random.nextInt(3))))
              .requestsInFlight(1 + random.nextInt(8))
              .requestMaxRecords(1 + random.nextInt(20))
              .aggregateMaxBytes(64 + random.nextInt(2_000))
              .requestTimeout(Duration.ofSeconds(1))
              .deliveryTimeout(Duration.ofSeconds(random.nextBoolean() ? 5 : 120))
              .streamRefreshInterval(Duration.ofSeconds(1 + random.nextInt(60)))
              .bufferBytes(1 << 20)
              .build();
      h = new Harness(settings, kinesis, seed);
    }

    void go() {
      kinesis.onPut = this::faulty;
      kinesis.onListShards =
          () -> {
            if (random.nextDouble() < faultRate) {
              throw FakeKinesis.failure(Kind.UNKNOWN, "InternalFailure");
            }
            return kinesis.openShards();
          };
      int steps = 20 + random.nextInt(60);
      for (int i = 0; i < steps; i++) {
        int burst = random.nextInt(30);
        for (int j = 0; j < burst; j++) {
          put();
        }
        if (random.nextInt(15) == 0) {
          reshard();
        }
        h.advance(Duration.ofMillis(random.nextInt(200)));
      }
      kinesis.onPut = PutCall::store;
      kinesis.onListShards = kinesis::openShards;
      h.advance(Duration.ofSeconds(150));
    }

    private void put() {
      String key = "key-" + random.nextInt(12);
      int number = nextOfKey.merge(key, 1, Integer::sum);
      String data = key + ":" + number + ":" + "x".repeat(random.nextInt(100));
      Optional<CompletableFuture<PutResult>> future =
          h.producer.tryPut(
              Harness.STREAM, UserRecord.of(key, data.getBytes(StandardCharsets.UTF_8)));
      future.ifPresent(
          f -> {
            futures.put(data, f);
            f.whenComplete((r, t) -> told.computeIfAbsent(key, k -> new ArrayList<>()).add(number));
          });
    }

    private void reshard() {
      List<Integer> open = new ArrayList<>();
      for (int i = 0; i < kinesis.shards.size(); i++) {
        if (kinesis.shards.get(i).open) {
          open.add(i);
        }
      }
      open.sort(Comparator.comparing(i -> kinesis.shards.get(i).range.start()));
      int chosen = random.nextInt(open.size());
      if (random.nextBoolean() && chosen + 1 < open.size()) {
        kinesis.merge(open.get(chosen), open.get(chosen + 1));
      } else {
        kinesis.split(open.get(chosen));
      }
    }

    private CompletableFuture<PutRecordsReply> faulty(PutCall call) {
      if (random.nextDouble() >= faultRate) {
        return call.store();
      }
      return switch (random.nextInt(9)) {
        case 0 ->
            call.store(e -> random.nextBoolean() ? "ProvisionedThroughputExceededException" : null);
        case 1 -> call.store(e -> random.nextInt(3) == 0 ? "InternalFailure" : null);
        case 2 -> call.fail(Kind.UNKNOWN, "InternalFailure");
        case 3 -> call.fail(Kind.UNAVAILABLE, "NoConnection");
        case 4 -> call.fail(Kind.THROTTLED, "LimitExceededException");
        case 5 -> call.storeSilently();
        case 6 -> call.neverAnswer();
        case 7 -> call.fail(Kind.INVALID_REQUEST, "InvalidArgumentException");
        default -> {
          // Stored, and called a failure nevertheless.
          List<EntryReply> replies = new ArrayList<>();
          call.entries.forEach(
              e -> {
                kinesis.storeOne(e);
                replies.add(new EntryReply.Rejected("InternalFailure", ""));
              });
          yield CompletableFuture.completedFuture(new PutRecordsReply(200, "r", replies));
        }
      };
    }

    void checkOutcomes() {
      Set<SeenRecord> seen = new HashSet<>(kinesis.seen());
      Map<String, Integer> copies = new HashMap<>();
      seen.forEach(record -> copies.merge(record.data(), 1, Integer::sum));
      Set<String> everStored = everStored();
      futures.forEach(
          (data, future) -> {
            assertThat(future).as("outcome").isDone();
            if (future.isCompletedExceptionally()) {
              PutFailedException failure = Harness.failureOf(future);
              if (!failure.mayHaveBeenWritten()) {
                assertThat(everStored).doesNotContain(data);
              }
              assertThat(FakeKinesis.text(failure.record().orElseThrow().data())).isEqualTo(data);
            } else {
              PutResult result = future.join();
              assertThat(seen)
                  .contains(
                      new SeenRecord(
                          result.shard(),
                          result.sequenceNumber(),
                          result.subSequenceNumber().orElse(-1),
                          data.substring(0, data.indexOf(':')),
                          data));
              if (copies.get(data) > 1) {
                assertThat(result.possibleDuplicate()).isTrue();
              }
            }
          });
      assertThat(told.values().stream().mapToInt(List::size).sum()).isEqualTo(futures.size());
      assertThat(h.producer.status().records()).isZero();
      assertThat(h.producer.status().bytes()).isZero();
    }

    private Set<String> everStored() {
      Set<String> stored = new HashSet<>();
      for (FakeShard shard : kinesis.shards) {
        for (var record : shard.records) {
          if (record.decoded() instanceof io.millrace.aggregation.AggregatedRecord aggregate) {
            aggregate.forEach(member -> stored.add(FakeKinesis.text(member.data())));
          } else {
            stored.add(FakeKinesis.text(record.data()));
          }
        }
      }
      return stored;
    }

    void checkOrder() {
      List<SeenRecord> inOrder = new ArrayList<>(kinesis.seen());
      inOrder.sort(Comparator.comparing(SeenRecord::sequenceNumber).thenComparing(SeenRecord::sub));
      Map<String, List<Integer>> firsts = new HashMap<>();
      Set<String> met = new HashSet<>();
      for (SeenRecord record : inOrder) {
        if (met.add(record.data())) {
          firsts
              .computeIfAbsent(record.key(), k -> new ArrayList<>())
              .add(Integer.valueOf(record.data().split(":", -1)[1]));
        }
      }
      firsts.forEach((key, numbers) -> assertThat(numbers).as(key).isSorted());
      told.forEach((key, numbers) -> assertThat(numbers).as("told " + key).isSorted());
    }
  }
}
