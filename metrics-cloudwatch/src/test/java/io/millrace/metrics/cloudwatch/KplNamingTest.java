package io.millrace.metrics.cloudwatch;

import static io.millrace.metrics.cloudwatch.KplNaming.Granularity.GLOBAL;
import static io.millrace.metrics.cloudwatch.KplNaming.Granularity.SHARD;
import static io.millrace.metrics.cloudwatch.KplNaming.Granularity.STREAM;
import static io.millrace.metrics.cloudwatch.KplNaming.Level.DETAILED;
import static io.millrace.metrics.cloudwatch.KplNaming.Level.NONE;
import static io.millrace.metrics.cloudwatch.KplNaming.Level.SUMMARY;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KplNamingTest {
  private static final Tags CLICKS = Tags.of("stream", "clicks");
  private static final Duration STEP = Duration.ofMinutes(1);

  private final MockClock clock = new MockClock();
  private final FakeCloudWatch cloudWatch = new FakeCloudWatch();

  @Test
  void aMetricIsPublishedAtEveryGranularityDownToTheChosenOne() {
    CloudWatchMeterRegistry registry = registry(DETAILED, SHARD);
    registry.counter("millrace.producer.bytes.stored", CLICKS.and("shard", "s-1")).increment(9);

    publish(registry);

    assertThat(cloudWatch.lines())
        .containsExactly(
            "UserRecordsDataPut{}=9.0 Bytes",
            "UserRecordsDataPut{StreamName=clicks}=9.0 Bytes",
            "UserRecordsDataPut{StreamName=clicks,ShardId=s-1}=9.0 Bytes");
  }

  @Test
  void theGranularityOfStreamsLeavesShardsOut() {
    CloudWatchMeterRegistry registry = registry(DETAILED, STREAM);
    registry.counter("millrace.producer.bytes.stored", CLICKS.and("shard", "s-1")).increment(9);

    publish(registry);

    assertThat(cloudWatch.lines())
        .containsExactly(
            "UserRecordsDataPut{}=9.0 Bytes", "UserRecordsDataPut{StreamName=clicks}=9.0 Bytes");
  }

  @Test
  void aMeterOfTheWholeProducerHasNoDimension() {
    CloudWatchMeterRegistry registry = registry(DETAILED, SHARD);
    registry.counter("millrace.producer.bytes.stored").increment(9);

    publish(registry);

    assertThat(cloudWatch.lines()).containsExactly("UserRecordsDataPut{}=9.0 Bytes");
  }

  @Test
  void theAverageOfPutsIsTheirSuccessRate() {
    CloudWatchMeterRegistry registry = registry(SUMMARY, GLOBAL);
    registry.counter("millrace.producer.records.stored", CLICKS).increment(30);
    registry
        .counter(
            "millrace.producer.records.rejected",
            CLICKS.and("code", "ProvisionedThroughputExceededException"))
        .increment(10);

    publish(registry);

    assertThat(cloudWatch.lines())
        .containsExactlyInAnyOrder(
            "UserRecordsPut{}=30.0/30.0[1.0..1.0] Count",
            "UserRecordsPut{}=10.0/0.0[0.0..0.0] Count",
            "AllErrors{}=10.0 Count",
            "ErrorsByCode{ErrorCode=ProvisionedThroughputExceededException}=10.0 Count");
  }

  @Test
  void onlyWhatRanOutOfTimeIsExpired() {
    CloudWatchMeterRegistry registry = registry(SUMMARY, GLOBAL);
    registry
        .counter("millrace.producer.records.failed", CLICKS.and("reason", "EXPIRED"))
        .increment(4);
    registry
        .counter("millrace.producer.records.failed", CLICKS.and("reason", "ACCESS_DENIED"))
        .increment(2);

    publish(registry);

    assertThat(cloudWatch.lines()).containsExactly("UserRecordExpired{}=4.0 Count");
  }

  @Test
  void polledCountersAreSamplesOfOneToo() {
    CloudWatchMeterRegistry registry = registry(DETAILED, GLOBAL);
    AtomicLong received = new AtomicLong();
    registry.more().counter("millrace.producer.records.received", CLICKS, received);
    received.set(6);

    publish(registry);

    assertThat(cloudWatch.lines()).containsExactly("UserRecordsReceived{}=6.0/6.0[1.0..1.0] Count");
  }

  @Test
  void timesAreStatisticSetsInMilliseconds() {
    CloudWatchMeterRegistry registry = registry(SUMMARY, GLOBAL);
    registry.timer("millrace.producer.record.buffering", CLICKS).record(Duration.ofMillis(20));
    registry.timer("millrace.producer.record.buffering", CLICKS).record(Duration.ofMillis(60));

    publish(registry);

    assertThat(cloudWatch.lines())
        .containsExactly("BufferingTime{}=2.0/80.0[20.0..60.0] Milliseconds");
  }

  @ParameterizedTest
  @CsvSource({
    "kinesis.record.members, UserRecordsPerKinesisRecord, Count",
    "request.records, KinesisRecordsPerPutRecordsRequest, Count",
    "request.members, UserRecordsPerPutRecordsRequest, Count",
    "record.retries, RetriesPerRecord, Count"
  })
  void summariesHaveTheNamesAndUnitsOfTheKpl(String meter, String name, String unit) {
    CloudWatchMeterRegistry registry = registry(DETAILED, GLOBAL);
    registry.summary("millrace.producer." + meter, CLICKS).record(2);

    publish(registry);

    assertThat(cloudWatch.lines()).containsExactly(name + "{}=1.0/2.0[2.0..2.0] " + unit);
  }

  @ParameterizedTest
  @CsvSource({
    "records.received",
    "bytes.stored",
    "kinesis.bytes.stored",
  })
  void detailsAreLeftOutOfTheSummary(String meter) {
    CloudWatchMeterRegistry registry = registry(SUMMARY, SHARD);
    registry.counter("millrace.producer." + meter, CLICKS).increment();

    publish(registry);

    assertThat(cloudWatch.lines()).isEmpty();
  }

  @Test
  void levelNonePublishesNothing() {
    CloudWatchMeterRegistry registry = registry(NONE, SHARD);
    registry.counter("millrace.producer.records.stored", CLICKS).increment();

    publish(registry);

    assertThat(cloudWatch.requests).isEmpty();
  }

  @Test
  void metersThatTheKplDoesNotHaveAreLeftOut() {
    CloudWatchMeterRegistry registry = registry(DETAILED, SHARD);
    registry.counter("millrace.producer.rate.cuts", CLICKS).increment();
    registry.counter("records.stored", CLICKS).increment();
    registry.counter("millrace.consumer.records", CLICKS).increment();

    publish(registry);

    assertThat(cloudWatch.lines()).isEmpty();
  }

  @Test
  void theStreamsNameIsTakenOutOfAnArn() {
    CloudWatchMeterRegistry registry = registry(SUMMARY, STREAM);
    registry
        .counter(
            "millrace.producer.kinesis.records.stored",
            "stream",
            "arn:aws:kinesis:us-east-1:000000000000:stream/clicks")
        .increment();

    publish(registry);

    assertThat(cloudWatch.lines())
        .contains("KinesisRecordsPut{StreamName=clicks}=1.0/1.0[1.0..1.0] Count");
  }

  private CloudWatchMeterRegistry registry(
      KplNaming.Level level, KplNaming.Granularity granularity) {
    return CloudWatchMeterRegistry.builder(cloudWatch, KplNaming.NAMESPACE)
        .naming(KplNaming.of(level, granularity))
        .clock(clock)
        .step(STEP)
        .buildUnstarted();
  }

  private void publish(CloudWatchMeterRegistry registry) {
    clock.add(STEP);
    registry.publish();
  }
}
