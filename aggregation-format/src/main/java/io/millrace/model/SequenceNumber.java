package io.millrace.model;

/**
 * The number that the service gives to a Kinesis record; ordered within one shard.
 *
 * <p>Immutable. Ordered as an unsigned decimal integer of any length, without parsing it: the text
 * is kept without leading zeros, so a longer number is a higher one, and numbers of equal length
 * compare as text. The starting points TRIM_HORIZON, LATEST and AT_TIMESTAMP are no sequence
 * numbers.
 *
 * @param value the decimal text without leading zeros
 */
public record SequenceNumber(String value) implements Comparable<SequenceNumber> {
  /** Longer text is refused; the service writes 56 digits. */
  private static final int MAX_DIGITS = 128;

  /**
   * Strips leading zeros and checks the digits.
   *
   * @throws IllegalArgumentException if the text is not 1 to 128 decimal digits
   */
  public SequenceNumber {
    int length = value.length();
    if (length < 1 || length > MAX_DIGITS) {
      throw new IllegalArgumentException(
          "sequence number has " + length + " characters: it must have 1 to 128 decimal digits");
    }
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c < '0' || c > '9') {
        throw new IllegalArgumentException(
            "sequence number has no decimal digit at index " + i + ": it must have only digits");
      }
    }
    value = withoutLeadingZeros(value);
  }

  /**
   * Reads a sequence number as the service writes it.
   *
   * @throws IllegalArgumentException if the text is not 1 to 128 decimal digits
   */
  public static SequenceNumber of(String decimal) {
    return new SequenceNumber(decimal);
  }

  /** Orders as integers. Only numbers of the same shard have a meaningful order. */
  @Override
  public int compareTo(SequenceNumber other) {
    int byLength = Integer.compare(value.length(), other.value.length());
    return byLength != 0 ? byLength : value.compareTo(other.value);
  }

  /** The decimal text. */
  @Override
  public String toString() {
    return value;
  }

  private static String withoutLeadingZeros(String digits) {
    int first = 0;
    while (first < digits.length() - 1 && digits.charAt(first) == '0') {
      first++;
    }
    return first == 0 ? digits : digits.substring(first);
  }
}
