package io.millrace.metrics.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MockClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    registry.gauge("ratio", Double.NaN);
    registry.gauge("depth", 7.0);

    registry.publish();

    assertThat(onlyDatum().metricName()).isEqualTo("depth");
  }

  @Test
  void moreDataThanARequestHoldsGoInSeveral() {
    List<Double> held = new ArrayList<>();
    for (int i = 0; i < 2001; i++) {
      Double value = (double) i;
      held.add(value);
      registry.gauge("gauge." + i, value);
    }

    registry.publish();

    assertThat(cloudWatch.requests)
        .extracting(request -> request.metricData().size())
        .containsExactly(1000, 1000, 1);
    assertThat(held).hasSize(2001);
  }

  @Test
  void aFailedRequestIsCountedAndReachesNobody() {
    cloudWatch.failure = CloudWatchException.builder().message("secret").build();
    registry.gauge("depth", 1.0);

    registry.publish();

    assertThat(registry.failedRequests()).isEqualTo(1);
  }

  @Test
  void aClientThatThrowsIsCountedLikeAFailedRequest() {
    cloudWatch.thrown = new IllegalStateException("closed");
    registry.gauge("depth", 1.0);

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
  void extraDimensionsStandOnEveryMetric() {
    CloudWatchMeterRegistry extended =
        CloudWatchMeterRegistry.builder(cloudWatch, "Test")
            .clock(clock)
            .dimension("environment", "test")
            .buildUnstarted();
    extended.gauge("depth", 1.0);

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

  private MetricDatum onlyDatum() {
    assertThat(cloudWatch.requests).hasSize(1);
    assertThat(cloudWatch.requests.get(0).metricData()).hasSize(1);
    return cloudWatch.requests.get(0).metricData().get(0);
  }

  /** Keeps what it is sent; answers at once. */
  private static final class FakeCloudWatch implements CloudWatchAsyncClient {
    private final List<PutMetricDataRequest> requests = new ArrayList<>();
    private Throwable failure;
    private RuntimeException thrown;

    @Override
    public CompletableFuture<PutMetricDataResponse> putMetricData(PutMetricDataRequest request) {
      if (thrown != null) {
        throw thrown;
      }
      if (failure != null) {
        return CompletableFuture.failedFuture(failure);
      }
      requests.add(request);
      return CompletableFuture.completedFuture(PutMetricDataResponse.builder().build());
    }

    @Override
    public String serviceName() {
      return "cloudwatch";
    }

    @Override
    public void close() {}
  }
}
