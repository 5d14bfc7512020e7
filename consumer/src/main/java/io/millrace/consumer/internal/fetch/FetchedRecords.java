package io.millrace.consumer.internal.fetch;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What one GetRecords call, or one event of a subscription, brought.
 *
 * @param records in order; may be empty
 * @param next the next shard iterator, or the continuation sequence number of a subscription; empty
 *     at the end of a closed shard
 * @param behindLatest the distance to the tip
 * @param children the children of a closed shard, at its end; else empty
 */
public record FetchedRecords(
    List<KinesisRecord> records,
    Optional<String> next,
    Duration behindLatest,
    List<ChildShard> children) {
  /** Copies the lists. */
  public FetchedRecords {
    records = List.copyOf(records);
    children = List.copyOf(children);
  }

  /** Whether the shard is closed and this was its last answer. */
  public boolean endOfShard() {
    return next.isEmpty();
  }
}
