package io.millrace.testkit.kinesis.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * The sequence numbers of one shard: 56 digits like the service's, which carry the shard's
 * creation, its stream, its index, and the record's place in the shard. Immutable.
 *
 * <p>A child's numbers are all above its parents', because its creation is later; neighbours differ
 * by 100, so that nobody comes to rely on numbers without gaps.
 *
 * <pre>
 *   49 | creation, 14 digits | stream, 10 digits | shard index, 10 digits | place, 18 digits | 82
 * </pre>
 */
public final class SequenceFormat {
  /** The place of a number that is none of these: no sequence number of this endpoint. */
  public static final long MALFORMED = -1;

  /** The place of a number that another stream gave. */
  public static final long OTHER_STREAM = -2;

  /** The place of a number that another shard of the stream gave. */
  public static final long OTHER_SHARD = -3;

  private static final int LENGTH = 56;
  private static final int STREAM_AT = 16;
  private static final int SHARD_AT = 26;
  private static final int PLACE_AT = 36;
  private static final int PLACE_DIGITS = 18;
  private static final int TAIL_AT = PLACE_AT + PLACE_DIGITS;

  private final byte[] template;

  /**
   * Fixes the digits that all numbers of the shard share.
   *
   * @param creationStamp milliseconds, later than the parents'
   * @param streamSalt 0 to 9999999999; differs between streams
   * @param shardIndex the number in the shard's id
   */
  public SequenceFormat(long creationStamp, long streamSalt, int shardIndex) {
    template = new byte[LENGTH];
    template[0] = '4';
    template[1] = '9';
    writeDigits(template, 2, 14, creationStamp);
    writeDigits(template, STREAM_AT, 10, streamSalt);
    writeDigits(template, SHARD_AT, 10, shardIndex);
    template[TAIL_AT] = '8';
    template[TAIL_AT + 1] = '2';
  }

  /** The number at a place, 0 or more. */
  public String render(long place) {
    byte[] digits = template.clone();
    writeDigits(digits, PLACE_AT, PLACE_DIGITS, place);
    return new String(digits, ISO_8859_1);
  }

  /** The place of a number, or one of the negative constants. */
  public long parse(String number) {
    if (number.length() != LENGTH || !number.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return MALFORMED;
    }
    if (!matches(number, STREAM_AT, SHARD_AT)) {
      return OTHER_STREAM;
    }
    if (!matches(number, SHARD_AT, PLACE_AT)) {
      return OTHER_SHARD;
    }
    if (!matches(number, 0, STREAM_AT) || !matches(number, TAIL_AT, LENGTH)) {
      return MALFORMED;
    }
    return Long.parseLong(number, PLACE_AT, TAIL_AT, 10);
  }

  private boolean matches(String number, int from, int to) {
    for (int i = from; i < to; i++) {
      if (number.charAt(i) != template[i]) {
        return false;
      }
    }
    return true;
  }

  private static void writeDigits(byte[] target, int at, int count, long value) {
    long rest = value;
    for (int i = at + count - 1; i >= at; i--) {
      target[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }
}
