package io.millrace.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.handler.SuspectedLoss;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.testkit.KinesisServerSettings;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.EndpointClock;
import io.millrace.testkit.kinesis.settings.ServiceLimits;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.SdkBytes;

/**
 * The consumer's data path over HTTP while the endpoint misbehaves: a ledger of what was put and
 * what arrived.
 */
class ConsumerFaultsTest extends FaultsFixture {
  @ParameterizedTest
  @EnumSource(How.class)
  void everyRecordArrivesOnceAndInOrder(How how) {
    start(CoreSettings.defaults(), 4);
    Ledger ledger = new Ledger();
    consumer(how, ledger, ConsumerSettings.builder());
    put(0, 5_000);
    putPlain(5_000, 5_200);
    until("every record", () -> ledger.distinct() == 5_200);
    ledger.assertEachOnceInOrder(5_200);
  }

  @Test
  void pollingSurvivesThrottlesFailuresLostRepliesResetsAndExpiredIterators() {
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
        ConsumerSettings.builder().requestTimeout(Duration.ofSeconds(1)).fetchMaxRecords(50));
    putPlain(0, 600);
    until("every record", () -> ledger.distinct() == 600);
    ledger.assertEachOnceInOrder(600);
  }

  @Test
  void subscriptionsThatEndEarlyAreRenewedWithoutGapOrDuplicate() {
    start(CoreSettings.builder().subscriptionLifetime(Duration.ofMillis(250)).build(), 2);
    Ledger ledger = new Ledger();
    consumer(How.FAN_OUT, ledger, ConsumerSettings.builder());
    putPlain(0, 800);
    until("every record", () -> ledger.distinct() == 800);
    ledger.assertEachOnceInOrder(800);
  }

  @Test
  void resetConnectionsAndErrorEventsInTheMiddleLoseNothing() {
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
    until("every record", () -> ledger.distinct() == 800);
    ledger.assertEachOnceInOrder(800);
  }

  @Test
  void deniedFanOutPollsInstead() {
    start(CoreSettings.defaults(), 2);
    server
        .core()
        .faults()
        .on(Operation.DESCRIBE_STREAM_CONSUMER, Operation.REGISTER_STREAM_CONSUMER)
        .inject(Fault.accessDenied());
    Ledger ledger = new Ledger();
    consumer(How.FAN_OUT, ledger, ConsumerSettings.builder());
    putPlain(0, 100);
    until("every record", () -> ledger.distinct() == 100);
    ledger.assertEachOnceInOrder(100);
  }

  @Test
  void fiveApplicationsShareTheReadLimitsOfAShard() {
    start(CoreSettings.builder().limits(ServiceLimits.NONE.withReads(5, 2_000_000)).build(), 1);
    List<Ledger> ledgers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ledgers.add(new Ledger());
      consumer(How.POLLING, ledgers.get(i), ConsumerSettings.builder());
    }
    putPlain(0, 200);
    until("every record", () -> ledgers.stream().allMatch(ledger -> ledger.distinct() == 200));
    ledgers.forEach(ledger -> ledger.assertEachOnceInOrder(200));
  }

  @ParameterizedTest
  @EnumSource(How.class)
  void splitUnderTrafficKeepsTheOrderOfEachKey(How how) {
    start(CoreSettings.defaults(), 1);
    Ledger ledger = new Ledger();
    consumer(how, ledger, ConsumerSettings.builder());
    putPlain(0, 300);
    server.core().scale("clicks", 2);
    putPlain(300, 600);
    server.core().scale("clicks", 4);
    putPlain(600, 900);
    until("every record", () -> ledger.distinct() == 900);
    ledger.assertEachOnceInOrder(900);
  }

  @Test
  void parallelHandlersKeepTheOrderOfEachKey() {
    start(CoreSettings.defaults(), 1);
    Ledger ledger = new Ledger();
    started(
        clicks(newApplication(), new InMemoryLeaseStore())
            .parallelism(KEYS, KeyOrder.PER_KEY)
            .onRecord(
                record -> {
                  TimeUnit.MILLISECONDS.sleep(5);
                  ledger.add(record);
                })
            .build());
    put(0, 2_000);
    until("every record", () -> ledger.distinct() == 2_000);
    ledger.assertEachOnceInOrder(2_000);
  }

  @Test
  void recordsOfTenMebibytesPassASmallBudget() {
    start(CoreSettings.defaults(), 1);
    String arn =
        get(kinesis.describeStreamSummary(describe -> describe.streamName("clicks")))
            .streamDescriptionSummary()
            .streamARN();
    get(kinesis.updateMaxRecordSize(update -> update.streamARN(arn).maxRecordSizeInKiB(10_240)));
    AtomicInteger large = new AtomicInteger();
    started(
        clicks(newApplication(), new InMemoryLeaseStore())
            .settings(ConsumerSettings.builder().bufferBytes(1 << 20).build())
            .onRecord(
                record -> {
                  if (record.sizeBytes() == 10_000_000) {
                    large.incrementAndGet();
                  }
                })
            .build());
    for (int i = 0; i < 3; i++) {
      get(
          kinesis.putRecord(
              put ->
                  put.streamName("clicks")
                      .partitionKey("k")
                      .data(SdkBytes.fromByteArrayUnsafe(new byte[10_000_000]))));
    }
    until("every record", () -> large.get() == 3);
  }

  @Test
  void retentionThatOvertakesThePositionIsToldWithItsTimesBeforeTheNextRecord() {
    Instant begin = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(Duration.ofHours(1));
    AtomicReference<Instant> wallTime = new AtomicReference<>(begin);
    start(
        KinesisServerSettings.builder()
            .core(CoreSettings.builder().maxBytesPerShard(1_000).build())
            .clock(EndpointClock.of(wallTime::get, System::nanoTime))
            .build(),
        1);
    LeaseStore store = new InMemoryLeaseStore();
    String application = newApplication();
    Ledger ledger = new Ledger();
    StreamConsumer first = started(clicks(application, store).onRecord(ledger::add).build());
    putPlain(0, 20);
    until("the first records", () -> ledger.distinct() == 20);
    assertThat(first.close(PATIENCE)).isTrue();

    wallTime.set(begin.plusSeconds(60));
    putPlain(20, 220);
    List<Object> told = Collections.synchronizedList(new ArrayList<>());
    started(
        clicks(application, store)
            .onSuspectedLoss(told::add)
            .onRecord(record -> told.add(numberOf(record)))
            .build());
    until("the last record", () -> told.contains(219));
    assertThat(told.get(0))
        .isInstanceOfSatisfying(
            SuspectedLoss.class,
            loss -> {
              assertThat(loss.after()).isPresent();
              assertThat(loss.from()).contains(begin);
              assertThat(loss.to()).contains(begin.plusSeconds(60));
            });
    assertThat((int) told.get(1)).as("the oldest record that is left").isBetween(100, 200);
    assertThat(told.subList(2, told.size()))
        .isEqualTo(IntStream.range((int) told.get(1) + 1, 220).boxed().toList());
  }
}
