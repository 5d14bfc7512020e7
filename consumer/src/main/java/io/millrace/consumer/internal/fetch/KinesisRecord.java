package io.millrace.consumer.internal.fetch;

import io.millrace.model.SequenceNumber;
import java.nio.ByteBuffer;
import java.time.Instant;

/**
 * A stored unit of a shard as it was fetched: a plain record or an aggregate. {@code toString}
 * shows no key and no data.
 *
 * @param sequenceNumber its number
 * @param partitionKey the key that it was put with
 * @param arrival about when the service received it
 * @param data its bytes, in memory that nobody changes; its position is never moved, and user code
 *     never gets it as it is
 */
public record KinesisRecord(
    SequenceNumber sequenceNumber, String partitionKey, Instant arrival, ByteBuffer data) {
  /**
   * What a record costs beside its data: the objects that hold it. Measured on 64-bit JVMs, rounded
   * up.
   */
  public static final int OVERHEAD_BYTES = 256;

  /** What the record counts for in the byte budget. */
  public int chargedBytes() {
    return data.remaining() + partitionKey.length() + OVERHEAD_BYTES;
  }

  @Override
  public String toString() {
    return "KinesisRecord[" + sequenceNumber + ", bytes=" + data.remaining() + "]";
  }
}
