package io.millrace.metrics.cloudwatch;

/**
 * One dimension of a CloudWatch metric.
 *
 * @param name 1 to 255 ASCII characters, not beginning with a colon
 * @param value 1 to 1,024 ASCII characters, not beginning with a colon
 */
public record MetricDimension(String name, String value) {
  private static final int MAX_NAME_LENGTH = 255;
  private static final int MAX_VALUE_LENGTH = 1024;

  /**
   * Checks both: the service refuses the whole request for one that breaks its rules.
   *
   * @throws IllegalArgumentException if one is empty, too long, not ASCII, blank, or begins with a
   *     colon (CloudWatch API reference, {@code Dimension})
   */
  public MetricDimension {
    check("dimension name", name, MAX_NAME_LENGTH);
    check("value of dimension " + name, value, MAX_VALUE_LENGTH);
  }

  /** The text itself stays out of the message: a tag may hold anything. */
  static void check(String what, String text, int maxLength) {
    if (text.isEmpty() || text.length() > maxLength) {
      throw new IllegalArgumentException(
          what + " has " + text.length() + " characters: it must have 1 to " + maxLength);
    }
    if (text.charAt(0) == ':') {
      throw new IllegalArgumentException(what + " begins with a colon: it must not");
    }
    if (text.isBlank()) {
      throw new IllegalArgumentException(what + " is blank: it must hold more than white space");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~') {
        throw new IllegalArgumentException(
            what + " has a character at index " + i + " that is no printable ASCII: all must be");
      }
    }
  }
}
