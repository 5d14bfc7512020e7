package io.millrace.testkit.kinesis.engine;

import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rules that the API's model declares, and the errors that break them. Values of keys are never
 * in messages.
 */
final class Checks {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_.-]+");
  private static final Pattern SEQUENCE_NUMBER = Pattern.compile("0|([1-9]\\d{0,128})");

  private Checks() {}

  static KinesisError validation(String field, @Nullable Object value, String rule) {
    String shown = value == null ? "null" : "'" + value + "'";
    return new KinesisError(
        ErrorCode.VALIDATION,
        "1 validation error detected: Value "
            + shown
            + " at '"
            + field
            + "' failed to satisfy constraint: "
            + rule);
  }

  static KinesisError invalidArgument(String message) {
    return new KinesisError(ErrorCode.INVALID_ARGUMENT, message);
  }

  static <T> T required(String field, @Nullable T value) {
    if (value == null) {
      throw validation(field, null, "Member must not be null");
    }
    return value;
  }

  static int inRange(String field, @Nullable Integer value, int min, int max) {
    int given = required(field, value);
    if (given < min) {
      throw validation(field, given, "Member must have value greater than or equal to " + min);
    }
    if (given > max) {
      throw validation(field, given, "Member must have value less than or equal to " + max);
    }
    return given;
  }

  static int inRangeOr(String field, @Nullable Integer value, int min, int max, int absent) {
    return value == null ? absent : inRange(field, value, min, max);
  }

  /** A name of a stream, shard or consumer: 1 to 128 of the allowed characters. */
  static String name(String field, @Nullable String value) {
    String given = required(field, value);
    if (given.isEmpty()) {
      throw validation(field, given, "Member must have length greater than or equal to 1");
    }
    if (given.length() > 128) {
      throw validation(
          field, shortened(given), "Member must have length less than or equal to 128");
    }
    if (!NAME.matcher(given).matches()) {
      throw validation(
          field, given, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
    }
    return given;
  }

  static String sequenceNumber(String field, String value) {
    if (!SEQUENCE_NUMBER.matcher(value).matches()) {
      throw validation(
          field,
          shortened(value),
          "Member must satisfy regular expression pattern: 0|([1-9]\\d{0,128})");
    }
    return value;
  }

  static String text(String field, @Nullable String value, int maxLength) {
    String given = required(field, value);
    if (given.isEmpty()) {
      throw validation(field, given, "Member must have length greater than or equal to 1");
    }
    if (given.length() > maxLength) {
      throw validation(
          field, shortened(given), "Member must have length less than or equal to " + maxLength);
    }
    return given;
  }

  /** Tags as AddTagsToStream and CreateStream take them; the values stay out of messages. */
  static void tags(Map<String, String> tags, int maxCount) {
    if (tags.size() > maxCount) {
      throw validation(
          "tags",
          tags.size() + " entries",
          "Member must have length less than or equal to " + maxCount);
    }
    tags.forEach(
        (key, value) -> {
          if (key.isEmpty() || key.length() > 128) {
            throw validation(
                "tags",
                "a key of " + key.length() + " characters",
                "Map keys must have length from 1 to 128");
          }
          if (value.length() > 256) {
            throw validation(
                "tags",
                "a value of " + value.length() + " characters",
                "Map values must have length from 0 to 256");
          }
        });
  }

  private static String shortened(String value) {
    return value.length() <= 160 ? value : value.substring(0, 160) + "...";
  }
}
