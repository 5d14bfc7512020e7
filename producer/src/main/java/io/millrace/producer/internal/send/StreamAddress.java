package io.millrace.producer.internal.send;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a stream is addressed in requests: by name or by ARN, as the application wrote it.
 *
 * @param text the name or ARN
 * @param isArn which of both
 */
public record StreamAddress(String text, boolean isArn) {
  private static final int SHOWN_CHARACTERS = 200;
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,128}");
  private static final Pattern ARN =
      Pattern.compile(
          "arn:aws[a-z0-9-]*:kinesis:[a-z0-9-]+:[0-9]{12}:stream/([a-zA-Z0-9_.-]{1,128})");

  /**
   * Reads what the application wrote.
   *
   * @throws IllegalArgumentException if it is neither a stream's name nor a stream's ARN
   */
  public static StreamAddress parse(String text) {
    Objects.requireNonNull(text, "stream");
    if (text.startsWith("arn:")) {
      if (!ARN.matcher(text).matches()) {
        throw new IllegalArgumentException(
            "stream is '"
                + shown(text)
                + "': an ARN of a stream looks like"
                + " arn:aws:kinesis:<region>:<12-digit account>:stream/<name>");
      }
      return new StreamAddress(text, true);
    }
    if (!NAME.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "stream is '"
              + shown(text)
              + "': a stream's name has 1 to 128 characters out of a-z, A-Z, 0-9, '_', '-', '.'");
    }
    return new StreamAddress(text, false);
  }

  /** The stream's name, also when it is addressed by ARN. */
  public String name() {
    Matcher arn = ARN.matcher(text);
    return isArn && arn.matches() ? arn.group(1) : text;
  }

  @Override
  public String toString() {
    return text;
  }

  private static String shown(String text) {
    return text.length() <= SHOWN_CHARACTERS
        ? text
        : text.substring(0, SHOWN_CHARACTERS) + "... (" + text.length() + " characters)";
  }
}
