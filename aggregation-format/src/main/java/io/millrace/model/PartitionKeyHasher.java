package io.millrace.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Hashes partition keys one after the other, and so a little faster than {@link
 * HashKey#ofPartitionKey(String)}, which looks up a new digest each time.
 *
 * <p>Not thread-safe: made for a loop, or confined to one owner.
 */
public final class PartitionKeyHasher {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final MessageDigest md5;

  /**
   * Makes a hasher.
   *
   * @throws IllegalStateException if the Java runtime offers no MD5, as some restricted ones do:
   *     Kinesis can't be used without it
   */
  public PartitionKeyHasher() {
    try {
      md5 = MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(
          "this Java runtime offers no MD5, which Kinesis hashes partition keys with", e);
    }
  }

  /**
   * As {@link HashKey#ofPartitionKey(String)}.
   *
   * @throws IllegalArgumentException if the text holds an unpaired surrogate
   */
  public HashKey hash(String partitionKey) {
    checkSurrogates(partitionKey);
    return hash(partitionKey.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * As {@link HashKey#ofPartitionKey(ByteBuffer, int, int)}.
   *
   * @throws IndexOutOfBoundsException if the bytes are not inside the buffer's limit
   */
  public HashKey hash(ByteBuffer utf8, int offset, int length) {
    byte[] bytes = new byte[length];
    utf8.get(offset, bytes);
    int signs = 0;
    for (byte b : bytes) {
      signs |= b;
    }
    // Beyond ASCII by way of the text, so that malformed sequences become U+FFFD as they do there.
    return signs >= 0
        ? hash(bytes)
        : hash(new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8));
  }

  private HashKey hash(byte[] bytes) {
    byte[] digest = md5.digest(bytes);
    return new HashKey((long) LONGS.get(digest, 0), (long) LONGS.get(digest, 8));
  }

  /** UTF-8 would silently turn an unpaired surrogate into a question mark: another key. */
  private static void checkSurrogates(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (Character.charCount(text.codePointAt(i)) == 1) {
          throw new IllegalArgumentException(
              "partition key has an unpaired surrogate at index " + i + ": UTF-8 can't hold it");
        }
        i++;
      }
    }
  }
}
