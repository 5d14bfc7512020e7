package io.millrace.metrics.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class KclNamingTest {
  private static final Tags SHARD =
      Tags.of(
          "application", "report",
          "stream", "arn:aws:kinesis:us-east-1:000000000000:stream/clicks",
          "shard", "s-1");
  private static final Duration STEP = Duration.ofMinutes(1);

  private final MockClock clock = new MockClock();
  private final FakeCloudWatch cloudWatch = new FakeCloudWatch();

  @Test
  void whatAShardProcessedHasTheNamesOfTheKcl() {
    CloudWatchMeterRegistry registry = registry(KclNaming.ofOneStream());
    registry.counter("millrace.consumer.records", SHARD).increment(8);
    registry.counter("millrace.consumer.bytes", SHARD).increment(800);

    publish(registry);

    assertThat(cloudWatch.lines())
        .containsExactlyInAnyOrder(
            "RecordsProcessed{Operation=ProcessTask,ShardId=s-1}=8.0 Count",
            "DataBytesProcessed{Operation=ProcessTask,ShardId=s-1}=800.0 Bytes");
  }

  @Test
  void severalStreamsAreToldApart() {
    CloudWatchMeterRegistry registry = registry(KclNaming.ofManyStreams());
    registry.counter("millrace.consumer.records", SHARD).increment(8);

    publish(registry);

    assertThat(cloudWatch.lines())
        .containsExactly(
            "RecordsProcessed{Operation=ProcessTask,StreamId=clicks,ShardId=s-1}=8.0 Count");
  }

  @Test
  void theLagIsThatOfTheShardAndOfTheApplication() {
    CloudWatchMeterRegistry registry = registry(KclNaming.ofOneStream());
    TimeGauge.builder("millrace.consumer.behind", () -> 1_500, TimeUnit.MILLISECONDS)
        .tags(SHARD)
        .register(registry);

    publish(registry);

    assertThat(cloudWatch.lines())
        .containsExactly(
            "MillisBehindLatest{Operation=ProcessTask,ShardId=s-1}=1500.0 Milliseconds",
            "MillisBehindLatest{Operation=ApplicationTracker}=1500.0 Milliseconds");
  }

  @Test
  void theAverageOfSuccessIsTheShareOfCallsThatDidNotFail() {
    CloudWatchMeterRegistry registry = registry(KclNaming.ofOneStream());
    registry
        .timer("millrace.consumer.handler", SHARD.and("outcome", "ok"))
        .record(Duration.ofMillis(5));
    registry
        .timer("millrace.consumer.handler", SHARD.and("outcome", "ok"))
        .record(Duration.ofMillis(7));
    registry
        .timer("millrace.consumer.handler", SHARD.and("outcome", "failed"))
        .record(Duration.ofMillis(50));

    publish(registry);

    String dimensions = "{Operation=ProcessTask,ShardId=s-1}=";
    assertThat(cloudWatch.lines())
        .containsExactlyInAnyOrder(
            "RecordProcessor.processRecords.Time" + dimensions + "2.0/12.0[5.0..7.0] Milliseconds",
            "Success" + dimensions + "2.0/2.0[1.0..1.0] Count",
            "RecordProcessor.processRecords.Time"
                + dimensions
                + "1.0/50.0[50.0..50.0] Milliseconds",
            "Success" + dimensions + "1.0/0.0[0.0..0.0] Count");
  }

  @Test
  void readsThatAreThrottledAreNoSuccess() {
    CloudWatchMeterRegistry registry = registry(KclNaming.ofOneStream());
    registry.counter("millrace.consumer.reads", SHARD.and("outcome", "ok")).increment(9);
    registry.counter("millrace.consumer.reads", SHARD.and("outcome", "throttled")).increment();

    publish(registry);

    String metric = "KinesisDataFetcher.getRecords.Success{Operation=ProcessTask,ShardId=s-1}=";
    assertThat(cloudWatch.lines())
        .containsExactlyInAnyOrder(
            metric + "9.0/9.0[1.0..1.0] Count", metric + "1.0/0.0[0.0..0.0] Count");
  }

  @Test
  void metersThatTheKclDoesNotHaveAreLeftOut() {
    CloudWatchMeterRegistry registry = registry(KclNaming.ofOneStream());
    registry.counter("millrace.consumer.diverted", SHARD).increment();
    registry.counter("millrace.producer.records.stored", SHARD).increment();

    publish(registry);

    assertThat(cloudWatch.requests).isEmpty();
  }

  private CloudWatchMeterRegistry registry(MetricNaming naming) {
    return CloudWatchMeterRegistry.builder(cloudWatch, "report")
        .naming(naming)
        .clock(clock)
        .step(STEP)
        .buildUnstarted();
  }

  private void publish(CloudWatchMeterRegistry registry) {
    clock.add(STEP);
    registry.publish();
  }
}
