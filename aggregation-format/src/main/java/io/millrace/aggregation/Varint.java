package io.millrace.aggregation;

/**
 * Unsigned numbers as protobuf writes them: seven bits a byte, the lowest first, a high bit while
 * more follow. Stateless.
 */
final class Varint {
  private Varint() {}

  /**
   * Writes a number.
   *
   * @return the position behind it
   */
  static int write(int unsigned, byte[] target, int position) {
    int at = position;
    int rest = unsigned;
    while ((rest & ~0x7F) != 0) {
      target[at++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    target[at++] = (byte) rest;
    return at;
  }
}
