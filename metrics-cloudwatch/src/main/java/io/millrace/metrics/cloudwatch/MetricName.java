package io.millrace.metrics.cloudwatch;

import java.util.List;
import java.util.Optional;

/**
 * A CloudWatch metric that a meter feeds: a name, the dimensions that tell it from others of the
 * same name, and what becomes of the meter's samples.
 *
 * @param name 1 to 255 ASCII characters, not beginning with a colon
 * @param dimensions at most 30, the service's limit (CloudWatch API reference, {@code MetricDatum})
 * @param countAs what becomes of the samples
 * @param unit empty for the one that follows from the meter's kind and base unit
 */
public record MetricName(
    String name, List<MetricDimension> dimensions, CountAs countAs, Optional<MetricUnit> unit) {
  private static final int MAX_NAME_LENGTH = 255;
  private static final int MAX_DIMENSIONS = 30;

  /**
   * Checks and copies.
   *
   * @throws IllegalArgumentException if the name or the number of dimensions breaks the service's
   *     rules
   */
  public MetricName {
    MetricDimension.check("metric name", name, MAX_NAME_LENGTH);
    if (dimensions.size() > MAX_DIMENSIONS) {
      throw new IllegalArgumentException(
          "metric "
              + name
              + " has "
              + dimensions.size()
              + " dimensions: at most "
              + MAX_DIMENSIONS);
    }
    dimensions = List.copyOf(dimensions);
  }

  /** The samples as they are, in the meter's own unit. */
  public MetricName(String name, List<MetricDimension> dimensions) {
    this(name, dimensions, CountAs.VALUES, Optional.empty());
  }
}
