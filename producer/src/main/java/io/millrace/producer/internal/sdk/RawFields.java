package io.millrace.producer.internal.sdk;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds a text field in a response body without a parser for the whole: the SDK's parsers are not
 * public, and one field is all we need. Stateless.
 */
final class RawFields {
  private static final int CBOR_TEXT = 0x60;
  private static final int CBOR_TEXT_MAX_INLINE = 23;
  private static final int CBOR_TEXT_ONE_BYTE_LENGTH = 0x78;

  private RawFields() {}

  /**
   * The value of the field, if the body has it as a field with a text value.
   *
   * @param body CBOR, or JSON in UTF-8
   * @param name ASCII, 24 to 255 characters
   */
  static Optional<String> text(byte[] body, String name) {
    boolean json = body.length > 0 && (body[0] == '{' || Character.isWhitespace(body[0]));
    return json ? inJson(body, name) : inCbor(body, name);
  }

  private static Optional<String> inJson(byte[] body, String name) {
    Matcher field =
        Pattern.compile('"' + Pattern.quote(name) + "\"\\s*:\\s*\"([A-Za-z0-9_]*)\"")
            .matcher(new String(body, StandardCharsets.UTF_8));
    return field.find() ? Optional.of(field.group(1)) : Optional.empty();
  }

  /**
   * A CBOR field is its name as a text string followed by its value. A value that happens to equal
   * the name (say, a stream's name) is followed by the next field's name, so the caller must know
   * which values it expects; the last match counts.
   */
  private static Optional<String> inCbor(byte[] body, String name) {
    byte[] key = name.getBytes(StandardCharsets.US_ASCII);
    Optional<String> found = Optional.empty();
    for (int i = 0; i + 2 + key.length < body.length; i++) {
      if ((body[i] & 0xFF) == CBOR_TEXT_ONE_BYTE_LENGTH
          && (body[i + 1] & 0xFF) == key.length
          && matches(body, i + 2, key)) {
        Optional<String> value = cborText(body, i + 2 + key.length);
        found = value.isPresent() ? value : found;
      }
    }
    return found;
  }

  private static Optional<String> cborText(byte[] body, int at) {
    int length = (body[at] & 0xFF) - CBOR_TEXT;
    boolean inline = length >= 0 && length <= CBOR_TEXT_MAX_INLINE;
    return inline && at + 1 + length <= body.length
        ? Optional.of(new String(body, at + 1, length, StandardCharsets.US_ASCII))
        : Optional.empty();
  }

  private static boolean matches(byte[] body, int at, byte[] text) {
    for (int i = 0; i < text.length; i++) {
      if (body[at + i] != text[i]) {
        return false;
      }
    }
    return true;
  }
}
