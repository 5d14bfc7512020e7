package io.millrace.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.aggregation.AggregateEncoder;
import io.millrace.aggregation.Headers;
import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.Health;
import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.StallReason;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.failure.KinesisDestination;
import io.millrace.consumer.handler.AsyncRecordHandler;
import io.millrace.consumer.handler.BatchResult;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;

/** What user code and its destination do to a consumer over HTTP, with a ledger. */
class HandlerFaultsTest extends FaultsFixture {
  private static ConsumerSettings.Builder quick() {
    return ConsumerSettings.builder().failoverTime(Duration.ofSeconds(2));
  }

  private static FailurePolicy.Builder quickRetries() {
    return FailurePolicy.builder().backoff(Duration.ofMillis(1), Duration.ofMillis(20));
  }

  @Test
  void exceptionsAndOutOfMemoryAtRandomLoseNothingAndKeepTheOrder() {
    start(CoreSettings.defaults(), 2);
    Ledger ledger = new Ledger();
    SplittableRandom dice = new SplittableRandom(11);
    AtomicInteger failures = new AtomicInteger();
    started(
        clicks(newApplication(), new InMemoryLeaseStore())
            .failurePolicy(quickRetries().build())
            .parallelism(4, KeyOrder.PER_KEY)
            .onRecord(
                record -> {
                  int roll;
                  synchronized (dice) {
                    roll = dice.nextInt(50);
                  }
                  if (roll < 10) {
                    failures.incrementAndGet();
                    throw new IllegalStateException("at random");
                  }
                  if (roll == 10) {
                    failures.incrementAndGet();
                    long[] tooMuch = new long[Integer.MAX_VALUE];
                    throw new AssertionError("got " + tooMuch.length);
                  }
                  ledger.add(record);
                })
            .build());
    put(0, 2_000);
    putPlain(2_000, 2_100);
    until("every record", () -> ledger.distinct() == 2_100);
    ledger.assertEachOnceInOrder(2_100);
    assertThat(failures.get()).isGreaterThan(200);
  }

  @Test
  void handlerThatNeverReturnsCostsOneShardUntilItsWorkerGoes() {
    start(CoreSettings.defaults(), 2);
    Ledger ledger = new Ledger();
    String application = newApplication();
    LeaseStore store = new InMemoryLeaseStore();
    CountDownLatch stuck = new CountDownLatch(1);
    AtomicBoolean release = new AtomicBoolean();
    open.add(() -> release.set(true));
    StreamConsumer first =
        started(
            clicks(application, store)
                .settings(quick().workerId("a").stallAfter(Duration.ofSeconds(1)).build())
                .onRecord(
                    record -> {
                      if (record.shard().value().endsWith("0")) {
                        stuck.countDown();
                        ignoreInterruptsUntil(release::get);
                        return;
                      }
                      ledger.add(record);
                    })
                .build());
    putPlain(0, 100);
    until("the call has begun", () -> stuck.getCount() == 0);
    until(
        "it is told",
        () -> {
          Health health = first.health();
          return health.live()
              && !health.ready()
              && health.problems().stream().anyMatch(problem -> problem.contains("busy"));
        });
    until(
        "the age of the call is told",
        () ->
            first.shards().stream()
                .flatMap(shard -> shard.longestCall().stream())
                .anyMatch(age -> age.compareTo(Duration.ofSeconds(1)) > 0));
    first.close(Duration.ofMillis(500));
    assertThat(release).as("close does not wait for the handler for ever").isFalse();

    started(
        clicks(application, store)
            .settings(quick().workerId("b").build())
            .onRecord(ledger::add)
            .build());
    until("every record", () -> ledger.distinct() == 100);
    ledger.assertNoneLostInOrder(100);
  }

  /**
   * The second worker's listings lack the parent's row, as a list that is read while rows change
   * may: it takes a child, and only what it reads of the parent itself holds it back.
   */
  @Test
  void splitWithUnacknowledgedRecordsStartsTheChildrenBehindThem() {
    start(CoreSettings.defaults(), 1);
    Ledger ledger = new Ledger();
    Queue<CompletableFuture<Void>> held = new ConcurrentLinkedQueue<>();
    AtomicBoolean holds = new AtomicBoolean(true);
    AtomicInteger early = new AtomicInteger();
    AsyncRecordHandler handler =
        record -> {
          if (!holds.get()) {
            ledger.add(record);
            return CompletableFuture.completedFuture(null);
          }
          if (!isFirst(record.shard())) {
            early.incrementAndGet();
          }
          CompletableFuture<Void> stage = new CompletableFuture<>();
          held.add(stage);
          return stage.thenRun(() -> ledger.add(record));
        };
    String application = newApplication();
    LeaseStore store = new InMemoryLeaseStore();
    StreamConsumer consumer =
        started(
            clicks(application, store)
                .settings(ConsumerSettings.builder().workerId("a").build())
                .parallelism(KEYS, KeyOrder.PER_KEY)
                .onRecordAsync(handler)
                .build());
    putPlain(0, KEYS * 3);
    until("one record of each key is held", () -> held.size() == KEYS);
    server.core().scale("clicks", 2);
    putPlain(KEYS * 3, KEYS * 6);
    until(
        "the parent is read to its end: its children have rows",
        () -> get(consumer.admin().leases()).size() == 3);
    StreamConsumer second =
        started(
            clicks(application, withoutTheFirstShardInLists(store))
                .settings(ConsumerSettings.builder().workerId("b").build())
                .parallelism(KEYS, KeyOrder.PER_KEY)
                .onRecordAsync(handler)
                .build());
    until("a child waits, or is begun", () -> early.get() > 0 || waitsForParents(second));
    assertThat(early.get()).as("records of a child").isZero();
    holds.set(false);
    held.forEach(stage -> stage.complete(null));
    until("every record", () -> ledger.distinct() == KEYS * 6);
    ledger.assertEachOnceInOrder(KEYS * 6);
  }

  private static boolean isFirst(ShardId shard) {
    return shard.value().endsWith("0");
  }

  private static boolean waitsForParents(StreamConsumer consumer) {
    return consumer.shards().stream()
        .flatMap(shard -> shard.stall().stream())
        .anyMatch(StallReason.WaitingForParents.class::isInstance);
  }

  private static LeaseStore withoutTheFirstShardInLists(LeaseStore store) {
    return (LeaseStore)
        Proxy.newProxyInstance(
            LeaseStore.class.getClassLoader(),
            new Class<?>[] {LeaseStore.class},
            (proxy, method, arguments) -> {
              Object answer = method.invoke(store, arguments);
              return method.getName().equals("listLeases")
                  ? ((CompletionStage<?>) answer)
                      .thenApply(page -> withoutTheFirstShard((LeaseStore.LeasePage) page))
                  : answer;
            });
  }

  private static LeaseStore.LeasePage withoutTheFirstShard(LeaseStore.LeasePage page) {
    return new LeaseStore.LeasePage(
        page.leases().stream().filter(row -> !isFirst(row.key().shard())).toList(),
        page.nextPageToken());
  }

  @Test
  void whatACrashedWorkerHadAcknowledgedOutOfOrderIsNotRepeatedWhereItStandsBesideTheCheckpoint() {
    start(CoreSettings.defaults(), 1);
    String application = newApplication();
    LeaseStore tables = new InMemoryLeaseStore();
    FlakyStore flaky = new FlakyStore();
    Ledger before = new Ledger();
    Set<Integer> stuck = Set.of(5, 17);
    AtomicReference<Position> lastBeforeTheFirstStuck = new AtomicReference<>();
    putPlain(0, 40);
    StreamConsumer first =
        clicks(application, flaky.around(tables))
            .settings(quick().workerId("a").checkpointInterval(Duration.ofMillis(100)).build())
            .parallelism(8, KeyOrder.UNORDERED)
            .onRecordAsync(
                record -> {
                  if (stuck.contains(numberOf(record))) {
                    return new CompletableFuture<>();
                  }
                  if (numberOf(record) == 4) {
                    lastBeforeTheFirstStuck.set(record.position());
                  }
                  before.add(record);
                  return CompletableFuture.completedFuture(null);
                })
            .build();
    started(first);
    open.add(() -> flaky.be(FlakyStore.State.WELL));
    until(
        "a checkpoint up to the first stuck record with acknowledgements beside it",
        () ->
            tables
                .listLeases(LeaseStore.Consistency.STRONG, null)
                .toCompletableFuture()
                .join()
                .leases()
                .stream()
                .anyMatch(
                    row ->
                        row.ahead().length > 0
                            && row.checkpoint()
                                .position()
                                .equals(Optional.ofNullable(lastBeforeTheFirstStuck.get()))));
    // To its peers a worker that reaches the tables no more is one that died.
    flaky.be(FlakyStore.State.AWAY);

    Ledger after = new Ledger();
    started(
        clicks(application, tables)
            .settings(quick().workerId("b").build())
            .onRecord(after::add)
            .build());
    putPlain(40, 41);
    until("the last record, behind all others", () -> after.numbers().contains(40));
    assertThat(after.numbers()).containsAll(stuck);
    assertThat(union(before.numbers(), after.numbers())).hasSize(41);
    after.assertEachOnceInOrder(after.distinct());
    assertThat(after.distinct())
        .as("5 of 41 are behind the checkpoint, and one at least beside it")
        .isLessThan(36);
  }

  private static Set<Integer> union(Set<Integer> some, Set<Integer> others) {
    Set<Integer> all = new HashSet<>(some);
    all.addAll(others);
    return all;
  }

  @Test
  void tenThousandTinyRecordsOfOneAggregateArriveInOrder() {
    start(CoreSettings.defaults(), 1);
    List<Integer> seen = Collections.synchronizedList(new ArrayList<>());
    started(
        clicks(newApplication(), new InMemoryLeaseStore())
            .onBatch(
                batch -> {
                  batch.records().forEach(r -> seen.add(r.data().getInt()));
                  return BatchResult.ok();
                })
            .build());
    AggregateEncoder encoder = new AggregateEncoder(1 << 20);
    for (int i = 0; i < 10_000; i++) {
      encoder.tryAdd("k", null, ByteBuffer.allocate(4).putInt(0, i), Headers.NONE);
    }
    byte[] aggregate = encoder.finish();
    get(
        kinesis.putRecord(
            put ->
                put.streamName("clicks")
                    .partitionKey("k")
                    .data(SdkBytes.fromByteArrayUnsafe(aggregate))));
    until("every member", () -> seen.size() >= 10_000);
    assertThat(seen).isEqualTo(IntStream.range(0, 10_000).boxed().toList());
  }

  @Test
  void failedRecordIsDurableInTheDeadLetterStreamBeforeItCounts() throws IOException {
    start(CoreSettings.defaults(), 1);
    server.createStream("dead", 1);
    Ledger ledger = new Ledger();
    String application = newApplication();
    LeaseStore store = new InMemoryLeaseStore();
    var outage =
        server.core().faults().on(Operation.PUT_RECORD).stream("dead").inject(Fault.throttle());
    StreamConsumer consumer =
        started(
            StreamConsumer.builder(application, kinesis, store).stream(
                    "clicks", StartAt.trimHorizon(), Fetching.polling())
                .settings(
                    ConsumerSettings.builder().checkpointInterval(Duration.ofMillis(100)).build())
                .failurePolicy(
                    quickRetries()
                        .maximumRetryAttempts(2)
                        .onFailure(
                            KinesisDestination.stream(kinesis, "dead")
                                .timeout(Duration.ofSeconds(1)))
                        .build())
                .onRecord(
                    record -> {
                      if (numberOf(record) % 10 == 7) {
                        throw new IllegalArgumentException("no sevens");
                      }
                      ledger.add(record);
                    })
                .build());
    putPlain(0, 20);
    until(
        "the failing destination is shown",
        () ->
            consumer.shards().stream()
                .flatMap(shard -> shard.stall().stream())
                .anyMatch(StallReason.DestinationFailing.class::isInstance));
    Optional<Position> before = checkpoint(consumer);
    assertThat(ledger.distinct()).as("nothing overtakes number 7").isEqualTo(7);

    outage.cancel();
    until("every other record", () -> ledger.distinct() == 18);
    List<KinesisRecord> dead =
        server.core().records("dead").values().stream().flatMap(List::stream).toList();
    assertThat(dead).hasSizeGreaterThanOrEqualTo(2);
    JsonNode first = new ObjectMapper().readTree(copy(dead.get(0)));
    assertThat(first.get("reason").asText()).isEqualTo("ATTEMPTS_EXHAUSTED");
    assertThat(first.get("attempts").asInt()).isEqualTo(3);
    assertThat(first.get("partitionKey").asText()).isEqualTo("key-7");
    assertThat(new String(first.get("data").binaryValue(), StandardCharsets.UTF_8))
        .isEqualTo("00000007");
    assertThat(first.get("errorClass").asText()).isEqualTo("java.lang.IllegalArgumentException");
    assertThat(first.has("errorMessage")).isFalse();
    Position seventh = new Position(SequenceNumber.of(first.get("sequenceNumber").asText()), 0);
    assertThat(before.filter(at -> at.compareTo(seventh) >= 0))
        .as("a checkpoint that covers a record which is nowhere")
        .isEmpty();
    until(
        "the checkpoint covers it",
        () -> checkpoint(consumer).filter(at -> at.compareTo(seventh) > 0).isPresent());
  }

  /** What the lease row of the only shard says. */
  private static Optional<Position> checkpoint(StreamConsumer consumer) {
    return get(consumer.admin().leases()).get(0).checkpoint().position();
  }

  private static byte[] copy(KinesisRecord record) {
    byte[] bytes = new byte[record.data().remaining()];
    record.data().duplicate().get(bytes);
    return bytes;
  }
}
