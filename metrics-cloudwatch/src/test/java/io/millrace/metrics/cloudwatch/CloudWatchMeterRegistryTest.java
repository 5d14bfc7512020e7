package io.millrace.metrics.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.step.StepMeterRegistry;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.cloudwatch.model.CloudWatchException;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricDataResponse;
import software.amazon.awssdk.services.cloudwatch.model.StandardUnit;

class CloudWatchMeterRegistryTest {
  private static final Duration STEP = Duration.ofMinutes(1);

  private final MockClock clock = new MockClock();
  private final FakeCloudWatch cloudWatch = new FakeCloudWatch();
  private final CloudWatchMeterRegistry registry =
      CloudWatchMeterRegistry.builder(cloudWatch, "Test").clock(clock).step(STEP).buildUnstarted();

  @Test
  void aSummaryIsPublishedAsTheStatisticSetOfTheStepThatEnded() {
    var summary = registry.summary("sizes", "stream", "clicks");
    summary.record(2);
    summary.record(8);
    clock.add(STEP);
    summary.takeSnapshot(); // as the registry's own timer does at the end of each step
    summary.record(100);

    registry.publish();

    MetricDatum datum = onlyDatum();
    assertThat(datum.metricName()).isEqualTo("sizes");
    assertThat(datum.dimensions())
        .singleElement()
        .hasToString("Dimension(Name=stream, Value=clicks)");
    assertThat(datum.statisticValues().sampleCount()).isEqualTo(2);
    assertThat(datum.statisticValues().sum()).isEqualTo(10);
    assertThat(datum.statisticValues().minimum()).isEqualTo(2);
    assertThat(datum.statisticValues().maximum()).isEqualTo(8);
  }

  @Test
  void aTimerIsPublishedInMilliseconds() {
    registry.timer("latency").record(Duration.ofNanos(1_500_000));
    clock.add(STEP);

    registry.publish();

    assertThat(onlyDatum().unit()).isEqualTo(StandardUnit.MILLISECONDS);
    assertThat(onlyDatum().statisticValues().sum()).isEqualTo(1.5);
  }

  @Test
  void aMeterWithoutSamplesInTheStepIsNotPublished() {
    registry.summary("sizes").record(1);
    clock.add(STEP.multipliedBy(2));

    registry.publish();

    assertThat(cloudWatch.requests).isEmpty();
  }

  @Test
  void aGaugeThatIsNotANumberIsLeftOut() {
    gauge("ratio", Double.NaN);
    gauge("depth", 7);

    registry.publish();

    assertThat(onlyDatum().metricName()).isEqualTo("depth");
  }

  @Test
  void moreDataThanARequestHoldsGoInSeveral() {
    for (int i = 0; i < 2001; i++) {
      gauge("gauge." + i, i);
    }

    registry.publish();

    assertThat(cloudWatch.requests)
        .extracting(request -> request.metricData().size())
        .containsExactly(1000, 1000, 1);
  }

  @Test
  void aFailedRequestIsCountedAndReachesNobody() {
    cloudWatch.failure = CloudWatchException.builder().message("secret").build();
    gauge("depth", 1);

    registry.publish();

    assertThat(registry.failedRequests()).isEqualTo(1);
  }

  @Test
  void aClientThatThrowsIsCountedLikeAFailedRequest() {
    cloudWatch.thrown = new IllegalStateException("closed");
    gauge("depth", 1);

    registry.publish();

    assertThat(registry.failedRequests()).isEqualTo(1);
  }

  @Test
  void closingPublishesTheStepUnderWay() {
    registry.summary("sizes").record(5);

    registry.close();

    assertThat(onlyDatum().statisticValues().sum()).isEqualTo(5);
  }

  @Test
  void closingPublishesAStepThatHasEndedAndTheOneUnderWayEachOnce() throws Exception {
    var summary = registry.summary("sizes");
    var counter = registry.counter("puts");
    summary.record(5);
    counter.increment(5);
    clock.add(STEP);
    endStepAsTheRegistrysOwnTimerDoes();
    summary.record(100);
    counter.increment(100);

    registry.close();

    assertThat(cloudWatch.lines())
        .containsExactlyInAnyOrder(
            "sizes{}=1.0/5.0[5.0..5.0] None",
            "puts{}=5.0 Count",
            "sizes{}=1.0/100.0[100.0..100.0] None",
            "puts{}=100.0 Count");
  }

  /** Its timer runs on real time, and nobody else may call it. */
  private void endStepAsTheRegistrysOwnTimerDoes() throws ReflectiveOperationException {
    Method endStep = StepMeterRegistry.class.getDeclaredMethod("pollMetersToRollover");
    endStep.setAccessible(true);
    endStep.invoke(registry);
  }

  @Test
  void extraDimensionsStandOnEveryMetric() {
    CloudWatchMeterRegistry extended =
        CloudWatchMeterRegistry.builder(cloudWatch, "Test")
            .clock(clock)
            .dimension("environment", "test")
            .buildUnstarted();
    Gauge.builder("depth", () -> 1.0).register(extended);

    extended.publish();

    assertThat(onlyDatum().dimensions())
        .singleElement()
        .hasToString("Dimension(Name=environment, Value=test)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "AWS/Kinesis", "per%cent"})
  void aNamespaceThatTheServiceRefusesIsRefusedHere(String namespace) {
    assertThatThrownBy(() -> CloudWatchMeterRegistry.builder(cloudWatch, namespace))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("namespace '" + namespace + "'");
  }

  @Test
  void aStepUnderASecondIsRefused() {
    assertThatThrownBy(
            () -> CloudWatchMeterRegistry.builder(cloudWatch, "Test").step(Duration.ofMillis(999)))
        .hasMessage("step is PT0.999S: it must be at least PT1S");
  }

  @Test
  void counterPublishesWhatTheStepCounted() {
    var counter = registry.counter("puts");
    counter.increment(3);
    clock.add(STEP);
    registry.publish();
    clock.add(STEP);

    registry.publish();

    assertThat(cloudWatch.lines()).containsExactly("puts{}=3.0 Count");
  }

  @Test
  void aMeterThatGoesWithinAStepIsPublishedWithTheNext() {
    var counter = registry.counter("records", "shard", "1");
    var timer = registry.timer("handler", "shard", "1");
    counter.increment(2);
    clock.add(STEP);
    registry.publish();
    cloudWatch.requests.clear();
    counter.increment(5);
    timer.record(Duration.ofMillis(7));

    registry.remove(counter);
    registry.remove(timer);
    clock.add(STEP);
    registry.publish();
    registry.publish();

    assertThat(cloudWatch.lines())
        .containsExactlyInAnyOrder(
            "records{shard=1}=5.0 Count", "handler{shard=1}=1.0/7.0[7.0..7.0] Milliseconds");
  }

  @Test
  void aMeterThatGoesBeforeItsLastStepWasPublishedLosesNeither() {
    var summary = registry.summary("sizes");
    summary.record(1);
    clock.add(STEP);
    summary.takeSnapshot();
    summary.record(10);

    registry.remove(summary);
    registry.publish();

    assertThat(cloudWatch.lines())
        .containsExactlyInAnyOrder(
            "sizes{}=1.0/1.0[1.0..1.0] None", "sizes{}=1.0/10.0[10.0..10.0] None");
  }

  @Test
  void whatDepartedMetersLeaveBehindIsBounded() {
    for (int i = 0; i < CloudWatchMeterRegistry.MAX_DEPARTED_DATA + 5; i++) {
      var counter = registry.counter("records", "shard", "s" + i);
      counter.increment();
      registry.remove(counter);
    }

    registry.publish();

    assertThat(cloudWatch.data()).hasSize(CloudWatchMeterRegistry.MAX_DEPARTED_DATA);
  }

  @Test
  void aMeterWhoseTagsTheServiceRefusesStopsNoOther() {
    gauge("depth", 1, "who", "naïve");
    gauge("depth", 1, "who", "x".repeat(1025));
    gauge("depth", 1, "who", "fine");

    registry.publish();

    assertThat(cloudWatch.lines()).containsExactly("depth{who=fine}=1.0 None");
  }

  @Test
  void aMeterThatThrowsStopsNoOther() {
    FunctionCounter.builder(
            "broken",
            this,
            self -> {
              throw new IllegalStateException("defect of the application");
            })
        .register(registry);
    gauge("depth", 1);
    clock.add(STEP);

    registry.publish();

    assertThat(cloudWatch.lines()).containsExactly("depth{}=1.0 None");
  }

  @Test
  void aRequestThatNeverEndsHoldsNobodyWhoRecords() {
    CompletableFuture<PutMetricDataResponse> never = new CompletableFuture<>();
    CloudWatchMeterRegistry stuck =
        CloudWatchMeterRegistry.builder(new StuckCloudWatch(never), "Test")
            .clock(clock)
            .step(STEP)
            .buildUnstarted();
    var counter = stuck.counter("puts");
    counter.increment();
    clock.add(STEP);

    stuck.publish();
    counter.increment();
    clock.add(STEP);
    stuck.publish();

    assertThat(counter.count()).isEqualTo(1);
    assertThat(stuck.failedRequests()).isZero();
    never.completeExceptionally(new IllegalStateException("gone"));
    assertThat(stuck.failedRequests()).isEqualTo(2);
  }

  private void gauge(String name, double value, String... tags) {
    Gauge.builder(name, () -> value).tags(tags).register(registry);
  }

  private MetricDatum onlyDatum() {
    return cloudWatch.onlyDatum();
  }

  /** Answers when it is told. */
  private record StuckCloudWatch(CompletableFuture<PutMetricDataResponse> answer)
      implements CloudWatchAsyncClient {
    @Override
    public CompletableFuture<PutMetricDataResponse> putMetricData(PutMetricDataRequest request) {
      return answer;
    }

    @Override
    public String serviceName() {
      return "cloudwatch";
    }

    @Override
    public void close() {}
  }
}
