package io.millrace.testkit.cloudwatch;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A metric datum as a client sent it. Immutable.
 *
 * @param namespace the metric's namespace
 * @param name the metric's name
 * @param dimensions names and values, in the order sent
 * @param timestamp the client's time, or null if it sent none
 * @param value a single value, or null
 * @param statistics a summary of many values, or null
 * @param values distinct values, empty if there are none
 * @param counts how often each of {@code values} occurred; empty means once
 * @param unit such as {@code Count}, or null
 * @param storageResolution 1 or 60 seconds, or null
 */
public record MetricDatum(
    String namespace,
    String name,
    Map<String, String> dimensions,
    @Nullable Instant timestamp,
    @Nullable Double value,
    @Nullable Statistics statistics,
    List<Double> values,
    List<Double> counts,
    @Nullable String unit,
    @Nullable Integer storageResolution) {

  /**
   * A StatisticSet. Immutable.
   *
   * @param sampleCount how many values
   * @param sum their sum
   * @param minimum the smallest
   * @param maximum the largest
   */
  public record Statistics(double sampleCount, double sum, double minimum, double maximum) {}
}
