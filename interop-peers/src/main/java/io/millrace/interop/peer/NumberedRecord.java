package io.millrace.interop.peer;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A user record of which everything follows from its number and size, so that a reader can tell
 * whether it is what was written. Every fifth key is not ASCII, some have the greatest length, and
 * every seventh record has an explicit hash key.
 *
 * <p>The payload begins with the number. Immutable, but for the payload.
 */
public final class NumberedRecord {
  /** How many different keys there are. */
  public static final int KEYS = 40;

  private static final BigInteger HASH_KEY_STEP = BigInteger.ONE.shiftLeft(122);
  private static final int HASH_KEYS = 64;

  private final int number;
  private final byte[] payload;

  private NumberedRecord(int number, byte[] payload) {
    this.number = number;
    this.payload = payload;
  }

  /**
   * The record with this number.
   *
   * @param sizeBytes of the payload, at least 4
   */
  public static NumberedRecord of(int number, int sizeBytes) {
    ByteBuffer payload = ByteBuffer.allocate(sizeBytes).putInt(number);
    for (int i = Integer.BYTES; i < sizeBytes; i++) {
      payload.put((byte) (number + i));
    }
    return new NumberedRecord(number, payload.array());
  }

  /** The number that a payload begins with. */
  public static int numberIn(ByteBuffer payload) {
    return payload.getInt(payload.position());
  }

  /** 0 or more. */
  public int number() {
    return number;
  }

  /** The payload, not copied. */
  public byte[] payload() {
    return payload;
  }

  /** 1 to 256 characters. */
  public String partitionKey() {
    int key = number % KEYS;
    return switch (key % 5) {
      case 0 -> "ключ-水-\uD83C\uDF0A-" + key;
      case 1 -> "k".repeat(254) + (10 + key);
      default -> "key-" + key;
    };
  }

  /**
   * Overrides the hash of the key. The records of a key have one all or none, so that they keep
   * their order.
   */
  public Optional<BigInteger> explicitHashKey() {
    int key = number % KEYS;
    return key % 7 == 3
        ? Optional.of(HASH_KEY_STEP.multiply(BigInteger.valueOf(key * 5L % HASH_KEYS)))
        : Optional.empty();
  }
}
