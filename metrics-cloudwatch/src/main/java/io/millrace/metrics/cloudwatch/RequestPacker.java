package io.millrace.metrics.cloudwatch;

import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;

/**
 * Splits data into requests within the limits of PutMetricData: 1,000 metrics and 1 MB (CloudWatch
 * API reference, {@code PutMetricData}).
 */
final class RequestPacker {
  static final int MAX_DATA = 1_000;

  /** Before compression, and with room for the request's own fields. */
  static final int MAX_BYTES = 900_000;

  /** Names of the fields, numbers and timestamp of one datum, rounded up. */
  private static final long DATUM_BYTES = 320;

  private static final long DIMENSION_BYTES = 32;

  private RequestPacker() {}

  /** The requests' data, in order; a datum is never split. */
  static List<List<MetricDatum>> pack(List<MetricDatum> data) {
    List<List<MetricDatum>> requests = new ArrayList<>();
    int from = 0;
    long bytes = 0;
    for (int i = 0; i < data.size(); i++) {
      long next = sizeOf(data.get(i));
      if (i > from && (i - from == MAX_DATA || bytes + next > MAX_BYTES)) {
        requests.add(List.copyOf(data.subList(from, i)));
        from = i;
        bytes = 0;
      }
      bytes += next;
    }
    if (from < data.size()) {
      requests.add(List.copyOf(data.subList(from, data.size())));
    }
    return requests;
  }

  private static long sizeOf(MetricDatum datum) {
    long bytes = DATUM_BYTES + datum.metricName().length();
    for (Dimension dimension : datum.dimensions()) {
      bytes += DIMENSION_BYTES + dimension.name().length() + dimension.value().length();
    }
    return bytes;
  }
}
