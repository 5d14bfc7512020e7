package io.millrace.aggregation;

import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import io.millrace.model.PartitionKeyHasher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A readable aggregate: user records in the order in which they were added. It was checked as a
 * whole, so iterating over it meets no error; it may hold no user record at all.
 *
 * <p>Members are made one by one while iterating. Iterate as often as needed, from any thread.
 *
 * <p>Immutable, as long as nobody changes the bytes it was decoded from.
 */
public final class AggregatedRecord implements DecodedRecord, Iterable<AggregatedMember> {
  private final byte[] bytes;
  private final int offset;
  private final int sizeBytes;

  private final Keys partitionKeys;
  private final Keys explicitHashKeys;
  private final int memberCount;
  private final ByteBuffer readOnly;

  /**
   * A key table.
   *
   * @param entries the table
   * @param used the indexes that decide where members belong; not to be changed
   */
  record Keys(KeyEntries entries, BitSet used) {}

  AggregatedRecord(
      byte[] bytes,
      int offset,
      int sizeBytes,
      Keys partitionKeys,
      Keys explicitHashKeys,
      int memberCount) {
    this.bytes = bytes;
    this.offset = offset;
    this.sizeBytes = sizeBytes;
    this.partitionKeys = partitionKeys;
    this.explicitHashKeys = explicitHashKeys;
    this.memberCount = memberCount;
    this.readOnly = ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  /** The number of user records, 0 or more. */
  public int memberCount() {
    return memberCount;
  }

  /** The size of the whole Kinesis record's data. */
  public int sizeBytes() {
    return sizeBytes;
  }

  @Override
  public ByteBuffer data() {
    return readOnly.slice(offset, sizeBytes);
  }

  /** All user records in order; the iterator removes nothing. */
  @Override
  public Iterator<AggregatedMember> iterator() {
    return new Members();
  }

  /**
   * The user records from a sub-sequence number on, in order: to go on after a checkpoint inside
   * this aggregate.
   *
   * @param firstSubSequenceNumber 0 gives all; the member count or more gives none
   * @throws IllegalArgumentException if the number is negative
   */
  public Iterator<AggregatedMember> iteratorFrom(long firstSubSequenceNumber) {
    if (firstSubSequenceNumber < 0) {
      throw new IllegalArgumentException(
          "sub-sequence number " + firstSubSequenceNumber + ": it must be at least 0");
    }
    Members members = new Members();
    members.skipTo(Math.min(firstSubSequenceNumber, memberCount));
    return members;
  }

  @Override
  public Spliterator<AggregatedMember> spliterator() {
    return Spliterators.spliterator(
        iterator(), memberCount, Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.IMMUTABLE);
  }

  /** The user records as a sequential stream. */
  public Stream<AggregatedMember> stream() {
    return StreamSupport.stream(spliterator(), false);
  }

  /**
   * Whether the hash key of every user record lies in the range. When one doesn't, the aggregate
   * landed on a shard that it was not made for: the KPL and this library's producer then send
   * <em>all</em> of it again, and readers discard all of it, as the KCL does. Deciding per user
   * record would lose or repeat records.
   *
   * <p>Each distinct key is hashed at most once per call, and no result is kept.
   *
   * @param range what the shard that the record was read from owns
   */
  public boolean isWithin(HashRange range) {
    if (range.equals(HashRange.FULL)) {
      return true;
    }
    PartitionKeyHasher hasher = new PartitionKeyHasher();
    return areWithin(range, index -> partitionKeys.entries.hash(index, hasher));
  }

  /**
   * The same with a memory for keys that come again.
   *
   * @param range what the shard that the record was read from owns
   * @param memory of any number of aggregates, streams and threads
   */
  public boolean isWithin(HashRange range, KeyHashMemory memory) {
    return range.equals(HashRange.FULL)
        || areWithin(range, index -> partitionKeys.entries.hash(index, memory));
  }

  private boolean areWithin(HashRange range, IntFunction<HashKey> partitionKeyHash) {
    return areWithin(range, partitionKeys.used, partitionKeyHash)
        && areWithin(range, explicitHashKeys.used, this::explicitHashKey);
  }

  private static boolean areWithin(HashRange range, BitSet used, IntFunction<HashKey> hash) {
    for (int index = used.nextSetBit(0); index >= 0; index = used.nextSetBit(index + 1)) {
      if (!range.contains(hash.apply(index))) {
        return false;
      }
    }
    return true;
  }

  /** Counts only: no keys, no content. */
  @Override
  public String toString() {
    return "AggregatedRecord[memberCount=" + memberCount + ", sizeBytes=" + sizeBytes + "]";
  }

  ByteBuffer slice(int arrayIndex, int length) {
    return readOnly.slice(arrayIndex, length);
  }

  String partitionKey(int index) {
    return partitionKeys.entries.text(index);
  }

  HashKey partitionKeyHash(int index) {
    return partitionKeys.entries.hash(index);
  }

  /**
   * The explicit hash key of a table entry.
   *
   * @throws IllegalArgumentException if it is none, which no member of a checked aggregate uses
   */
  HashKey explicitHashKey(int index) {
    return HashKey.parse(explicitHashKeys.entries.decode(index));
  }

  Headers headers(int recordOffset) {
    BodyCursor cursor = new BodyCursor(bytes, recordOffset, offset + bodyEnd() - recordOffset);
    try {
      cursor.next();
      return Headers.received(cursor.readHeaders());
    } catch (IOException e) {
      throw changedWhileInUse(e);
    }
  }

  private int bodyEnd() {
    return sizeBytes - AggregateFormat.CHECKSUM_BYTES;
  }

  private BodyCursor newCursor() {
    return new BodyCursor(
        bytes, offset + AggregateFormat.MAGIC_BYTES, sizeBytes - AggregateFormat.OVERHEAD_BYTES);
  }

  private static void moveToNextRecord(BodyCursor cursor) {
    try {
      while (cursor.next() != AggregateFormat.RECORD_TAG) {
        cursor.skipContent();
      }
      cursor.readRecord();
    } catch (IOException e) {
      throw changedWhileInUse(e);
    }
  }

  private static IllegalStateException changedWhileInUse(IOException cause) {
    return new IllegalStateException(
        "the bytes of a decoded aggregate were changed while it was in use", cause);
  }

  private final class Members implements Iterator<AggregatedMember> {
    private final BodyCursor cursor = newCursor();
    private int next;

    @Override
    public boolean hasNext() {
      return next < memberCount;
    }

    @Override
    public AggregatedMember next() {
      if (next >= memberCount) {
        throw new NoSuchElementException("the aggregate has " + memberCount + " user records");
      }
      moveToNextRecord(cursor);
      return new AggregatedMember(AggregatedRecord.this, next++, cursor);
    }

    void skipTo(long target) {
      for (; next < target; next++) {
        moveToNextRecord(cursor);
      }
    }
  }
}
