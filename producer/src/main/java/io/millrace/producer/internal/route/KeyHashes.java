package io.millrace.producer.internal.route;

import io.millrace.model.HashKey;
import io.millrace.model.PartitionKeyHasher;
import org.jspecify.annotations.Nullable;

/**
 * The hash keys of partition keys, with a bounded memory for keys that come again: a look-up costs
 * a tenth of the MD5.
 *
 * <p>A key has a few places to be in. Once they are taken, a newcomer takes one over only now and
 * then: where keys come in turn and are too many, most of those that are known stay known, and
 * where no key ever comes again, few are written down in vain.
 *
 * <p>Thread-safe without locks: entries are immutable, and a lost race only hashes once more.
 */
public final class KeyHashes {
  private static final int WAYS = 4;
  private static final int PLACES = 1 << 15;
  private static final int REPLACED_OF = 8;

  /** Longer text is not kept: the memory stays below 6 MiB. */
  private static final int MAX_KEPT_CHARACTERS = 64;

  private final ThreadLocal<PartitionKeyHasher> hashers =
      ThreadLocal.withInitial(PartitionKeyHasher::new);

  /** The hash code of the key at each place, so that a look-up touches no other key's memory. */
  private final int[] codes = new int[PLACES];

  private final @Nullable Entry[] entries = new @Nullable Entry[PLACES];

  /** Which of the newcomers are kept; not exact when threads race. */
  private int newcomers;

  private record Entry(String key, HashKey hash) {}

  /**
   * Hashes a partition key as the service does.
   *
   * @throws IllegalArgumentException if the text holds an unpaired surrogate
   */
  public HashKey hash(String partitionKey) {
    int code = partitionKey.hashCode();
    int first = ((code * 0x9E3779B9) >>> 16) & (PLACES - WAYS);
    for (int place = first; place < first + WAYS; place++) {
      if (codes[place] == code) {
        Entry known = entries[place];
        if (known != null && known.key.equals(partitionKey)) {
          return known.hash;
        }
      }
    }
    HashKey hash = hashers.get().hash(partitionKey);
    if (partitionKey.length() <= MAX_KEPT_CHARACTERS) {
      keep(new Entry(partitionKey, hash), code, first);
    }
    return hash;
  }

  private void keep(Entry entry, int code, int first) {
    for (int place = first; place < first + WAYS; place++) {
      if (entries[place] == null) {
        put(entry, code, place);
        return;
      }
    }
    int turn = newcomers++;
    if (turn % REPLACED_OF == 0) {
      put(entry, code, first + ((turn / REPLACED_OF) & (WAYS - 1)));
    }
  }

  private void put(Entry entry, int code, int place) {
    entries[place] = entry;
    codes[place] = code;
  }
}
