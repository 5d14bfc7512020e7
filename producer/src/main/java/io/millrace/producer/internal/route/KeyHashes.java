package io.millrace.producer.internal.route;

import io.millrace.model.HashKey;
import io.millrace.model.PartitionKeyHasher;
import org.jspecify.annotations.Nullable;

/**
 * The hash keys of partition keys, with a memory for keys that come again: a look-up costs a tenth
 * of the MD5. Direct-mapped: a key that falls on another's place takes it, so the memory is bounded
 * and nothing is kept in order.
 *
 * <p>Thread-safe without locks: entries are immutable, and a lost race only hashes once more.
 */
public final class KeyHashes {
  private static final int PLACES = 1 << 13;

  /** Text longer than this is not kept: the memory stays below a few MiB. */
  private static final int MAX_KEPT_CHARACTERS = 64;

  private final ThreadLocal<PartitionKeyHasher> hashers =
      ThreadLocal.withInitial(PartitionKeyHasher::new);
  private final @Nullable Entry[] entries = new @Nullable Entry[PLACES];

  private record Entry(String key, HashKey hash) {}

  /**
   * Hashes a partition key as the service does.
   *
   * @throws IllegalArgumentException if the text holds an unpaired surrogate
   */
  public HashKey hash(String partitionKey) {
    int code = partitionKey.hashCode();
    int place = (code ^ code >>> 16) & (PLACES - 1);
    Entry known = entries[place];
    if (known != null && known.key.equals(partitionKey)) {
      return known.hash;
    }
    HashKey hash = hashers.get().hash(partitionKey);
    if (partitionKey.length() <= MAX_KEPT_CHARACTERS) {
      entries[place] = new Entry(partitionKey, hash);
    }
    return hash;
  }
}
