package io.millrace.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.FleetAdmin;
import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.Replay;
import io.millrace.consumer.ReplayProgress;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.testkit.KinesisServerSettings;
import io.millrace.testkit.kinesis.settings.EndpointClock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClientBuilder;
import software.amazon.awssdk.services.kinesis.model.GetRecordsRequest;

/**
 * Replays of a part of a stream over HTTP: exactly that part, to its end, beside the live
 * application, and across a stop and a crash. The endpoint's wall clock stands where the test sets
 * it, so each record has the arrival time that is wanted.
 */
class ReplayTest extends FaultsFixture {
  private static final int FIRST = 60;
  private static final int SPLIT = 100;
  private static final int LAST = 140;
  private static final int ALL = 200;
  private static final int WANTED = LAST - FIRST;

  private final Instant begin =
      Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(Duration.ofHours(2));
  private final Instant from = begin.plusSeconds(600);
  private final Instant to = begin.plusSeconds(1_200);
  private volatile Instant wallTime = begin;

  /**
   * Three times some records; the second ones arrive at {@link #from}, before and after a split.
   */
  @BeforeEach
  void fill() {
    start(
        KinesisServerSettings.builder()
            .clock(EndpointClock.of(() -> wallTime, System::nanoTime))
            .build(),
        2);
    putPlain(0, FIRST);
    wallTime = from;
    putPlain(FIRST, SPLIT);
    server.core().scale("clicks", 3);
    putPlain(SPLIT, LAST);
    wallTime = to;
    putPlain(LAST, ALL);
    wallTime = to.plusSeconds(600);
  }

  private Replay.Builder replay(String name, LeaseStore store) {
    return Replay.builder(name, kinesis, store).stream("clicks", from, to).shareOfReadThroughput(1);
  }

  private static ConsumerSettings.Builder quick() {
    return ConsumerSettings.builder().checkpointInterval(Duration.ofMillis(100));
  }

  /** For a worker that takes over from one that died. */
  private static ConsumerSettings quickFailover(String worker) {
    return quick().failoverTime(Duration.ofSeconds(2)).workerId(worker).build();
  }

  private static void assertWindow(Ledger ledger) {
    ledger.assertEachOnceInOrder(WANTED);
    assertThat(ledger.numbers())
        .containsExactlyInAnyOrderElementsOf(IntStream.range(FIRST, LAST).boxed().toList());
  }

  @Test
  void windowIsReplayedThroughItsReshardsOnceAndInOrderBesideTheLiveApplication() {
    Ledger live = new Ledger();
    StreamConsumer application = consumer(How.POLLING, live, ConsumerSettings.builder());
    Ledger ledger = new Ledger();
    try (Replay replay =
        replay("window", new InMemoryLeaseStore())
            .consumer(consumer -> consumer.onRecord(ledger::add))
            .build()) {
      ReplayProgress end = get(replay.run());
      assertThat(end.complete()).isTrue();
      assertThat(end.finishedShards()).isEqualTo(end.shards()).isGreaterThan(2);
      assertThat(end.processedUntil()).isEmpty();
      assertWindow(ledger);
    }
    putPlain(ALL, ALL + KEYS);
    until("the live application goes on", () -> live.distinct() == ALL + KEYS);
    live.assertEachOnceInOrder(ALL + KEYS);
    until("the live application is well", () -> application.health().ready());
    assertWindow(ledger);
  }

  @Test
  void progressIsTheArrivalTimeUpToWhichEverythingIsProcessed() {
    Ledger ledger = new Ledger();
    CountDownLatch progressSeen = new CountDownLatch(1);
    open.add(progressSeen::countDown);
    try (Replay replay =
        replay("watched", new InMemoryLeaseStore())
            .consumer(
                consumer ->
                    consumer
                        .settings(quick().build())
                        .onRecord(
                            record -> {
                              ledger.add(record);
                              if (ledger.ofShard(record) == 3) {
                                progressSeen.await();
                              }
                            }))
            .build()) {
      var end = replay.run();
      until(
          "both parents are under way",
          () -> ledger.distinct() == 6 && isUnderWay(replay.progress()));
      progressSeen.countDown();
      assertThat(get(end).complete()).isTrue();
      assertThat(replay.progress()).isEqualTo(get(end));
      assertWindow(ledger);
    }
  }

  private static double secondsSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e9;
  }

  private boolean isUnderWay(ReplayProgress progress) {
    return !progress.complete()
        && progress.shards() >= 2
        && progress.processedUntil().filter(from::equals).isPresent();
  }

  @Test
  void stoppedReplayGoesOnFromItsCheckpointsAndAFinishedOneStaysFinished() {
    LeaseStore store = new InMemoryLeaseStore();
    Ledger ledger = new Ledger();
    Replay begun =
        replay("resumed", store)
            .recordsPerSecond(2)
            .consumer(consumer -> consumer.onRecord(ledger::add))
            .build();
    long begunNanos = System.nanoTime();
    var stopped = begun.run();
    until("some records", () -> ledger.distinct() >= 3);
    assertThat((double) ledger.distinct())
        .as("records, at 2 a second")
        .isLessThanOrEqualTo(1 + 2 * secondsSince(begunNanos));
    assertThat(begun.close(PATIENCE)).isTrue();
    assertThatThrownBy(() -> get(stopped)).hasMessageContaining("stopped before the end");
    assertThat(ledger.distinct()).isLessThan(WANTED);

    try (Replay resumed =
        replay("resumed", store).consumer(consumer -> consumer.onRecord(ledger::add)).build()) {
      assertThat(get(resumed.run()).complete()).isTrue();
    }
    assertWindow(ledger);

    Ledger again = new Ledger();
    try (Replay finished =
        replay("resumed", store).consumer(consumer -> consumer.onRecord(again::add)).build()) {
      assertThat(get(finished.run()).complete()).isTrue();
    }
    assertThat(again.distinct()).as("a finished replay stays finished").isZero();
  }

  @Test
  void replayWhoseWorkerCrashedIsResumedByAnotherOneFromItsCheckpoints() {
    LeaseStore tables = new InMemoryLeaseStore();
    FlakyStore flaky = new FlakyStore();
    Ledger before = new Ledger();
    CountDownLatch crashed = new CountDownLatch(1);
    Replay first =
        replay("crashed", flaky.around(tables))
            .consumer(
                consumer ->
                    consumer
                        .settings(quickFailover("a"))
                        .onRecord(
                            record -> {
                              if (before.distinct() >= 20) {
                                crashed.await();
                                throw new IllegalStateException("nobody hears of this");
                              }
                              before.add(record);
                            }))
            .build();
    open.add(() -> first.close(Duration.ZERO));
    open.add(
        () -> {
          flaky.be(FlakyStore.State.WELL);
          crashed.countDown();
        });
    var unused = first.run();
    FleetAdmin operator = FleetAdmin.of("crashed", tables);
    until(
        "a checkpoint",
        () ->
            before.distinct() >= 20
                && get(operator.leases()).stream()
                    .anyMatch(lease -> lease.checkpoint().position().isPresent()));
    // To its peers a worker that reaches the tables no more is one that died.
    flaky.be(FlakyStore.State.AWAY);

    Ledger after = new Ledger();
    try (Replay second =
        replay("crashed", tables)
            .consumer(consumer -> consumer.settings(quickFailover("b")).onRecord(after::add))
            .build()) {
      assertThat(get(second.run()).complete()).isTrue();
    }
    after.assertEachOnceInOrder(after.distinct());
    assertThat(after.distinct()).as("not from the begin again").isLessThan(WANTED);
    assertThat(IntStream.range(FIRST, LAST).boxed())
        .allMatch(number -> before.numbers().contains(number) || after.numbers().contains(number));
  }

  @Test
  void onlyTheChosenKeysAndShardsAreDelivered() {
    Ledger keys = new Ledger();
    try (Replay replay =
        replay("keys", new InMemoryLeaseStore())
            .keys(key -> key.equals("key-3") || key.equals("key-4"))
            .consumer(consumer -> consumer.parallelism(4, KeyOrder.PER_KEY).onRecord(keys::add))
            .build()) {
      get(replay.run());
    }
    keys.assertEachOnceInOrder(2 * WANTED / KEYS);
    assertThat(keys.numbers()).allMatch(n -> n % KEYS == 3 || n % KEYS == 4);

    Ledger shards = new Ledger();
    Ledger strangers = new Ledger();
    try (Replay replay =
        replay("shards", new InMemoryLeaseStore())
            .shards(shard -> shard.value().endsWith("0"))
            .consumer(
                consumer ->
                    consumer.onRecord(
                        record -> (isChosen(record) ? shards : strangers).add(record)))
            .build()) {
      get(replay.run());
    }
    assertThat(shards.distinct()).isBetween(1, WANTED - 1);
    assertThat(strangers.distinct()).isZero();
  }

  private static boolean isChosen(ReceivedRecord record) {
    return record.shard().value().endsWith("0");
  }

  @Test
  void keysThatThrowParkTheirShardByNameAndAMendedReplayGoesOn() {
    LeaseStore store = new InMemoryLeaseStore();
    Ledger ledger = new Ledger();
    try (Replay broken =
        replay("broken", store)
            .keys(key -> key.charAt(KEYS) == 'x')
            .consumer(consumer -> consumer.onRecord(ledger::add))
            .build()) {
      var unused = broken.run();
      until(
          "it is told",
          () ->
              broken.health().problems().stream()
                  .anyMatch(
                      problem ->
                          problem.contains(
                              "keys threw java.lang.StringIndexOutOfBoundsException at ")));
      assertThat(broken.health().problems().toString()).doesNotContain("key-");
    }
    assertThat(ledger.distinct()).isZero();

    get(FleetAdmin.of("broken", store).resumeParked());
    try (Replay mended =
        replay("broken", store).consumer(consumer -> consumer.onRecord(ledger::add)).build()) {
      assertThat(get(mended.run()).complete()).isTrue();
    }
    assertWindow(ledger);
  }

  /** The live application reads the same shard, and as fast as it may. */
  @Test
  void replayReadsAShardNoMoreOftenThanItsShareAllows() {
    consumer(How.POLLING, new Ledger(), ConsumerSettings.builder());
    ReadTimes times = new ReadTimes(new ConcurrentLinkedQueue<>());
    KinesisAsyncClientBuilder client = server.clientBuilder();
    client.overrideConfiguration(
        client.overrideConfiguration().toBuilder().addExecutionInterceptor(times).build());
    Ledger ledger = new Ledger();
    int reads = 12;
    try (KinesisAsyncClient counted = client.build();
        Replay replay =
            Replay.builder("slow", counted, new InMemoryLeaseStore()).stream("clicks", from, to)
                .shards(shard -> shard.value().endsWith("0"))
                .shareOfReadThroughput(0.5)
                .consumer(
                    consumer ->
                        consumer
                            .settings(ConsumerSettings.builder().fetchMaxRecords(1).build())
                            .onRecord(ledger::add))
                .build()) {
      long begunNanos = System.nanoTime();
      var unused = replay.run();
      until("some reads", () -> times.nanos().size() >= reads);
      // From before the first one: whatever a busy machine holds up makes the time longer.
      double seconds = (List.copyOf(times.nanos()).get(reads - 1) - begunNanos) / 1e9;
      assertThat(reads)
          .as("reads in %s s, at 2.5 a second", seconds)
          .isLessThanOrEqualTo((int) (2.5 * seconds) + 2);
    }
    assertThat(ledger.distinct()).isPositive();
  }

  /** When GetRecords was called. */
  private record ReadTimes(Queue<Long> nanos) implements ExecutionInterceptor {
    @Override
    public void beforeExecution(
        Context.BeforeExecution context, ExecutionAttributes executionAttributes) {
      if (context.request() instanceof GetRecordsRequest) {
        nanos.add(System.nanoTime());
      }
    }
  }

  @Test
  void whatMakesNoReplayIsRefusedByName() {
    LeaseStore store = new InMemoryLeaseStore();
    Replay.Builder builder = Replay.builder("a", kinesis, store);
    assertThatThrownBy(() -> builder.stream("clicks", to, from))
        .hasMessageContaining("the end must be after the begin");
    assertThatThrownBy(builder::build).hasMessageContaining("no stream");
    assertThatThrownBy(() -> replay("a", store).build()).hasMessageContaining("0 handlers");
    assertThatThrownBy(() -> builder.shareOfReadThroughput(1.5))
        .hasMessageContaining("shareOfReadThroughput 1.5");
    assertThatThrownBy(() -> builder.recordsPerSecond(0))
        .hasMessageContaining("recordsPerSecond 0");
  }
}
