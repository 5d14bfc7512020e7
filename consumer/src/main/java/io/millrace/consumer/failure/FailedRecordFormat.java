package io.millrace.consumer.failure;

import io.millrace.aggregation.Headers;
import io.millrace.consumer.handler.ReceivedRecord;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * How a failed record is written for a dead-letter stream or queue: one JSON object with the fields
 * that the application chose.
 *
 * <pre>{@code
 * {"version":1,"stream":"arn:...","shard":"shardId-000000000003","sequenceNumber":"4964...",
 *  "subSequenceNumber":17,"arrival":"2026-11-28T15:00:00.123Z","reason":"ATTEMPTS_EXHAUSTED",
 *  "attempts":6,"partitionKey":"user-7","explicitHashKey":"123","headers":[["name","base64"]],
 *  "data":"base64","errorClass":"java.sql.SQLException","errorMessage":"..."}
 * }</pre>
 *
 * <p>Version, position, arrival, reason and attempts are always there: they find the record again
 * for as long as the stream keeps it. The other fields are left out unless they are chosen, and
 * where the record has none. Immutable.
 */
public final class FailedRecordFormat {
  private static final int VERSION = 1;

  private final Set<Field> fields;
  private final int maxDataBytes;

  /** What may be left out. */
  public enum Field {
    /** The payload, in base64. */
    DATA,
    /** The partition key, and the explicit hash key if there is one. */
    PARTITION_KEY,
    /** The headers, their values in base64. */
    HEADERS,
    /** The class of the last error. */
    ERROR_CLASS,
    /** The message of the last error: the application's own, which may quote data. */
    ERROR_MESSAGE
  }

  private FailedRecordFormat(Set<Field> fields, int maxDataBytes) {
    this.fields = fields;
    this.maxDataBytes = maxDataBytes;
  }

  /** Every field but the error's message, and data of any size. */
  public static FailedRecordFormat standard() {
    return new FailedRecordFormat(
        EnumSet.complementOf(EnumSet.of(Field.ERROR_MESSAGE)), Integer.MAX_VALUE);
  }

  /** Position, arrival, reason and attempts alone. */
  public static FailedRecordFormat positionOnly() {
    return new FailedRecordFormat(EnumSet.noneOf(Field.class), Integer.MAX_VALUE);
  }

  /** The same with a field. */
  public FailedRecordFormat with(Field field) {
    EnumSet<Field> more = EnumSet.of(field);
    more.addAll(fields);
    return new FailedRecordFormat(more, maxDataBytes);
  }

  /** The same without a field. */
  public FailedRecordFormat without(Field field) {
    EnumSet<Field> fewer = EnumSet.noneOf(Field.class);
    fewer.addAll(fields);
    fewer.remove(field);
    return new FailedRecordFormat(fewer, maxDataBytes);
  }

  /**
   * The same, but data of more than so many bytes is left out and its size is told as {@code
   * "omittedBytes"}: for a destination whose records or messages are smaller than the stream's.
   * Without it, a record that the destination finds too large holds its shard up, visibly.
   *
   * @param bytes 0 or more; base64 makes a third more of it
   * @throws IllegalArgumentException if it is negative
   */
  public FailedRecordFormat maxDataBytes(int bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("maxDataBytes " + bytes + ": must not be negative");
    }
    return new FailedRecordFormat(fields, bytes);
  }

  /** The chosen fields. Unmodifiable. */
  public Set<Field> fields() {
    return Collections.unmodifiableSet(fields);
  }

  /** The record as UTF-8 text of one line. */
  public byte[] write(FailedRecord failed) {
    ReceivedRecord record = failed.record();
    JsonObject json = new JsonObject();
    json.number("version", VERSION);
    json.text("stream", record.stream());
    json.text("shard", record.shard().value());
    json.text("sequenceNumber", record.position().sequenceNumber().toString());
    json.number("subSequenceNumber", record.position().subSequenceNumber());
    json.text("arrival", record.arrival().toString());
    json.text("reason", failed.reason().name());
    json.number("attempts", failed.attempts());
    if (fields.contains(Field.PARTITION_KEY)) {
      json.text("partitionKey", record.partitionKey());
      record.explicitHashKey().ifPresent(key -> json.text("explicitHashKey", key.toString()));
    }
    if (fields.contains(Field.HEADERS)) {
      writeHeaders(json, record.headers());
    }
    if (fields.contains(Field.DATA)) {
      writeData(json, record);
    }
    failed.error().ifPresent(error -> writeError(json, error));
    return json.end().getBytes(StandardCharsets.UTF_8);
  }

  private static void writeHeaders(JsonObject json, Headers headers) {
    if (!headers.isEmpty()) {
      json.pairs("headers");
      for (Headers.Header header : headers) {
        json.pair(header.name(), base64(header.value()));
      }
      json.endPairs();
    }
  }

  private void writeData(JsonObject json, ReceivedRecord record) {
    if (record.sizeBytes() > maxDataBytes) {
      json.number("omittedBytes", record.sizeBytes());
    } else {
      json.text("data", base64(record.copy()));
    }
  }

  private void writeError(JsonObject json, Throwable error) {
    if (fields.contains(Field.ERROR_CLASS)) {
      json.text("errorClass", error.getClass().getName());
    }
    String message = error.getMessage();
    if (fields.contains(Field.ERROR_MESSAGE) && message != null) {
      json.text("errorMessage", message);
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  @Override
  public String toString() {
    return "FailedRecordFormat" + fields;
  }
}
