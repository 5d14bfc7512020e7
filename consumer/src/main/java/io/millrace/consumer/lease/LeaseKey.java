package io.millrace.consumer.lease;

import io.millrace.model.ShardId;

/**
 * The key of a lease row: a shard of the application's only stream, or a shard of one of its many
 * streams.
 *
 * <p>An application of one stream uses the shard id alone, an application of many the KCL's form
 * {@code account:stream:creationEpochSeconds:shardId}. The two never meet in one table. Immutable.
 *
 * @param stream the stream's part, {@code account:stream:creationEpochSeconds}; empty in an
 *     application of one stream
 * @param shard the shard
 */
public record LeaseKey(String stream, ShardId shard) implements Comparable<LeaseKey> {
  /** The key of a shard in an application of one stream. */
  public static LeaseKey of(ShardId shard) {
    return new LeaseKey("", shard);
  }

  /** The key of a shard in an application of one stream. */
  public static LeaseKey of(String shard) {
    return of(new ShardId(shard));
  }

  /**
   * Reads a key back from its text.
   *
   * @throws IllegalArgumentException if the text has no shard id
   */
  public static LeaseKey parse(String text) {
    int end = text.lastIndexOf(':');
    return end < 0
        ? of(text)
        : new LeaseKey(text.substring(0, end), new ShardId(text.substring(end + 1)));
  }

  /** Whether the key belongs to an application of many streams. */
  public boolean namesStream() {
    return !stream.isEmpty();
  }

  /** The key as the row has it. */
  public String text() {
    return stream.isEmpty() ? shard.value() : stream + ":" + shard.value();
  }

  @Override
  public int compareTo(LeaseKey other) {
    int byStream = stream.compareTo(other.stream);
    return byStream != 0 ? byStream : shard.compareTo(other.shard);
  }

  @Override
  public String toString() {
    return text();
  }
}
