package io.millrace.producer.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.cumulative.CumulativeCounter;
import io.micrometer.core.instrument.cumulative.CumulativeDistributionSummary;
import io.micrometer.core.instrument.cumulative.CumulativeTimer;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.ValueAtPercentile;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.search.RequiredSearch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.MeterLevel;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.settle.CallbackPool;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored") // the meters tell
class ProducerMetersTest {
  private static final String THROTTLED = "ProvisionedThroughputExceededException";

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final FakeKinesis kinesis = new FakeKinesis(2);
  private final Queue<Runnable> callbacks = new ArrayDeque<>();
  private ProducerCore producer = producer(ProducerSettings.defaults());
  private long now;

  private ProducerCore producer(ProducerSettings settings) {
    return producer(settings, registry);
  }

  private ProducerCore producer(ProducerSettings settings, MeterRegistry registry) {
    return new ProducerCore(
        new ProducerConfig(settings, Map.of(), List.of()),
        kinesis,
        new CallbackPool(callbacks::add, 1, Thread::new),
        registry,
        new SplittableRandom(1));
  }

  private void useLevel(MeterLevel level) {
    registry.clear();
    producer = producer(ProducerSettings.builder().meterLevel(level).build());
  }

  @Test
  void theyTellWhatHappenedToRecordsAndRequests() {
    kinesis.onPut = call -> call.store(e -> kinesis.puts.size() == 1 ? THROTTLED : null);
    put100("clicks");
    assertThat(counter("records.stored")).isEqualTo(100);
    assertThat(counter("bytes.stored")).isEqualTo(1_000);
    assertThat(counter("kinesis.records.stored")).isEqualTo(2);
    assertThat(counter("kinesis.bytes.stored")).isGreaterThan(1_000);
    assertThat(counter("kinesis.records.throttled")).isEqualTo(2);
    assertThat(counter("rate.cuts")).isEqualTo(2);
    assertThat(find("records.rejected").tag("code", THROTTLED).counter().count()).isEqualTo(100);
    assertThat(find("records.received").functionCounter().count()).isEqualTo(100);
    assertThat(find("bytes.received").functionCounter().count()).isEqualTo(1_000);
    assertThat(gauge("records.outstanding")).isZero();
    assertThat(gauge("records.outstanding.age")).isZero();
    assertThat(gauge("shards.open")).isEqualTo(2);
    assertThat(gauge("buffer.used")).isZero();
    assertThat(find("kinesis.record.members").summary().mean()).isEqualTo(50);
    assertThat(find("record.retries").summary().mean()).isEqualTo(1);
    assertThat(find("record.buffering").timer().mean(TimeUnit.MILLISECONDS)).isBetween(10.0, 30.0);
    Timer requests = find("request.duration").tag("code", "Success").timer();
    assertThat(requests.count()).isBetween(2L, 3L);
    assertThat(requests.mean(TimeUnit.MILLISECONDS)).isCloseTo(10, within(1.0));
    assertThat(find("request.records").summary().totalAmount()).isEqualTo(4);
    assertThat(find("request.members").summary().totalAmount()).isEqualTo(200);
  }

  @Test
  void noMeterIsUpdatedForASingleRecord() {
    CountingRegistry counting = new CountingRegistry();
    producer = producer(ProducerSettings.defaults(), counting);
    updatesFor(1, counting);
    int meters = counting.getMeters().size();
    int few = updatesFor(2, counting);
    int many = updatesFor(2_000, counting);
    assertThat(many).as("for 2,000 records of one request, as for 2").isEqualTo(few).isPositive();
    assertThat(counting.getMeters()).as("meters").hasSize(meters);
  }

  /** Puts records that fill one aggregate of one request, and counts what is recorded of them. */
  private int updatesFor(int records, CountingRegistry counting) {
    int requests = kinesis.puts.size();
    int before = counting.updates;
    for (int i = 0; i < records; i++) {
      producer.tryPut("clicks", UserRecord.of("key", new byte[10]));
    }
    assertThat(counting.updates).as("on the putting thread").isEqualTo(before);
    advance(Duration.ofSeconds(5));
    assertThat(kinesis.puts).hasSize(requests + 1);
    assertThat(kinesis.puts.get(requests).entries).hasSize(1);
    return counting.updates - before;
  }

  /** Counts each call that records something. */
  private static final class CountingRegistry extends SimpleMeterRegistry {
    private int updates;

    @Override
    protected Counter newCounter(Meter.Id id) {
      return new CumulativeCounter(id) {
        @Override
        public void increment(double amount) {
          updates++;
          super.increment(amount);
        }
      };
    }

    @Override
    protected DistributionSummary newDistributionSummary(
        Meter.Id id, DistributionStatisticConfig config, double scale) {
      return new CumulativeDistributionSummary(id, clock, config, scale, false) {
        @Override
        protected void recordNonNegative(double amount) {
          updates++;
          super.recordNonNegative(amount);
        }
      };
    }

    @Override
    protected Timer newTimer(
        Meter.Id id, DistributionStatisticConfig config, PauseDetector pauseDetector) {
      return new CumulativeTimer(id, clock, config, pauseDetector, getBaseTimeUnit()) {
        @Override
        protected void recordNonNegative(long amount, TimeUnit unit) {
          updates++;
          super.recordNonNegative(amount, unit);
        }
      };
    }
  }

  @Test
  void latencyHasPercentiles() {
    put100("clicks");
    ValueAtPercentile[] percentiles =
        find("record.latency").timer().takeSnapshot().percentileValues();
    assertThat(Arrays.stream(percentiles).map(ValueAtPercentile::percentile))
        .containsExactly(0.5, 0.9, 0.99, 0.999);
    assertThat(percentiles[2].value(TimeUnit.MILLISECONDS)).isBetween(20.0, 60.0);
  }

  @Test
  void staleAggregatesAreCounted() {
    put100("clicks");
    kinesis.split(0);
    put100("clicks");
    assertThat(counter("aggregates.misplaced")).isEqualTo(1);
    assertThat(counter("records.misplaced")).isBetween(30.0, 70.0);
    assertThat(counter("records.stored")).isEqualTo(200);
  }

  @Test
  void recordsThatAreGivenUpOrTurnedAwayAreCountedByReason() {
    kinesis.onPut = call -> call.store(entry -> "KMSDisabledException");
    put100("clicks");
    assertThat(find("records.failed").tag("reason", "KEY_UNAVAILABLE").counter().count())
        .isEqualTo(100);
    producer.loop().close(0, true);
    advance(Duration.ofMillis(10));
  }

  @Test
  void putsWithoutRoomAreCounted() {
    registry.clear();
    producer =
        producer(ProducerSettings.builder().bufferBytes(1 << 20).maxBlock(Duration.ZERO).build());
    for (int i = 0; i < 2_000; i++) {
      producer.put("clicks", "key", new byte[1_000]);
    }
    advance(Duration.ofSeconds(3));
    double turnedAway =
        find("records.turned.away").tag("reason", "NO_ROOM").functionCounter().count();
    assertThat(turnedAway).isGreaterThan(1_000);
    assertThat(counter("records.stored")).isEqualTo(2_000 - turnedAway);
  }

  @Test
  void rateFactorFallsWithThrottlesAndIsOneAgainWhenNothingIsSent() {
    kinesis.onPut = call -> call.store(entry -> THROTTLED);
    put100("clicks");
    assertThat(gauge("rate.factor")).isLessThan(0.8);
    kinesis.onPut = FakeKinesis.PutCall::store;
    advance(Duration.ofSeconds(10));
    assertThat(gauge("records.outstanding")).isZero();
    assertThat(gauge("rate.factor")).isEqualTo(1);
  }

  @Test
  void onePublishedSetPerStreamByDefault() {
    put100("clicks");
    put100("views");
    assertThat(tagsOf("records.stored")).containsExactlyInAnyOrder("stream=clicks", "stream=views");
    assertThat(registry.getMeters()).noneMatch(meter -> meter.getId().getTag("shard") != null);
  }

  @Test
  void oneSetForAllStreamsAtTheLevelOfTheProducer() {
    useLevel(MeterLevel.PRODUCER);
    put100("clicks");
    put100("views");
    assertThat(registry.getMeters()).noneMatch(meter -> meter.getId().getTag("stream") != null);
    assertThat(find("records.stored").counter().count()).isEqualTo(200);
    assertThat(find("records.received").functionCounter().count()).isEqualTo(200);
    assertThat(gauge("shards.open")).isEqualTo(4);
  }

  @Test
  void shardsAreToldApartAtTheirLevelAndThoseThatAreClosedGo() {
    useLevel(MeterLevel.SHARD);
    kinesis.onPut = call -> call.store(e -> kinesis.puts.size() == 1 ? THROTTLED : null);
    put100("clicks");
    Set<String> both =
        Set.of(
            "shard=shardId-000000000000,stream=clicks", "shard=shardId-000000000001,stream=clicks");
    assertThat(tagsOf("records.stored")).containsExactlyInAnyOrderElementsOf(both);
    assertThat(tagsOf("kinesis.records.throttled")).containsExactlyInAnyOrderElementsOf(both);
    assertThat(tagsOf("rate.factor")).containsExactlyInAnyOrderElementsOf(both);
    assertThat(tagsOf("record.latency")).containsExactly("stream=clicks");
    kinesis.merge(0, 1);
    put100("clicks");
    put100("clicks");
    assertThat(tagsOf("records.stored"))
        .containsExactly("shard=shardId-000000000002,stream=clicks");
  }

  @Test
  void theyAreRemovedWhenTheProducerIsClosed() {
    for (MeterLevel level : MeterLevel.values()) {
      useLevel(level);
      put100("clicks");
      assertThat(registry.getMeters()).isNotEmpty();
      Thread closing = new Thread(() -> producer.close(Duration.ofSeconds(1)));
      closing.setDaemon(true);
      closing.start();
      while (closing.isAlive()) {
        advance(Duration.ofMillis(10));
      }
      assertThat(registry.getMeters()).isEmpty();
    }
  }

  private void put100(String stream) {
    for (int i = 0; i < 100; i++) {
      producer.tryPut(stream, UserRecord.of("key-" + i, new byte[10]));
    }
    advance(Duration.ofSeconds(5));
  }

  private Set<String> tagsOf(String name) {
    Set<String> tags = new TreeSet<>();
    for (Meter meter : registry.find("millrace.producer." + name).meters()) {
      StringBuilder text = new StringBuilder();
      meter
          .getId()
          .getTags()
          .forEach(
              tag ->
                  text.append(text.length() == 0 ? "" : ",")
                      .append(tag.getKey())
                      .append('=')
                      .append(tag.getValue()));
      tags.add(text.toString());
    }
    return tags;
  }

  private RequiredSearch find(String name) {
    return registry.get("millrace.producer." + name);
  }

  private double counter(String name) {
    return find(name).tag("stream", "clicks").counter().count();
  }

  private double gauge(String name) {
    return find(name).gauge().value();
  }

  private void advance(Duration by) {
    for (long left = by.toMillis(); left >= 0; left--) {
      now += 1_000_000;
      kinesis.runDue(now);
      producer.loop().tick(now);
      while (!callbacks.isEmpty()) {
        callbacks.poll().run();
      }
    }
  }
}
