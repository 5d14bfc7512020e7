package io.millrace.model;

import java.nio.ByteBuffer;

/**
 * A point on the ring that decides which shard a record belongs to: an unsigned 128-bit number,
 * from 0 to 2^128-1.
 *
 * <p>A record's hash key is its explicit hash key when it has one, else the MD5 of its partition
 * key's UTF-8 bytes, read as a big-endian number. Producer and consumer must agree on it bit for
 * bit, or readers drop whole aggregates.
 *
 * <p>Immutable. Ordered as an unsigned number. Nothing here uses {@link java.math.BigInteger}.
 *
 * @param high the upper 64 bits, unsigned
 * @param low the lower 64 bits, unsigned
 */
public record HashKey(long high, long low) implements Comparable<HashKey> {
  /** The lowest hash key, 0. */
  public static final HashKey MIN = new HashKey(0, 0);

  /** The highest hash key, 2^128-1. */
  public static final HashKey MAX = new HashKey(-1, -1);

  /**
   * Hashes a partition key as the service does.
   *
   * @param partitionKey any text that UTF-8 can hold; length limits are the producer's to check
   * @return the MD5 of the key's UTF-8 bytes as an unsigned big-endian number
   * @throws IllegalArgumentException if the text holds an unpaired surrogate, which no UTF-8 text
   *     can carry
   */
  public static HashKey ofPartitionKey(String partitionKey) {
    return new PartitionKeyHasher().hash(partitionKey);
  }

  /**
   * Hashes a partition key that is at hand as UTF-8 bytes, with the same result as {@link
   * #ofPartitionKey(String)} on the decoded text: malformed sequences count as U+FFFD.
   *
   * @param utf8 holds the key; its position and limit are neither used nor changed
   * @param offset the absolute index of the key's first byte
   * @param length the number of bytes of the key
   * @throws IndexOutOfBoundsException if the bytes are not inside the buffer's limit
   */
  public static HashKey ofPartitionKey(ByteBuffer utf8, int offset, int length) {
    return new PartitionKeyHasher().hash(utf8, offset, length);
  }

  /**
   * Reads decimal text: what the service returns for a shard's range, and what applications give as
   * explicit hash key. As in the KPL, surrounding blanks, one leading {@code +} and leading zeros
   * are accepted; {@link #toString()} then gives the canonical text.
   *
   * @throws IllegalArgumentException if the text is not an integer from 0 to 2^128-1
   */
  public static HashKey parse(String decimal) {
    return Decimal128.parse(decimal);
  }

  /** Orders by the unsigned value. */
  @Override
  public int compareTo(HashKey other) {
    int order = Long.compareUnsigned(high, other.high);
    return order != 0 ? order : Long.compareUnsigned(low, other.low);
  }

  /** The number of characters of {@link #toString()}, from 1 to 39, without making the text. */
  public int decimalLength() {
    return Decimal128.length(high, low);
  }

  /**
   * The next higher hash key.
   *
   * @throws IllegalStateException if this is {@link #MAX}
   */
  public HashKey next() {
    if (equals(MAX)) {
      throw new IllegalStateException("hash key 2^128-1 has no next: it is the highest");
    }
    return plus(0, 1);
  }

  /**
   * The next lower hash key.
   *
   * @throws IllegalStateException if this is {@link #MIN}
   */
  public HashKey previous() {
    if (equals(MIN)) {
      throw new IllegalStateException("hash key 0 has no previous: it is the lowest");
    }
    return plus(-1, -1);
  }

  /** The canonical decimal text: no sign, no leading zeros, no blanks. */
  @Override
  public String toString() {
    return Decimal128.format(high, low);
  }

  /** Adds modulo 2^128. */
  HashKey plus(long otherHigh, long otherLow) {
    long sum = low + otherLow;
    long carry = Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
    return new HashKey(high + otherHigh + carry, sum);
  }

  /** Subtracts modulo 2^128. */
  HashKey minus(HashKey other) {
    long borrow = Long.compareUnsigned(low, other.low) < 0 ? 1 : 0;
    return new HashKey(high - other.high - borrow, low - other.low);
  }
}
