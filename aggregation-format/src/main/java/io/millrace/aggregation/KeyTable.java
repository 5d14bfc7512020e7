package io.millrace.aggregation;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The distinct keys of an open aggregate in order of first use, with a look-up that makes no
 * garbage. Confined to its encoder.
 *
 * <p>Open addressing with double hashing, at most half full. A look-up gives up after {@link
 * #MAX_PROBES} slots: keys that somebody chose to collide then appear twice in the table, which the
 * format allows, instead of making every put slower than the one before.
 */
final class KeyTable<K> {
  private static final int INITIAL_KEYS = 16;

  /** An innocent key needs as many in one of 2^32 cases, even when half of the slots are taken. */
  private static final int MAX_PROBES = 32;

  /** Beyond this a cleared table shrinks back, so that one odd aggregate doesn't cost for ever. */
  private static final int MAX_KEPT_KEYS = 1024;

  private static final @Nullable Object[] NO_KEYS = {};
  private static final int[] NO_SLOTS = {};

  /** Allocated with the first key: few aggregates have explicit hash keys, many shards are idle. */
  private @Nullable Object[] keys = NO_KEYS;

  /** Index of a key plus one, or 0 for an empty slot. The length is 0 or a power of two. */
  private int[] slots = NO_SLOTS;

  private int size;

  /** Where the key of the last {@link #indexOf} belongs, or -1. */
  private int freeSlot;

  int size() {
    return size;
  }

  /** The index of the key; {@link #size()} if it is to be added. */
  int indexOf(K key) {
    freeSlot = -1;
    if (slots.length == 0) {
      return 0;
    }
    int mask = slots.length - 1;
    int hash = mix(key.hashCode());
    int step = stepOf(hash);
    for (int probe = 0, slot = hash & mask; probe < MAX_PROBES; probe++) {
      int entry = slots[slot];
      if (entry == 0) {
        freeSlot = slot;
        break;
      }
      if (key.equals(keys[entry - 1])) {
        return entry - 1;
      }
      slot = (slot + step) & mask;
    }
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
      keys = NO_KEYS;
      slots = NO_SLOTS;
    } else {
      Arrays.fill(keys, 0, size, null);
      Arrays.fill(slots, 0);
    }
    size = 0;
  }

  private void grow() {
    keys = Arrays.copyOf(keys, Math.max(INITIAL_KEYS, 2 * keys.length));
    slots = new int[2 * keys.length];
    int mask = slots.length - 1;
    for (int i = 0; i < size; i++) {
      int hash = mix(get(i).hashCode());
      int step = stepOf(hash);
      for (int probe = 0, slot = hash & mask; probe < MAX_PROBES; probe++) {
        if (slots[slot] == 0) {
          slots[slot] = i + 1;
          break;
        }
        slot = (slot + step) & mask;
      }
    }
  }

  /** Spreads the hash codes of similar text, which are close to each other, over all bits. */
  private static int mix(int hashCode) {
    int hash = hashCode * 0x9E3779B9;
    hash ^= hash >>> 15;
    hash *= 0x85EBCA6B;
    return hash ^ (hash >>> 13);
  }

  /** Odd, so that it reaches every slot. */
  private static int stepOf(int hash) {
    return (hash >>> 16) | 1;
  }
}
