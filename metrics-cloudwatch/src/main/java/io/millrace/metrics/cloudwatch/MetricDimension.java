package io.millrace.metrics.cloudwatch;

/**
 * One dimension of a CloudWatch metric.
 *
 * @param name 1 to 255 characters
 * @param value 1 to 1,024 characters
 */
public record MetricDimension(String name, String value) {
  private static final int MAX_NAME_LENGTH = 255;
  private static final int MAX_VALUE_LENGTH = 1024;

  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException if one is empty or beyond the service's limit (CloudWatch API
   *     reference, {@code Dimension})
   */
  public MetricDimension {
    if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
      throw new IllegalArgumentException(
          "dimension name has "
              + name.length()
              + " characters: it must have 1 to "
              + MAX_NAME_LENGTH);
    }
    if (value.isEmpty() || value.length() > MAX_VALUE_LENGTH) {
      throw new IllegalArgumentException(
          "value of dimension "
              + name
              + " has "
              + value.length()
              + " characters: it must have 1 to "
              + MAX_VALUE_LENGTH);
    }
  }
}
