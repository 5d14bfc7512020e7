package io.millrace.aggregation;

import io.millrace.aggregation.DecodedRecord.Corrupt;
import io.millrace.aggregation.DecodedRecord.CorruptReason;
import io.millrace.model.HashKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Checks the body of an aggregate whose checksum fits, and indexes its key tables. Used for one
 * record, by one thread.
 *
 * <p>Two passes over the body and one over the keys, each linear: count the table entries (so that
 * the index has its exact size, and is not made at all for hostile tables), then check every
 * record, fill the index and note the keys in use, then check the explicit hash keys among them.
 * Tables may stand behind the records that refer to them.
 */
final class AggregateScanner {
  /**
   * What an entry costs us: 4 bytes of index and a bit in a set. On the wire an entry and the
   * record that uses it take at least 8 bytes.
   */
  private static final int BYTES_PER_ENTRY = 5;

  /** Tables up to this cost are always accepted, however small the record is. */
  private static final int ALWAYS_ALLOWED_BYTES = 4096;

  /** Bounds what a hostile row of leading zeros costs each time a member's key is read. */
  private static final int MAX_EXPLICIT_HASH_KEY_BYTES = 256;

  private final byte[] bytes;
  private final int offset;
  private final int sizeBytes;

  private int[] partitionKeys = {};
  private int[] explicitHashKeys = {};
  private int memberCount;

  /** The keys that decide where members belong. */
  private BitSet usedPartitionKeys = new BitSet();

  private BitSet usedExplicitHashKeys = new BitSet();

  private AggregateScanner(byte[] bytes, int offset, int sizeBytes) {
    this.bytes = bytes;
    this.offset = offset;
    this.sizeBytes = sizeBytes;
  }

  static DecodedRecord scan(byte[] bytes, int offset, int sizeBytes) {
    return new AggregateScanner(bytes, offset, sizeBytes).scan();
  }

  private DecodedRecord scan() {
    BodyCursor cursor = newCursor();
    try {
      if (!sizeTables(cursor)) {
        return corrupt(CorruptReason.KEY_TABLE_TOO_LARGE, cursor.offset());
      }
      cursor = newCursor();
      Corrupt badIndex = checkRecords(cursor);
      if (badIndex != null) {
        return badIndex;
      }
    } catch (IOException e) {
      return corrupt(CorruptReason.MALFORMED_BODY, cursor.offset());
    }
    KeyEntries hashKeyEntries = new KeyEntries(bytes, explicitHashKeys);
    AggregatedRecord record =
        new AggregatedRecord(
            bytes,
            offset,
            sizeBytes,
            new AggregatedRecord.Keys(new KeyEntries(bytes, partitionKeys), usedPartitionKeys),
            new AggregatedRecord.Keys(hashKeyEntries, usedExplicitHashKeys),
            memberCount);
    return checkExplicitHashKeys(record, hashKeyEntries);
  }

  /** Whether the tables are of an acceptable size. */
  private boolean sizeTables(BodyCursor cursor) throws IOException {
    int partitionKeyCount = 0;
    int explicitHashKeyCount = 0;
    for (int tag = cursor.next(); tag != BodyCursor.END; tag = cursor.next()) {
      if (tag == AggregateFormat.PARTITION_KEY_TAG) {
        partitionKeyCount++;
      } else if (tag == AggregateFormat.EXPLICIT_HASH_KEY_TAG) {
        explicitHashKeyCount++;
      }
      cursor.skipContent();
    }
    long indexBytes = (long) BYTES_PER_ENTRY * ((long) partitionKeyCount + explicitHashKeyCount);
    if (indexBytes > Math.max(sizeBytes, ALWAYS_ALLOWED_BYTES)) {
      return false;
    }
    partitionKeys = new int[partitionKeyCount];
    explicitHashKeys = new int[explicitHashKeyCount];
    usedPartitionKeys = new BitSet(partitionKeyCount);
    usedExplicitHashKeys = new BitSet(explicitHashKeyCount);
    return true;
  }

  /**
   * Fills the index and checks every record to the last one: a malformed body is reported before a
   * bad index, wherever they are.
   *
   * @return the first bad index, or null if there is none
   */
  private @Nullable Corrupt checkRecords(BodyCursor cursor) throws IOException {
    Corrupt badIndex = null;
    int nextPartitionKey = 0;
    int nextExplicitHashKey = 0;
    for (int tag = cursor.next(); tag != BodyCursor.END; tag = cursor.next()) {
      if (tag == AggregateFormat.RECORD_TAG) {
        cursor.readRecord();
        if (badIndex == null) {
          badIndex = checkIndexes(cursor);
        }
        if (badIndex == null) {
          noteKey(cursor);
        }
        memberCount++;
      } else {
        if (tag == AggregateFormat.PARTITION_KEY_TAG) {
          partitionKeys[nextPartitionKey++] = cursor.offset();
        } else {
          explicitHashKeys[nextExplicitHashKey++] = cursor.offset();
        }
        cursor.skipContent();
      }
    }
    return badIndex;
  }

  private void noteKey(BodyCursor cursor) {
    if (cursor.hasExplicitHashKey) {
      usedExplicitHashKeys.set((int) cursor.explicitHashKeyIndex);
    } else {
      usedPartitionKeys.set((int) cursor.partitionKeyIndex);
    }
  }

  private @Nullable Corrupt checkIndexes(BodyCursor cursor) {
    if (Long.compareUnsigned(cursor.partitionKeyIndex, partitionKeys.length) >= 0) {
      return corrupt(CorruptReason.PARTITION_KEY_INDEX_OUT_OF_RANGE, cursor.fieldOffset);
    }
    if (cursor.hasExplicitHashKey
        && Long.compareUnsigned(cursor.explicitHashKeyIndex, explicitHashKeys.length) >= 0) {
      return corrupt(CorruptReason.EXPLICIT_HASH_KEY_INDEX_OUT_OF_RANGE, cursor.fieldOffset);
    }
    return null;
  }

  /** Entries that no record uses may hold anything: other readers don't look at them either. */
  private DecodedRecord checkExplicitHashKeys(AggregatedRecord record, KeyEntries entries) {
    BitSet used = usedExplicitHashKeys;
    for (int index = used.nextSetBit(0); index >= 0; index = used.nextSetBit(index + 1)) {
      if (!isHashKey(entries, index)) {
        return corrupt(CorruptReason.EXPLICIT_HASH_KEY_INVALID, explicitHashKeys[index]);
      }
    }
    return record;
  }

  private static boolean isHashKey(KeyEntries entries, int index) {
    if (entries.length(index) > MAX_EXPLICIT_HASH_KEY_BYTES) {
      return false;
    }
    try {
      return HashKey.parse(entries.decode(index)).compareTo(HashKey.MIN) >= 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private Corrupt corrupt(CorruptReason reason, int arrayIndex) {
    return new Corrupt(reason, arrayIndex - offset, ByteBuffer.wrap(bytes, offset, sizeBytes));
  }

  private BodyCursor newCursor() {
    return new BodyCursor(
        bytes, offset + AggregateFormat.MAGIC_BYTES, sizeBytes - AggregateFormat.OVERHEAD_BYTES);
  }
}
