package io.millrace.aggregation;

import io.millrace.model.HashKey;
import io.millrace.model.PartitionKeyHasher;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the hash keys of partition keys that come again, for readers that check aggregates
 * against a shard's range: a look-up costs a small part of the MD5.
 *
 * <p>Direct-mapped: a key that falls on another's place takes it, so the memory is bounded (about 2
 * MiB), and keys that somebody chose to collide only cost what they would without it.
 *
 * <p>Thread-safe without locks: entries are immutable, and a lost race only hashes once more.
 */
public final class KeyHashMemory {
  private static final int PLACE_BITS = 14;
  private static final int PLACES = 1 << PLACE_BITS;

  /** Longer keys are not kept. */
  private static final int MAX_KEPT_BYTES = 64;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final ThreadLocal<PartitionKeyHasher> hashers =
      ThreadLocal.withInitial(PartitionKeyHasher::new);
  private final @Nullable Entry[] entries = new @Nullable Entry[PLACES];

  /** A key's UTF-8 bytes, which nobody changes, and its hash. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Entry(byte[] key, HashKey hash) {}

  /** Makes an empty memory. */
  public KeyHashMemory() {}

  /** As {@link PartitionKeyHasher#hash(ByteBuffer, int, int)}; the buffer wraps a whole array. */
  @SuppressWarnings("ByteBufferBackingArray")
  HashKey hash(ByteBuffer utf8, int offset, int length) {
    if (length > MAX_KEPT_BYTES) {
      return hashers.get().hash(utf8, offset, length);
    }
    byte[] bytes = utf8.array();
    int place = place(bytes, offset, length);
    Entry known = entries[place];
    if (known != null
        && Arrays.equals(known.key(), 0, known.key().length, bytes, offset, offset + length)) {
      return known.hash();
    }
    HashKey hash = hashers.get().hash(utf8, offset, length);
    entries[place] = new Entry(Arrays.copyOfRange(bytes, offset, offset + length), hash);
    return hash;
  }

  /** Eight bytes at a time; the last ones overlap. */
  private static int place(byte[] bytes, int offset, int length) {
    long mixed = length;
    if (length < Long.BYTES) {
      for (int i = offset; i < offset + length; i++) {
        mixed = (mixed << Byte.SIZE) | (bytes[i] & 0xFF);
      }
    } else {
      int last = offset + length - Long.BYTES;
      for (int i = offset; i < last; i += Long.BYTES) {
        mixed = mix(mixed ^ (long) LONGS.get(bytes, i));
      }
      mixed ^= (long) LONGS.get(bytes, last);
    }
    return (int) (mix(mixed) >>> (Long.SIZE - PLACE_BITS));
  }

  private static long mix(long value) {
    long mixed = value * 0x9E3779B97F4A7C15L;
    return mixed ^ (mixed >>> 29);
  }
}
