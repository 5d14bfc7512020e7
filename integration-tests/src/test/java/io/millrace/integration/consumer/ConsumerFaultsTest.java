package io.millrace.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.producer.StreamProducer;
import io.millrace.testkit.KinesisServer;
import io.millrace.testkit.KinesisServerSettings;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.ServiceLimits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * The consumer's data path over HTTP while the endpoint misbehaves: a ledger of what was put and
 * what arrived.
 */
class ConsumerFaultsTest {
  private static final int KEYS = 20;
  private static int applications;

  private final List<AutoCloseable> open = new ArrayList<>();
  private KinesisServer server;
  private KinesisAsyncClient kinesis;

  enum How {
    POLLING,
    FAN_OUT;

    private Fetching fetching() {
      return this == POLLING ? Fetching.polling() : Fetching.fanOut("app");
    }
  }

  /** What arrived: per key the numbers in order, and every number that came more than once. */
  private static final class Ledger {
    private final Map<String, List<Integer>> byKey = new ConcurrentHashMap<>();
    private final AtomicInteger deliveries = new AtomicInteger();

    private void add(ReceivedRecord record) {
      int number = Integer.parseInt(StandardCharsets.UTF_8.decode(record.data()).toString().trim());
      synchronized (byKey.computeIfAbsent(record.partitionKey(), key -> new ArrayList<>())) {
        byKey.get(record.partitionKey()).add(number);
      }
      deliveries.incrementAndGet();
    }

    private long distinct() {
      return byKey.values().stream()
          .mapToLong(
              numbers -> {
                synchronized (numbers) {
                  return numbers.stream().distinct().count();
                }
              })
          .sum();
    }

    private void assertEachOnceInOrder(int count) {
      assertThat(distinct()).as("delivered").isEqualTo(count);
      assertThat(deliveries.get()).as("no duplicate without a crash").isEqualTo(count);
      byKey.values().forEach(numbers -> assertThat(numbers).isSorted());
    }
  }

  @AfterEach
  void stopEverything() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    kinesis.close();
    server.close();
  }

  private void start(CoreSettings settings, int shards) {
    server = KinesisServer.start(KinesisServerSettings.builder().core(settings).build());
    kinesis = server.newClient();
    server.createStream("clicks", shards);
  }

  private StreamConsumer consumer(How how, Ledger ledger, ConsumerSettings.Builder settings) {
    return consumer(how, ledger, settings, new InMemoryLeaseStore());
  }

  private StreamConsumer consumer(
      How how, Ledger ledger, ConsumerSettings.Builder settings, LeaseStore store) {
    StreamConsumer consumer =
        StreamConsumer.builder("faults-" + ++applications, kinesis, store).stream(
                "clicks", StartAt.trimHorizon(), how.fetching())
            .settings(settings.build())
            .onRecord(ledger::add)
            .build();
    open.add(() -> consumer.close(Duration.ofSeconds(2)));
    consumer.start().orTimeout(20, TimeUnit.SECONDS).join();
    return consumer;
  }

  private void put(int from, int to) {
    try (StreamProducer producer = StreamProducer.builder(kinesis).build()) {
      for (int i = from; i < to; i++) {
        byte[] data = String.format("%08d", i).getBytes(StandardCharsets.UTF_8);
        var unused = producer.put("clicks", "key-" + i % KEYS, data);
      }
      producer.flush().orTimeout(20, TimeUnit.SECONDS).join();
    }
  }

  /** One Kinesis record each, so that many reads and events are needed. */
  private void putPlain(int from, int to) {
    for (int i = from; i < to; i++) {
      int number = i;
      kinesis
          .putRecord(
              put ->
                  put.streamName("clicks")
                      .partitionKey("key-" + number % KEYS)
                      .data(SdkBytes.fromUtf8String(String.format("%08d", number))))
          .orTimeout(10, TimeUnit.SECONDS)
          .join();
    }
  }

  private static void until(BooleanSupplier condition, Duration limit) throws Exception {
    long begun = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - begun > limit.toNanos()) {
        throw new AssertionError("not within " + limit);
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  @ParameterizedTest
  @EnumSource(How.class)
  void everyRecordArrivesOnceAndInOrder(How how) throws Exception {
    start(CoreSettings.defaults(), 4);
    Ledger ledger = new Ledger();
    consumer(how, ledger, ConsumerSettings.builder());
    put(0, 5_000);
    putPlain(5_000, 5_200);
    until(() -> ledger.distinct() == 5_200, Duration.ofSeconds(20));
    ledger.assertEachOnceInOrder(5_200);
  }

  @Test
  void pollingSurvivesThrottlesFailuresLostRepliesResetsAndExpiredIterators() throws Exception {
    start(CoreSettings.defaults(), 2);
    server.core().faults().on(Operation.GET_RECORDS).probability(0.1).inject(Fault.throttle());
    server.core().faults().on(Operation.GET_RECORDS).probability(0.1).inject(Fault.lostReply());
    server.core().faults().on(Operation.GET_RECORDS).probability(0.1).inject(Fault.reset());
    server
        .core()
        .faults()
        .on(Operation.GET_RECORDS, Operation.GET_SHARD_ITERATOR)
        .probability(0.1)
        .inject(Fault.internalFailure());
    server
        .core()
        .faults()
        .on(Operation.GET_RECORDS)
        .probability(0.1)
        .inject(Fault.expiredIterator());
    server.core().faults().on(Operation.GET_RECORDS).probability(0.1).inject(new Fault.EmptyPage());
    Ledger ledger = new Ledger();
    consumer(
        How.POLLING,
        ledger,
        ConsumerSettings.builder().requestTimeout(Duration.ofMillis(300)).fetchMaxRecords(50));
    putPlain(0, 600);
    until(() -> ledger.distinct() == 600, Duration.ofSeconds(60));
    ledger.assertEachOnceInOrder(600);
  }

  @Test
  void subscriptionsThatEndEarlyAreRenewedWithoutGapOrDuplicate() throws Exception {
    start(CoreSettings.builder().subscriptionLifetime(Duration.ofMillis(250)).build(), 2);
    Ledger ledger = new Ledger();
    consumer(How.FAN_OUT, ledger, ConsumerSettings.builder());
    putPlain(0, 800);
    until(() -> ledger.distinct() == 800, Duration.ofSeconds(60));
    ledger.assertEachOnceInOrder(800);
  }

  @Test
  void resetConnectionsAndErrorEventsInTheMiddleLoseNothing() throws Exception {
    start(CoreSettings.defaults(), 2);
    server
        .core()
        .faults()
        .on(Operation.SUBSCRIBE_TO_SHARD)
        .probability(0.3)
        .inject(
            new Fault.EndSubscription(Duration.ofMillis(50), ErrorCode.INTERNAL_FAILURE, false));
    server
        .core()
        .faults()
        .on(Operation.SUBSCRIBE_TO_SHARD)
        .probability(0.2)
        .inject(Fault.internalFailure());
    Ledger ledger = new Ledger();
    consumer(How.FAN_OUT, ledger, ConsumerSettings.builder());
    for (int i = 0; i < 8; i++) {
      putPlain(i * 100, i * 100 + 100);
      server.core().resetSubscriptions("clicks");
    }
    until(() -> ledger.distinct() == 800, Duration.ofSeconds(60));
    ledger.assertEachOnceInOrder(800);
  }

  @Test
  void deniedFanOutPollsInstead() throws Exception {
    start(CoreSettings.defaults(), 2);
    server
        .core()
        .faults()
        .on(Operation.DESCRIBE_STREAM_CONSUMER, Operation.REGISTER_STREAM_CONSUMER)
        .inject(Fault.accessDenied());
    Ledger ledger = new Ledger();
    consumer(How.FAN_OUT, ledger, ConsumerSettings.builder());
    putPlain(0, 100);
    until(() -> ledger.distinct() == 100, Duration.ofSeconds(20));
    ledger.assertEachOnceInOrder(100);
  }

  @Test
  void fiveApplicationsShareTheReadLimitsOfAShard() throws Exception {
    start(CoreSettings.builder().limits(ServiceLimits.NONE.withReads(5, 2_000_000)).build(), 1);
    List<Ledger> ledgers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ledgers.add(new Ledger());
      consumer(How.POLLING, ledgers.get(i), ConsumerSettings.builder());
    }
    putPlain(0, 200);
    until(
        () -> ledgers.stream().allMatch(ledger -> ledger.distinct() == 200),
        Duration.ofSeconds(60));
    ledgers.forEach(ledger -> ledger.assertEachOnceInOrder(200));
  }

  @ParameterizedTest
  @EnumSource(How.class)
  void splitUnderTrafficKeepsTheOrderOfEachKey(How how) throws Exception {
    start(CoreSettings.defaults(), 1);
    Ledger ledger = new Ledger();
    consumer(how, ledger, ConsumerSettings.builder());
    putPlain(0, 300);
    server.core().scale("clicks", 2);
    putPlain(300, 600);
    server.core().scale("clicks", 4);
    putPlain(600, 900);
    until(() -> ledger.distinct() == 900, Duration.ofSeconds(30));
    ledger.assertEachOnceInOrder(900);
  }

  @Test
  void parallelHandlersKeepTheOrderOfEachKey() throws Exception {
    start(CoreSettings.defaults(), 1);
    Ledger ledger = new Ledger();
    StreamConsumer consumer =
        StreamConsumer.builder("faults-" + ++applications, kinesis, new InMemoryLeaseStore())
            .stream("clicks", StartAt.trimHorizon())
            .parallelism(KEYS, KeyOrder.PER_KEY)
            .onRecord(
                record -> {
                  TimeUnit.MILLISECONDS.sleep(5);
                  ledger.add(record);
                })
            .build();
    open.add(() -> consumer.close(Duration.ofSeconds(2)));
    consumer.start().orTimeout(20, TimeUnit.SECONDS).join();
    put(0, 2_000);
    until(() -> ledger.distinct() == 2_000, Duration.ofSeconds(30));
    ledger.assertEachOnceInOrder(2_000);
  }

  @Test
  void recordsOfTenMebibytesPassASmallBudget() throws Exception {
    start(CoreSettings.defaults(), 1);
    kinesis
        .updateMaxRecordSize(
            update ->
                update
                    .streamARN(
                        kinesis
                            .describeStreamSummary(describe -> describe.streamName("clicks"))
                            .join()
                            .streamDescriptionSummary()
                            .streamARN())
                    .maxRecordSizeInKiB(10_240))
        .orTimeout(10, TimeUnit.SECONDS)
        .join();
    AtomicInteger large = new AtomicInteger();
    StreamConsumer consumer =
        StreamConsumer.builder("faults-" + ++applications, kinesis, new InMemoryLeaseStore())
            .stream("clicks", StartAt.trimHorizon())
            .settings(ConsumerSettings.builder().bufferBytes(1 << 20).build())
            .onRecord(
                record -> {
                  if (record.sizeBytes() == 10_000_000) {
                    large.incrementAndGet();
                  }
                })
            .build();
    open.add(() -> consumer.close(Duration.ofSeconds(2)));
    consumer.start().orTimeout(20, TimeUnit.SECONDS).join();
    for (int i = 0; i < 3; i++) {
      kinesis
          .putRecord(
              put ->
                  put.streamName("clicks")
                      .partitionKey("k")
                      .data(SdkBytes.fromByteArrayUnsafe(new byte[10_000_000])))
          .orTimeout(20, TimeUnit.SECONDS)
          .join();
    }
    until(() -> large.get() == 3, Duration.ofSeconds(30));
  }
}
