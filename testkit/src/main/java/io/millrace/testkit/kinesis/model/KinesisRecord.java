package io.millrace.testkit.kinesis.model;

import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A stored record. Immutable by agreement: neither content nor position of {@code data} may change;
 * readers work on a duplicate.
 *
 * @param sequenceNumber decimal; increases within its shard
 * @param approximateArrivalTimestamp when it was taken in, in milliseconds
 * @param data the payload, from position to limit; heap buffer
 * @param partitionKey the key as put, or null where the stream needs none
 * @param encryptionType how it was stored
 */
public record KinesisRecord(
    String sequenceNumber,
    Instant approximateArrivalTimestamp,
    ByteBuffer data,
    @Nullable String partitionKey,
    EncryptionType encryptionType) {
  @Override
  public String toString() {
    return "KinesisRecord[" + sequenceNumber + ", " + data.remaining() + " bytes]";
  }
}
