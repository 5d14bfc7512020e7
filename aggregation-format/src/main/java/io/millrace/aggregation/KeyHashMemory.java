package io.millrace.aggregation;

import io.millrace.model.HashKey;
import io.millrace.model.PartitionKeyHasher;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the hash keys of partition keys that come again, for readers that check aggregates
 * against a shard's range: a look-up costs a small part of the MD5.
 *
 * <p>Bounded: a key has two slots, and one that finds them full takes one, so keys that somebody
 * chose to collide only cost what they would without it. All slots are one array of 2 MiB, and a
 * slot is as long as a cache line: with payloads passing through the cache, what a look-up costs is
 * the memory that it touches.
 *
 * <p>Thread-safe without locks. A slot is written by one thread at a time, others give way; a
 * reader that meets a writer does not find the key, and hashes it.
 */
public final class KeyHashMemory {
  private static final int SET_BITS = 14;
  private static final int SETS = 1 << SET_BITS;

  /** Longer keys are not kept; a UUID's text is. */
  private static final int MAX_KEPT_BYTES = 40;

  // A slot: its state, the key, and the two halves of the hash.

  private static final int KEY = 1;
  private static final int HASH = KEY + MAX_KEPT_BYTES / Long.BYTES;
  private static final int SLOT = HASH + 2;

  // A state: the key's length, 0 if there is none; whether it is being written; how often it was.

  private static final long LENGTH_MASK = 63;
  private static final long WRITING = 64;
  private static final int VERSION_SHIFT = 7;

  private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle BYTES =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final ThreadLocal<PartitionKeyHasher> hashers =
      ThreadLocal.withInitial(PartitionKeyHasher::new);
  private final long[] slots = new long[2 * SETS * SLOT];

  /** Makes an empty memory. */
  public KeyHashMemory() {}

  /** As {@link PartitionKeyHasher#hash(ByteBuffer, int, int)}; the buffer wraps a whole array. */
  @SuppressWarnings("ByteBufferBackingArray")
  HashKey hash(ByteBuffer utf8, int offset, int length) {
    if (length == 0 || length > MAX_KEPT_BYTES) {
      return hashers.get().hash(utf8, offset, length);
    }
    byte[] bytes = utf8.array();
    int first = firstSlot(bytes, offset, length);
    HashKey known = find(first, bytes, offset, length);
    if (known == null) {
      known = find(first + SLOT, bytes, offset, length);
    }
    if (known == null) {
      known = hashers.get().hash(utf8, offset, length);
      keep(slotFor(first), bytes, offset, length, known);
    }
    return known;
  }

  /** The hash that a slot has, if it is this key's and nobody wrote while it was read. */
  private @Nullable HashKey find(int slot, byte[] bytes, int offset, int length) {
    long state = (long) SLOTS.getAcquire(slots, slot);
    if ((state & (LENGTH_MASK | WRITING)) != length) {
      return null;
    }
    int words = words(length);
    for (int i = 0; i < words; i++) {
      if (slots[slot + KEY + i] != word(i, bytes, offset, length)) {
        return null;
      }
    }
    HashKey hash = new HashKey(slots[slot + HASH], slots[slot + HASH + 1]);
    VarHandle.acquireFence();
    return (long) SLOTS.getOpaque(slots, slot) == state ? hash : null;
  }

  /** The slot of a set that a new key takes: an empty one, else one after the other. */
  private int slotFor(int first) {
    long one = (long) SLOTS.getOpaque(slots, first);
    long other = (long) SLOTS.getOpaque(slots, first + SLOT);
    boolean second = ((one >>> VERSION_SHIFT) + (other >>> VERSION_SHIFT)) % 2 == 1;
    return second ? first + SLOT : first;
  }

  private void keep(int slot, byte[] bytes, int offset, int length, HashKey hash) {
    long before = (long) SLOTS.getOpaque(slots, slot);
    if ((before & WRITING) != 0 || !SLOTS.compareAndSet(slots, slot, before, before | WRITING)) {
      return;
    }
    // Nobody may see what follows without the mark.
    VarHandle.releaseFence();
    int words = words(length);
    for (int i = 0; i < words; i++) {
      slots[slot + KEY + i] = word(i, bytes, offset, length);
    }
    slots[slot + HASH] = hash.high();
    slots[slot + HASH + 1] = hash.low();
    long version = (before >>> VERSION_SHIFT) + 1;
    SLOTS.setRelease(slots, slot, (version << VERSION_SHIFT) | length);
  }

  private static int words(int length) {
    return (length + Long.BYTES - 1) / Long.BYTES;
  }

  /** Eight bytes of a key; the last ones may overlap those before, or be fewer. */
  private static long word(int index, byte[] bytes, int offset, int length) {
    if (length >= Long.BYTES) {
      return (long) BYTES.get(bytes, offset + Math.min(index * Long.BYTES, length - Long.BYTES));
    }
    long word = 0;
    for (int i = offset; i < offset + length; i++) {
      word = (word << Byte.SIZE) | (bytes[i] & 0xFF);
    }
    return word;
  }

  /** Where the two slots of a key begin. */
  static int firstSlot(byte[] bytes, int offset, int length) {
    long mixed = length;
    int words = words(length);
    for (int i = 0; i < words; i++) {
      mixed = mix(mixed ^ word(i, bytes, offset, length));
    }
    return (int) (mixed >>> (Long.SIZE - SET_BITS)) * 2 * SLOT;
  }

  private static long mix(long value) {
    long mixed = value * 0x9E3779B97F4A7C15L;
    return mixed ^ (mixed >>> 29);
  }
}
