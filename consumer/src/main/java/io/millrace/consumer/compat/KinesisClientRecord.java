package io.millrace.consumer.compat;

import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.model.HashKey;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One user record: the KCL's {@code KinesisClientRecord}, without encryption type and schema.
 * {@code toString} shows position and size only. Thread-safe.
 */
public final class KinesisClientRecord {
  private final ReceivedRecord record;

  KinesisClientRecord(ReceivedRecord record) {
    this.record = record;
  }

  /** The sequence number of the Kinesis record, in decimal digits. */
  public String sequenceNumber() {
    return record.position().sequenceNumber().toString();
  }

  /** The index in its aggregate; 0 for a record that was not aggregated. */
  public long subSequenceNumber() {
    return record.position().subSequenceNumber();
  }

  /** About when the service received the Kinesis record. */
  public Instant approximateArrivalTimestamp() {
    return record.arrival();
  }

  /** The payload: a new read-only buffer at each call. */
  public ByteBuffer data() {
    return record.data();
  }

  /** The user record's partition key. */
  public String partitionKey() {
    return record.partitionKey();
  }

  /** The explicit hash key of an aggregated record that has one, in decimal digits; else null. */
  public @Nullable String explicitHashKey() {
    return record.explicitHashKey().map(HashKey::toString).orElse(null);
  }

  /** Whether it came out of an aggregate. */
  public boolean aggregated() {
    return record.aggregated();
  }

  /** The record as Millrace has it: with headers, attempt and fencing token. */
  public ReceivedRecord received() {
    return record;
  }

  @Override
  public String toString() {
    return "KinesisClientRecord[" + record.position() + ", sizeBytes=" + record.sizeBytes() + "]";
  }
}
