package io.millrace.aggregation;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Between a header's value, any bytes, and the wire's tag value, which must be UTF-8 text. Text
 * stays readable as it is; other bytes become base64 behind the prefix that data URLs use for it.
 * Text that begins with that very prefix is written as base64 too, so that reading is unambiguous.
 * Stateless.
 */
final class HeaderValue {
  private static final byte[] PREFIX = "data:;base64,".getBytes(StandardCharsets.US_ASCII);

  private HeaderValue() {}

  static byte[] toWire(byte[] value) {
    if (isUtf8(value) && !hasPrefix(value)) {
      return value;
    }
    byte[] base64 = Base64.getEncoder().encode(value);
    byte[] wire = Arrays.copyOf(PREFIX, PREFIX.length + base64.length);
    System.arraycopy(base64, 0, wire, PREFIX.length, base64.length);
    return wire;
  }

  /** Text of another writer that only looks like base64 is taken as it is. */
  static byte[] fromWire(byte[] wire) {
    if (!hasPrefix(wire)) {
      return wire;
    }
    try {
      return Base64.getDecoder().decode(Arrays.copyOfRange(wire, PREFIX.length, wire.length));
    } catch (IllegalArgumentException e) {
      return wire;
    }
  }

  private static boolean hasPrefix(byte[] value) {
    return value.length >= PREFIX.length
        && Arrays.equals(value, 0, PREFIX.length, PREFIX, 0, PREFIX.length);
  }

  private static boolean isUtf8(byte[] value) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
