package io.millrace.aggregation;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The distinct keys of an open aggregate in order of first use, with a look-up that makes no
 * garbage. Confined to its encoder.
 *
 * <p>Open addressing, at most half full. A look-up gives up after {@link #MAX_PROBES} slots: keys
 * that somebody chose to collide then appear twice in the table, which the format allows, instead
 * of making every put slower than the one before.
 */
final class KeyTable<K> {
  private static final int INITIAL_KEYS = 64;
  private static final int MAX_PROBES = 32;

  /** Beyond this a cleared table shrinks back, so that one odd aggregate doesn't cost for ever. */
  private static final int MAX_KEPT_KEYS = 4096;

  private @Nullable Object[] keys = new @Nullable Object[INITIAL_KEYS];

  /** Index of a key plus one, or 0 for an empty slot. The length is a power of two. */
  private int[] slots = new int[2 * INITIAL_KEYS];

  private int size;

  /** Where the key of the last {@link #indexOf} belongs, or -1. */
  private int freeSlot;

  int size() {
    return size;
  }

  /** The index of the key; {@link #size()} if it is to be added. */
  int indexOf(K key) {
    int mask = slots.length - 1;
    int slot = spread(key.hashCode()) & mask;
    for (int probe = 0; probe < MAX_PROBES; probe++) {
      int entry = slots[slot];
      if (entry == 0) {
        freeSlot = slot;
        return size;
      }
      if (key.equals(keys[entry - 1])) {
        return entry - 1;
      }
      slot = (slot + 1) & mask;
    }
    freeSlot = -1;
    return size;
  }

  /** Appends the key that {@link #indexOf} has just not found. */
  void add(K key) {
    if (size == keys.length) {
      grow();
      indexOf(key);
    }
    keys[size] = key;
    size++;
    if (freeSlot >= 0) {
      slots[freeSlot] = size;
    }
  }

  @SuppressWarnings("unchecked")
  K get(int index) {
    return (K) Objects.requireNonNull(keys[index]);
  }

  void clear() {
    if (keys.length > MAX_KEPT_KEYS) {
      keys = new @Nullable Object[INITIAL_KEYS];
      slots = new int[2 * INITIAL_KEYS];
    } else {
      Arrays.fill(keys, 0, size, null);
      Arrays.fill(slots, 0);
    }
    size = 0;
  }

  private void grow() {
    keys = Arrays.copyOf(keys, 2 * keys.length);
    slots = new int[2 * keys.length];
    int mask = slots.length - 1;
    for (int i = 0; i < size; i++) {
      int slot = spread(get(i).hashCode()) & mask;
      int probe = 0;
      while (slots[slot] != 0 && probe < MAX_PROBES) {
        slot = (slot + 1) & mask;
        probe++;
      }
      if (probe < MAX_PROBES) {
        slots[slot] = i + 1;
      }
    }
  }

  private static int spread(int hash) {
    return hash ^ (hash >>> 16);
  }
}
