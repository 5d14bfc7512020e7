package io.millrace.metrics.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricDataResponse;
import software.amazon.awssdk.services.cloudwatch.model.StatisticSet;

/** Keeps what it is sent; answers at once. */
final class FakeCloudWatch implements CloudWatchAsyncClient {
  final List<PutMetricDataRequest> requests = new ArrayList<>();
  @Nullable Throwable failure;
  @Nullable RuntimeException thrown;

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

  List<MetricDatum> data() {
    return requests.stream().flatMap(request -> request.metricData().stream()).toList();
  }

  MetricDatum onlyDatum() {
    assertThat(data()).hasSize(1);
    return data().get(0);
  }

  /** Each datum as {@code Name{Dimension=value}=samples/sum Unit}, or {@code =value Unit}. */
  List<String> lines() {
    return data().stream().map(FakeCloudWatch::line).toList();
  }

  private static String line(MetricDatum datum) {
    String dimensions =
        datum.dimensions().stream()
            .map(dimension -> dimension.name() + "=" + dimension.value())
            .collect(Collectors.joining(","));
    StatisticSet set = datum.statisticValues();
    String values =
        set == null
            ? String.valueOf(datum.value())
            : set.sampleCount()
                + "/"
                + set.sum()
                + "["
                + set.minimum()
                + ".."
                + set.maximum()
                + "]";
    return datum.metricName() + "{" + dimensions + "}=" + values + " " + datum.unitAsString();
  }

  @Override
  public String serviceName() {
    return "cloudwatch";
  }

  @Override
  public void close() {}
}
