package io.millrace.testkit;

import io.millrace.aggregation.Headers;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.handler.RecordBatch;
import io.millrace.consumer.lease.FencingToken;
import io.millrace.model.HashKey;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Records as a handler receives them, for unit tests of handlers without a consumer.
 *
 * <pre>{@code
 * handler.handle(ReceivedRecords.of("user-7", "{\\"page\\":\\"/\\"}"));
 * handler.handle(ReceivedRecords.builder().partitionKey("user-7").data(bytes).attempt(2).build());
 * batchHandler.handle(ReceivedRecords.batch(first, second));
 * }</pre>
 */
public final class ReceivedRecords {
  private ReceivedRecords() {}

  /** A record with text in UTF-8, and defaults for everything else. */
  public static ReceivedRecord of(String partitionKey, String data) {
    return of(partitionKey, data.getBytes(StandardCharsets.UTF_8));
  }

  /** A record with defaults for everything else. */
  public static ReceivedRecord of(String partitionKey, byte[] data) {
    return builder().partitionKey(partitionKey).data(data).build();
  }

  /** Starts a record. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * A batch at the tip of its shard.
   *
   * @param records at least one, of one shard, in ascending order of their positions
   * @throws IllegalArgumentException if there is no record, or they are of several shards or not in
   *     order
   */
  public static RecordBatch batch(ReceivedRecord... records) {
    return batch(Arrays.asList(records));
  }

  /**
   * A batch at the tip of its shard.
   *
   * @param records at least one, of one shard, in ascending order of their positions
   * @throws IllegalArgumentException if there is no record, or they are of several shards or not in
   *     order
   */
  public static RecordBatch batch(List<ReceivedRecord> records) {
    if (records.isEmpty()) {
      throw new IllegalArgumentException("records is empty: a batch has at least 1 record");
    }
    for (int i = 1; i < records.size(); i++) {
      requireSuccessor(records.get(i - 1), records.get(i), i);
    }
    ReceivedRecord first = records.get(0);
    return new RecordBatch(first.stream(), first.shard(), records, Duration.ZERO);
  }

  private static void requireSuccessor(ReceivedRecord before, ReceivedRecord record, int index) {
    if (!record.shard().equals(before.shard()) || !record.stream().equals(before.stream())) {
      throw new IllegalArgumentException(
          "record " + index + " is of another shard: a batch is of one shard");
    }
    if (record.position().compareTo(before.position()) <= 0) {
      throw new IllegalArgumentException(
          "record "
              + index
              + " has position "
              + record.position()
              + " after "
              + before.position()
              + ": positions must ascend");
    }
  }

  /** Builds a record; not thread-safe. */
  public static final class Builder {
    private String stream = "test-stream";
    private ShardId shard = new ShardId("shardId-000000000000");
    private Position position = Position.of(SequenceNumber.of("1"));
    private String partitionKey = "test-key";
    private @Nullable HashKey explicitHashKey;
    private Instant arrival = Instant.EPOCH;
    private byte[] data = {};
    private final Headers.Builder headers = Headers.builder();
    private boolean aggregated;
    private int attempt = 1;
    private FencingToken fencingToken = new FencingToken(1, 1);

    private Builder() {}

    /** The stream's ARN or name; {@code test-stream} by default. */
    public Builder stream(String stream) {
      this.stream = stream;
      return this;
    }

    /** The shard; {@code shardId-000000000000} by default. */
    public Builder shard(ShardId shard) {
      this.shard = shard;
      return this;
    }

    /** The position; sequence number 1, unaggregated, by default. */
    public Builder position(Position position) {
      this.position = position;
      return this;
    }

    /** A position of a plain record; 1 by default. */
    public Builder sequenceNumber(String decimal) {
      return position(Position.of(SequenceNumber.of(decimal)));
    }

    /** The partition key; {@code test-key} by default. */
    public Builder partitionKey(String partitionKey) {
      this.partitionKey = partitionKey;
      return this;
    }

    /** The explicit hash key; none by default. */
    public Builder explicitHashKey(HashKey explicitHashKey) {
      this.explicitHashKey = explicitHashKey;
      return this;
    }

    /** The time of arrival; the epoch by default. */
    public Builder arrival(Instant arrival) {
      this.arrival = arrival;
      return this;
    }

    /** The payload, copied; empty by default. */
    public Builder data(byte[] data) {
      this.data = data.clone();
      return this;
    }

    /** The payload as text in UTF-8. */
    public Builder data(String text) {
      this.data = text.getBytes(StandardCharsets.UTF_8);
      return this;
    }

    /** Adds a header, copied. */
    public Builder header(String name, byte[] value) {
      headers.add(name, value);
      return this;
    }

    /** Adds a header with text in UTF-8. */
    public Builder header(String name, String value) {
      headers.add(name, value);
      return this;
    }

    /** Whether the record came out of an aggregate; not by default. */
    public Builder aggregated(boolean aggregated) {
      this.aggregated = aggregated;
      return this;
    }

    /** How often it was handed over, 1 or more; 1 by default. */
    public Builder attempt(int attempt) {
      if (attempt < 1) {
        throw new IllegalArgumentException("attempt is " + attempt + ": it must be 1 or more");
      }
      this.attempt = attempt;
      return this;
    }

    /** The token of the ownership; (1, 1) by default. */
    public Builder fencingToken(FencingToken token) {
      this.fencingToken = token;
      return this;
    }

    /** Builds the record. */
    public ReceivedRecord build() {
      return new Received(
          stream,
          shard,
          position,
          partitionKey,
          Optional.ofNullable(explicitHashKey),
          arrival,
          ByteBuffer.wrap(data).asReadOnlyBuffer(),
          headers.build(),
          aggregated,
          attempt,
          fencingToken);
    }
  }

  private record Received(
      String stream,
      ShardId shard,
      Position position,
      String partitionKey,
      Optional<HashKey> explicitHashKey,
      Instant arrival,
      ByteBuffer payload,
      Headers headers,
      boolean aggregated,
      int attempt,
      FencingToken fencingToken)
      implements ReceivedRecord {
    @Override
    public ByteBuffer data() {
      return payload.duplicate();
    }

    @Override
    public int sizeBytes() {
      return payload.remaining();
    }

    @Override
    public String toString() {
      return "ReceivedRecord[position=" + position + ", " + sizeBytes() + " bytes]";
    }
  }
}
