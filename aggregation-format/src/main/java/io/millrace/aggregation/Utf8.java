package io.millrace.aggregation;

import java.nio.charset.StandardCharsets;

/** Text in UTF-8: its length without encoding it, and its bytes. Stateless. */
final class Utf8 {
  private Utf8() {}

  /**
   * The number of bytes of the text.
   *
   * @param what names the text in the error
   * @throws IllegalArgumentException if the text holds an unpaired surrogate, which would silently
   *     become another text
   */
  static int length(String text, String what) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        return i + lengthBeyondAscii(text, i, what);
      }
    }
    return length;
  }

  /**
   * Checks a text that is to be encoded later.
   *
   * @param what names the text in the error
   * @throws IllegalArgumentException as {@link #length} does
   */
  static void requireEncodable(String text, String what) {
    int bytes = length(text, what);
    assert bytes >= text.length();
  }

  /**
   * Writes a text that {@link #length} has found encodable.
   *
   * @param bytes its length in UTF-8
   * @return the position behind it
   */
  @SuppressWarnings("deprecation") // exact for ASCII, and the only way without an array in between
  static int write(String text, int bytes, byte[] target, int position) {
    if (bytes == text.length()) {
      text.getBytes(0, bytes, target, position);
    } else {
      System.arraycopy(text.getBytes(StandardCharsets.UTF_8), 0, target, position, bytes);
    }
    return position + bytes;
  }

  private static int lengthBeyondAscii(String text, int start, String what) {
    long bytes = 0;
    for (int i = start; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        bytes++;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (!Character.isSurrogate(c)) {
        bytes += 3;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else {
        throw new IllegalArgumentException(
            what + " has an unpaired surrogate at index " + i + ": UTF-8 can't hold it");
      }
    }
    if (bytes > Integer.MAX_VALUE - start) {
      throw new IllegalArgumentException(what + " has more than 2^31-1 bytes in UTF-8");
    }
    return (int) bytes;
  }
}
