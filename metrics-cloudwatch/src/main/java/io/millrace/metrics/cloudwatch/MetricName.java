package io.millrace.metrics.cloudwatch;

import java.util.List;

/**
 * A CloudWatch metric: a name and the dimensions that tell it from others of the same name.
 *
 * @param name 1 to 255 characters
 * @param dimensions at most 30, the service's limit (CloudWatch API reference, {@code MetricDatum})
 */
public record MetricName(String name, List<MetricDimension> dimensions) {
  private static final int MAX_NAME_LENGTH = 255;
  private static final int MAX_DIMENSIONS = 30;

  /**
   * Checks and copies.
   *
   * @throws IllegalArgumentException if the name's length or the number of dimensions is beyond the
   *     service's limits
   */
  public MetricName {
    if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
      throw new IllegalArgumentException(
          "metric name has " + name.length() + " characters: it must have 1 to " + MAX_NAME_LENGTH);
    }
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
}
