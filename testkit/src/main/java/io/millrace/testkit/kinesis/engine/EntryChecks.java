package io.millrace.testkit.kinesis.engine;

import io.millrace.model.HashKey;
import io.millrace.testkit.kinesis.call.RecordCall.PutEntry;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a record must be on any stream. Immutable. Messages tell lengths instead of keys. */
final class EntryChecks {
  private static final int MAX_DATA_BYTES = 10 * 1024 * 1024;
  private static final int MAX_KEY_CHARACTERS = 256;
  private static final Pattern HASH_KEY = Pattern.compile("0|([1-9]\\d{0,38})");

  /**
   * A record that may be stored.
   *
   * @param hashKey of its explicit hash key, else of its partition key; null if it has neither
   * @param sizeBytes of its data and its partition key in UTF-8
   */
  record Checked(@Nullable HashKey hashKey, int sizeBytes) {}

  /**
   * Checks a record.
   *
   * @param path where it stands in the request, for messages
   */
  Checked check(String path, PutEntry entry) {
    ByteBuffer data = Checks.required(path + "data", entry.data());
    if (data.remaining() > MAX_DATA_BYTES) {
      throw Checks.validation(
          path + "data",
          data.remaining() + " bytes",
          "Member must have length less than or equal to " + MAX_DATA_BYTES);
    }
    String key = entry.partitionKey();
    if (key != null) {
      checkKey(path, key);
    }
    HashKey explicit = explicitHashKey(path, entry.explicitHashKey());
    int keyBytes = key == null ? 0 : utf8Length(key);
    if (key == null || explicit != null) {
      // An explicit hash key does not stand in for a missing partition key.
      return new Checked(key == null ? null : explicit, data.remaining() + keyBytes);
    }
    try {
      return new Checked(HashKey.ofPartitionKey(key), data.remaining() + keyBytes);
    } catch (IllegalArgumentException e) {
      throw Checks.validation(
          path + "partitionKey", keyLength(key), "Member must be well-formed Unicode");
    }
  }

  private static void checkKey(String path, String key) {
    if (key.isEmpty()) {
      throw Checks.validation(
          path + "partitionKey", "", "Member must have length greater than or equal to 1");
    }
    if (key.length() > MAX_KEY_CHARACTERS
        && key.codePointCount(0, key.length()) > MAX_KEY_CHARACTERS) {
      throw Checks.validation(
          path + "partitionKey",
          keyLength(key),
          "Member must have length less than or equal to " + MAX_KEY_CHARACTERS);
    }
  }

  private static @Nullable HashKey explicitHashKey(String path, @Nullable String text) {
    if (text == null) {
      return null;
    }
    if (!HASH_KEY.matcher(text).matches()) {
      throw Checks.validation(
          path + "explicitHashKey",
          keyLength(text),
          "Member must satisfy regular expression pattern: 0|([1-9]\\d{0,38})");
    }
    try {
      return HashKey.parse(text);
    } catch (IllegalArgumentException e) {
      throw Checks.invalidArgument(
          "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1].");
    }
  }

  private static String keyLength(String key) {
    return "a text of " + key.length() + " characters";
  }

  private static int utf8Length(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // Each half of a surrogate pair stands for two of the four bytes.
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }
}
