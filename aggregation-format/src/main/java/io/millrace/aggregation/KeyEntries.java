package io.millrace.aggregation;

import io.millrace.model.HashKey;
import io.millrace.model.PartitionKeyHasher;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One key table of a checked aggregate. The text of an entry and its hash as a partition key are
 * made when first asked for, and then shared by all members that use it: however often a hostile
 * record refers to an enormous key, it is decoded once.
 *
 * <p>Thread-safe without a lock: a race makes the same immutable value twice, and an array that is
 * seen too early shows nulls.
 */
final class KeyEntries {
  /** Only read by absolute index. */
  private final ByteBuffer bytes;

  /** Where each entry's length stands. */
  private final int[] lengthIndexes;

  private @Nullable String @Nullable [] texts;
  private @Nullable HashKey @Nullable [] hashes;

  KeyEntries(byte[] bytes, int[] lengthIndexes) {
    this.bytes = ByteBuffer.wrap(bytes);
    this.lengthIndexes = lengthIndexes;
  }

  int size() {
    return lengthIndexes.length;
  }

  String text(int index) {
    @Nullable String[] made = texts;
    if (made == null) {
      made = new @Nullable String[size()];
      texts = made;
    }
    String text = made[index];
    if (text == null) {
      text = decode(index);
      made[index] = text;
    }
    return text;
  }

  /** The text without keeping it. */
  String decode(int index) {
    return new String(bytes.array(), start(index), length(index), StandardCharsets.UTF_8);
  }

  HashKey hash(int index) {
    @Nullable HashKey[] made = hashes;
    if (made == null) {
      made = new @Nullable HashKey[size()];
      hashes = made;
    }
    HashKey hash = made[index];
    if (hash == null) {
      hash = hash(index, new PartitionKeyHasher());
      made[index] = hash;
    }
    return hash;
  }

  /** The hash without keeping it. */
  HashKey hash(int index, PartitionKeyHasher hasher) {
    return hasher.hash(bytes, start(index), length(index));
  }

  /** The hash, out of a memory if it was there before. */
  HashKey hash(int index, KeyHashMemory memory) {
    return memory.hash(bytes, start(index), length(index));
  }

  /** The index behind the length, a varint that was checked before. */
  private int start(int index) {
    int i = lengthIndexes[index];
    while (bytes.get(i) < 0) {
      i++;
    }
    return i + 1;
  }

  int length(int index) {
    int value = 0;
    int i = lengthIndexes[index];
    for (int shift = 0; ; shift += 7, i++) {
      byte part = bytes.get(i);
      if (shift < Integer.SIZE) {
        value |= (part & 0x7F) << shift;
      }
      if (part >= 0) {
        return value;
      }
    }
  }
}
