package io.millrace.consumer.handler;

import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.List;

/**
 * Records of one shard, delivered together, in ascending order of their positions.
 *
 * <p>Immutable and thread-safe. It never is empty.
 *
 * @param stream the ARN of the stream, or its name where the ARN is not known
 * @param shard the shard of all the records
 * @param records at least one record, unmodifiable
 * @param behindLatest how far the last fetch was behind the tip of the shard; zero at the tip
 */
public record RecordBatch(
    String stream, ShardId shard, List<ReceivedRecord> records, Duration behindLatest) {
  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if there is no record
   */
  public RecordBatch {
    records = List.copyOf(records);
    if (records.isEmpty()) {
      throw new IllegalArgumentException("records is empty: a batch has at least 1 record");
    }
  }

  /** The number of records; at least 1. */
  public int size() {
    return records.size();
  }

  /** The record with the smallest position. */
  public ReceivedRecord first() {
    return records.get(0);
  }

  /** The record with the largest position. */
  public ReceivedRecord last() {
    return records.get(records.size() - 1);
  }

  @Override
  public String toString() {
    return "RecordBatch[shard="
        + shard
        + ", first="
        + first().position()
        + ", last="
        + last().position()
        + ", size="
        + size()
        + "]";
  }
}
