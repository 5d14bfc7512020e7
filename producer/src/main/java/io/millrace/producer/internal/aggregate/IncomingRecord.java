package io.millrace.producer.internal.aggregate;

import io.millrace.aggregation.AggregateDecoder;
import io.millrace.aggregation.AggregateEncoder;
import io.millrace.aggregation.Headers;
import io.millrace.model.HashKey;
import io.millrace.producer.PutCallback;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A valid user record on its way into a buffer, and where its outcome goes.
 *
 * @param partitionKey null where the service is to choose the shard
 * @param explicitHashKey overrides the hash of the partition key; null for none
 * @param hashKey where the record belongs; null exactly if there is no partition key
 * @param data copied by the buffer; the position does not move
 * @param headers {@link Headers#NONE} for none
 * @param sink gets the one outcome
 */
public record IncomingRecord(
    @Nullable String partitionKey,
    @Nullable HashKey explicitHashKey,
    @Nullable HashKey hashKey,
    ByteBuffer data,
    Headers headers,
    PutCallback sink) {

  /**
   * What a record costs beside its bytes and its key's text: its future with one dependent stage
   * and its function (about 100 bytes with compressed references), and its places in the arrays and
   * tables of its aggregate. {@code StalledEndpointTest} shows that it is enough.
   */
  static final int OVERHEAD_BYTES = 160;

  /** What an open aggregate costs beside its records: encoder, key tables, digest. */
  static final int OPEN_AGGREGATE_BYTES = 2_304;

  /** What a Kinesis record costs that holds one user record as it is. */
  static final int ALONE_BYTES = 192;

  /** More than the encoding of a record takes before its data. */
  private static final int MAX_PREFIX_BYTES = 32;

  /**
   * Whether readers would misread the payload if it were a Kinesis record of its own: it has
   * headers, or it looks like an aggregate itself.
   */
  boolean needsFrame() {
    return !headers.isEmpty() || AggregateDecoder.isAggregated(data);
  }

  /** The record's own overhead. */
  int overheadBytes() {
    return OVERHEAD_BYTES + (partitionKey == null ? 0 : partitionKey.length());
  }

  /** Enough memory to write the record into one fresh chunk of an aggregate. */
  int encodedBytes() {
    if (partitionKey == null || headers.isEmpty()) {
      return data.remaining() + MAX_PREFIX_BYTES;
    }
    return Math.toIntExact(
        AggregateEncoder.sizeBytesAlone(partitionKey, explicitHashKey, data.remaining(), headers)
            + MAX_PREFIX_BYTES);
  }

  /** What the service counts against its maximum if the record is stored alone. */
  public long storedBytes() {
    if (partitionKey == null) {
      return data.remaining();
    }
    return needsFrame()
        ? AggregateEncoder.sizeBytesAlone(partitionKey, explicitHashKey, data.remaining(), headers)
            + 1
        : data.remaining() + (long) utf8Length(partitionKey);
  }

  private static int utf8Length(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // Each half of a surrogate pair counts for two of the pair's four bytes.
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }

  /** What putting this record can cost at most: what a put waits for. */
  public long worstCaseBytes() {
    return (long) OPEN_AGGREGATE_BYTES
        + overheadBytes()
        + Math.max(OpenAggregate.SMALL_CHUNK_BYTES, encodedBytes());
  }

  /** Sizes only: no key, no content. */
  @Override
  public String toString() {
    return "IncomingRecord[" + data.remaining() + " data bytes]";
  }
}
