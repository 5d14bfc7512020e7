package io.millrace.metrics.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;

class RequestPackerTest {
  @Test
  void noDataAreNoRequest() {
    assertThat(RequestPacker.pack(List.of())).isEmpty();
  }

  @Test
  void aThousandSmallDataFillARequest() {
    List<List<MetricDatum>> requests =
        RequestPacker.pack(
            Collections.nCopies(2_001, MetricDatum.builder().metricName("m").build()));

    assertThat(requests).extracting(List::size).containsExactly(1_000, 1_000, 1);
  }

  @Test
  void dataWithLongDimensionsStayBelowAMegabyte() {
    List<MetricDatum> data = Collections.nCopies(100, withDimensionsOf(30, 1_000));

    List<List<MetricDatum>> requests = RequestPacker.pack(data);

    assertThat(requests).hasSizeGreaterThan(1);
    assertThat(requests).allSatisfy(request -> assertThat(textOf(request)).isLessThan(1_000_000));
    List<MetricDatum> packed = new ArrayList<>();
    requests.forEach(packed::addAll);
    assertThat(packed).isEqualTo(data);
  }

  private static MetricDatum withDimensionsOf(int count, int valueLength) {
    List<Dimension> dimensions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      dimensions.add(Dimension.builder().name("d" + i).value("v".repeat(valueLength)).build());
    }
    return MetricDatum.builder().metricName("m").dimensions(dimensions).build();
  }

  private static long textOf(List<MetricDatum> request) {
    return request.stream().mapToLong(datum -> datum.toString().length()).sum();
  }
}
