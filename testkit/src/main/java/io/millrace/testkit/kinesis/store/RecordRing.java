package io.millrace.testkit.kinesis.store;

import io.millrace.testkit.kinesis.model.KinesisRecord;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A shard's records by place: a ring that grows at the end and is trimmed at the start. Not
 * thread-safe: guarded by its shard's lock.
 */
final class RecordRing {
  private static final int INITIAL_CAPACITY = 64;

  private @Nullable KinesisRecord[] records = new @Nullable KinesisRecord[INITIAL_CAPACITY];
  private long first = 1;
  private long next = 1;
  private long bytes;

  /** The place of the oldest record kept, or of the next one if none is kept. */
  long first() {
    return first;
  }

  /** The place of the next record. */
  long next() {
    return next;
  }

  long bytes() {
    return bytes;
  }

  boolean isEmpty() {
    return first == next;
  }

  KinesisRecord get(long place) {
    return Objects.requireNonNull(records[slot(place)]);
  }

  void add(KinesisRecord record) {
    if (next - first == records.length) {
      grow();
    }
    records[slot(next)] = record;
    next++;
    bytes += sizeOf(record);
  }

  /** Uses up a place without keeping its record; only while nothing is kept. */
  void skip() {
    next++;
    first = next;
  }

  void removeFirst() {
    bytes -= sizeOf(get(first));
    records[slot(first)] = null;
    first++;
  }

  /** Bytes that count against limits of reading and keeping: data and key. */
  static long sizeOf(KinesisRecord record) {
    String key = record.partitionKey();
    return record.data().remaining() + (key == null ? 0L : key.length());
  }

  /** The place of the first record that arrived at or after a time; the next place if none did. */
  long firstSince(long arrivalMillis) {
    long low = first;
    long high = next;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (get(middle).approximateArrivalTimestamp().toEpochMilli() < arrivalMillis) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private int slot(long place) {
    return (int) (place & (records.length - 1));
  }

  private void grow() {
    @Nullable KinesisRecord[] old = records;
    records = new @Nullable KinesisRecord[old.length * 2];
    for (long place = first; place < next; place++) {
      records[slot(place)] = old[(int) (place & (old.length - 1))];
    }
  }
}
