package io.millrace.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.model.ShardId;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.Ordering;
import io.millrace.producer.StreamProducer;
import io.millrace.testkit.KinesisServer;
import io.millrace.testkit.KinesisServerSettings;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** An endpoint that misbehaves, consumers on it, and a ledger of what arrived. */
abstract class FaultsFixture {
  static final int KEYS = 20;

  /** No promise of anybody: how long a test waits before it says that something never happens. */
  static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final AtomicInteger APPLICATIONS = new AtomicInteger();

  final List<AutoCloseable> open = new ArrayList<>();
  KinesisServer server;
  KinesisAsyncClient kinesis;

  enum How {
    POLLING,
    FAN_OUT;

    Fetching fetching() {
      return this == POLLING ? Fetching.polling() : Fetching.fanOut("app");
    }
  }

  /** What arrived: per key the numbers in the order in which they came. Thread-safe. */
  static final class Ledger {
    private final Map<String, List<Integer>> byKey = new LinkedHashMap<>();
    private final Set<Integer> distinct = new LinkedHashSet<>();
    private final Map<ShardId, Integer> byShard = new LinkedHashMap<>();

    synchronized void add(ReceivedRecord record) {
      int number = numberOf(record);
      byKey.computeIfAbsent(record.partitionKey(), key -> new ArrayList<>()).add(number);
      distinct.add(number);
      byShard.merge(record.shard(), 1, Integer::sum);
    }

    /** How many records of the shard of this one came. */
    synchronized int ofShard(ReceivedRecord record) {
      return byShard.getOrDefault(record.shard(), 0);
    }

    synchronized int distinct() {
      return distinct.size();
    }

    /** Every number that came, each once. */
    synchronized Set<Integer> numbers() {
      return Set.copyOf(distinct);
    }

    /** For runs in which an owner has died: duplicates are allowed, gaps and turns are not. */
    synchronized void assertNoneLostInOrder(int count) {
      assertThat(distinct).as("delivered").hasSize(count);
      byKey.forEach(
          (key, numbers) ->
              assertThat(numbers.stream().distinct().toList())
                  .as("first deliveries of %s", key)
                  .isSorted());
    }

    synchronized void assertEachOnceInOrder(int count) {
      assertThat(distinct).as("delivered").hasSize(count);
      assertThat(byKey.values().stream().mapToInt(List::size).sum())
          .as("deliveries: no duplicate without a crash")
          .isEqualTo(count);
      byKey.forEach((key, numbers) -> assertThat(numbers).as(key).isSorted());
    }
  }

  /** The number that {@link #put} or {@link #putPlain} gave a record. */
  static int numberOf(ReceivedRecord record) {
    return Integer.parseInt(StandardCharsets.UTF_8.decode(record.data()).toString());
  }

  @AfterEach
  void stopEverything() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    kinesis.close();
    server.close();
  }

  final void start(CoreSettings settings, int shards) {
    start(KinesisServerSettings.builder().core(settings).build(), shards);
  }

  final void start(KinesisServerSettings settings, int shards) {
    server = KinesisServer.start(settings);
    kinesis = server.newClient();
    server.createStream("clicks", shards);
  }

  final StreamConsumer consumer(How how, Ledger ledger, ConsumerSettings.Builder settings) {
    return consumer(how, ledger, settings, new InMemoryLeaseStore());
  }

  final StreamConsumer consumer(
      How how, Ledger ledger, ConsumerSettings.Builder settings, LeaseStore store) {
    return started(
        StreamConsumer.builder(newApplication(), kinesis, store).stream(
                "clicks", StartAt.trimHorizon(), how.fetching())
            .settings(settings.build())
            .onRecord(ledger::add)
            .build());
  }

  /** A consumer of the stream from its begin, without a handler yet. */
  final StreamConsumer.Builder clicks(String application, LeaseStore store) {
    return StreamConsumer.builder(application, kinesis, store).stream(
        "clicks", StartAt.trimHorizon());
  }

  static String newApplication() {
    return "faults-" + APPLICATIONS.incrementAndGet();
  }

  final StreamConsumer started(StreamConsumer consumer) {
    open.add(() -> consumer.close(Duration.ofSeconds(2)));
    get(consumer.start());
    return consumer;
  }

  /** Aggregates, in the order of the numbers for each key, and none of them twice. */
  final void put(int from, int to) {
    ProducerSettings settings =
        ProducerSettings.builder().ordering(Ordering.PER_KEY).requestTimeout(PATIENCE).build();
    try (StreamProducer producer = StreamProducer.builder(kinesis).settings(settings).build()) {
      for (int i = from; i < to; i++) {
        byte[] data = String.format("%08d", i).getBytes(StandardCharsets.UTF_8);
        var unused = producer.put("clicks", "key-" + i % KEYS, data);
      }
      get(producer.flush());
    }
  }

  /** One Kinesis record each, so that many reads and events are needed. */
  final void putPlain(int from, int to) {
    for (int i = from; i < to; i++) {
      int number = i;
      get(
          kinesis.putRecord(
              put ->
                  put.streamName("clicks")
                      .partitionKey("key-" + number % KEYS)
                      .data(SdkBytes.fromUtf8String(String.format("%08d", number)))));
    }
  }

  /** A handler that does not let itself be stopped. */
  static void ignoreInterruptsUntil(BooleanSupplier released) {
    while (!released.getAsBoolean()) {
      try {
        TimeUnit.MILLISECONDS.sleep(5);
      } catch (InterruptedException ignored) {
        // Deliberate: that is what it does.
      }
    }
  }

  /** The result, or the failure as it is. */
  static <T> T get(CompletableFuture<T> result) {
    return result.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }

  /** Waits until it is so; fails with what it waited for. */
  static void until(String what, BooleanSupplier condition) {
    TestStream.await(what, PATIENCE, condition);
  }
}
