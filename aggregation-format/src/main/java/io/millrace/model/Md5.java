package io.millrace.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** MD5 of partition keys. Stateless and thread-safe. */
final class Md5 {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private Md5() {}

  static HashKey hash(String text) {
    return hash(utf8(text));
  }

  static HashKey hash(ByteBuffer utf8, int offset, int length) {
    byte[] bytes = new byte[length];
    utf8.get(offset, bytes);
    return hash(new String(bytes, StandardCharsets.UTF_8));
  }

  private static HashKey hash(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("MD5").digest(bytes);
      return new HashKey((long) LONGS.get(digest, 0), (long) LONGS.get(digest, 8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java runtime offers no MD5", e);
    }
  }

  private static byte[] utf8(String text) {
    try {
      ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("partition key holds an unpaired surrogate", e);
    }
  }
}
