package io.millrace.aggregation;

import io.millrace.model.HashKey;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * One user record of an aggregate. Reads from the aggregate's bytes, and so keeps all of them
 * reachable: copy what is to be kept for long.
 *
 * <p>Immutable, as long as nobody changes those bytes; equal only to itself.
 */
public final class AggregatedMember {
  private static final int NONE = -1;

  private final AggregatedRecord aggregate;
  private final int subSequenceNumber;
  private final int recordOffset;
  private final int partitionKeyIndex;
  private final int explicitHashKeyIndex;
  private final int dataOffset;
  private final int dataBytes;
  private final boolean hasHeaders;

  /** Takes over the record that the cursor has just read. */
  AggregatedMember(AggregatedRecord aggregate, int subSequenceNumber, BodyCursor cursor) {
    this.aggregate = aggregate;
    this.subSequenceNumber = subSequenceNumber;
    this.recordOffset = cursor.fieldOffset;
    this.partitionKeyIndex = (int) cursor.partitionKeyIndex;
    this.explicitHashKeyIndex =
        cursor.hasExplicitHashKey ? (int) cursor.explicitHashKeyIndex : NONE;
    this.dataOffset = cursor.dataOffset;
    this.dataBytes = cursor.dataBytes;
    this.hasHeaders = cursor.hasTags;
  }

  /** The index of this user record in its aggregate, from 0. */
  public int subSequenceNumber() {
    return subSequenceNumber;
  }

  /**
   * The partition key; malformed UTF-8 of a foreign writer appears as U+FFFD. Decoded once for all
   * members that share it.
   */
  public String partitionKey() {
    return aggregate.partitionKey(partitionKeyIndex);
  }

  /** The explicit hash key, if the writer gave one. */
  public Optional<HashKey> explicitHashKey() {
    return explicitHashKeyIndex == NONE
        ? Optional.empty()
        : Optional.of(aggregate.explicitHashKey(explicitHashKeyIndex));
  }

  /** Where this record belongs: its explicit hash key, else the hash of its partition key. */
  public HashKey hashKey() {
    return explicitHashKeyIndex == NONE
        ? aggregate.partitionKeyHash(partitionKeyIndex)
        : aggregate.explicitHashKey(explicitHashKeyIndex);
  }

  /** The data, as a read-only slice of the aggregate's bytes; each call returns its own view. */
  public ByteBuffer data() {
    return aggregate.slice(dataOffset, dataBytes);
  }

  /** The size of the data. */
  public int dataBytes() {
    return dataBytes;
  }

  /** The headers, decoded at each call; {@link Headers#NONE} when there are none. */
  public Headers headers() {
    return hasHeaders ? aggregate.headers(recordOffset) : Headers.NONE;
  }

  /** Number and size: no key, no content. */
  @Override
  public String toString() {
    return "AggregatedMember[subSequenceNumber="
        + subSequenceNumber
        + ", dataBytes="
        + dataBytes
        + "]";
  }

  /** The index in the table of explicit hash keys, or -1. */
  int explicitHashKeyIndex() {
    return explicitHashKeyIndex;
  }
}
