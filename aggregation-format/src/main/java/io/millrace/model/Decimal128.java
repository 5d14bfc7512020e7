package io.millrace.model;

import java.nio.charset.StandardCharsets;

/** Decimal text of unsigned 128-bit numbers. Stateless. */
final class Decimal128 {
  private static final int MAX_DIGITS = 39;

  private static final long LIMB_MASK = 0xFFFF_FFFFL;

  /** As many digits as a long surely holds. */
  private static final int GROUP_OF_LONG = 18;

  private static final int GROUP_DIGITS = 9;
  private static final long GROUP = 1_000_000_000L;

  /** 10^i, unsigned, for i from 0 to 38. */
  private static final long[] POWER_HIGH = new long[MAX_DIGITS];

  private static final long[] POWER_LOW = new long[MAX_DIGITS];

  static {
    HashKey power = new HashKey(0, 1);
    for (int i = 0; i < MAX_DIGITS; i++) {
      POWER_HIGH[i] = power.high();
      POWER_LOW[i] = power.low();
      power =
          new HashKey(power.high() * 10 + multiplyHighUnsigned(power.low(), 10), power.low() * 10);
    }
  }

  private Decimal128() {}

  static HashKey parse(String text) {
    String trimmed = text.trim();
    int start = trimmed.startsWith("+") ? 1 : 0;
    if (start == trimmed.length()) {
      throw notAHashKey("it has no digits");
    }
    long high = 0;
    long low = 0;
    for (int i = start; i < trimmed.length(); ) {
      long group = 0;
      long scale = 1;
      for (int end = Math.min(i + GROUP_OF_LONG, trimmed.length()); i < end; i++) {
        int digit = Character.digit(trimmed.charAt(i), 10);
        if (digit < 0) {
          throw notAHashKey("character " + i + " is not a digit");
        }
        group = group * 10 + digit;
        scale *= 10;
      }
      long product = low * scale;
      long carry = multiplyHighUnsigned(low, scale);
      low = product + group;
      if (Long.compareUnsigned(low, product) < 0) {
        carry++;
      }
      boolean overflows = multiplyHighUnsigned(high, scale) != 0;
      high = high * scale + carry;
      if (overflows || Long.compareUnsigned(high, carry) < 0) {
        throw notAHashKey("it exceeds 2^128-1");
      }
    }
    return new HashKey(high, low);
  }

  static int length(long high, long low) {
    // 1233/4096 approximates log10(2): the guess is at most one digit short.
    int bits =
        high != 0 ? 128 - Long.numberOfLeadingZeros(high) : 64 - Long.numberOfLeadingZeros(low);
    int digits = (bits * 1233) >>> 12;
    return digits < MAX_DIGITS && isAtLeastPower(high, low, digits)
        ? digits + 1
        : Math.max(digits, 1);
  }

  static String format(long high, long low) {
    if (high == 0) {
      return Long.toUnsignedString(low);
    }
    byte[] text = new byte[MAX_DIGITS];
    int position = MAX_DIGITS;
    long limb3 = high >>> 32;
    long limb2 = high & LIMB_MASK;
    long limb1 = low >>> 32;
    long limb0 = low & LIMB_MASK;
    // Long division by 10^9, 32 bits at a time: every dividend fits into 62 bits.
    while ((limb3 | limb2 | limb1 | limb0) != 0) {
      long dividend = limb3;
      limb3 = dividend / GROUP;
      dividend = (dividend % GROUP) << 32 | limb2;
      limb2 = dividend / GROUP;
      dividend = (dividend % GROUP) << 32 | limb1;
      limb1 = dividend / GROUP;
      dividend = (dividend % GROUP) << 32 | limb0;
      limb0 = dividend / GROUP;
      int group = (int) (dividend % GROUP);
      for (int i = 0; i < GROUP_DIGITS && position > 0; i++) {
        text[--position] = (byte) ('0' + group % 10);
        group /= 10;
      }
    }
    while (text[position] == '0') {
      position++;
    }
    return new String(text, position, MAX_DIGITS - position, StandardCharsets.ISO_8859_1);
  }

  /** The upper 64 bits of the product of two unsigned numbers. */
  private static long multiplyHighUnsigned(long a, long b) {
    return Math.multiplyHigh(a, b) + ((a >> 63) & b) + ((b >> 63) & a);
  }

  private static boolean isAtLeastPower(long high, long low, int exponent) {
    int order = Long.compareUnsigned(high, POWER_HIGH[exponent]);
    return order > 0 || (order == 0 && Long.compareUnsigned(low, POWER_LOW[exponent]) >= 0);
  }

  private static IllegalArgumentException notAHashKey(String problem) {
    return new IllegalArgumentException(
        "hash key is not a decimal integer from 0 to 2^128-1: " + problem);
  }
}
