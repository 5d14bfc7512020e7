package io.millrace.consumer;

import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How one lease of this worker does, at the moment of the call.
 *
 * @param stream the ARN of the stream, or its name where the ARN is not known
 * @param shard the shard
 * @param state where the lease is in its life
 * @param stall why it does not progress; empty if it does, or if there is nothing to do
 * @param behindLatest how far the last fetch was behind the tip of the shard; empty before the
 *     first fetch
 * @param oldestUnacknowledged the age of the oldest record that was fetched and is not
 *     acknowledged, by its arrival time; empty if there is none
 * @param unacknowledgedBytes what the shard holds of the byte budget
 * @param acknowledged the highest position up to which everything is acknowledged; empty if nothing
 *     is yet
 * @param checkpointed the last checkpoint known to be durable; empty if none was made yet
 * @param longestCall the age of the oldest call of the application's code that is under way; empty
 *     if none is
 * @param retentionUsed how much of the stream's retention the oldest record has used up that is not
 *     processed, or may not even be read: from 1 on, records leave the stream unprocessed. Empty
 *     before the first fetch. By the retention that the stream had at the start
 */
public record ShardStatus(
    String stream,
    ShardId shard,
    ShardState state,
    Optional<StallReason> stall,
    Optional<Duration> behindLatest,
    Optional<Duration> oldestUnacknowledged,
    long unacknowledgedBytes,
    Optional<Position> acknowledged,
    Optional<Position> checkpointed,
    Optional<Duration> longestCall,
    OptionalDouble retentionUsed) {
  /**
   * Whether the shard has not progressed for at least {@code threshold}.
   *
   * @param threshold usually {@link ConsumerSettings#stallAfter()}
   */
  public boolean stalledFor(Duration threshold) {
    return stall.map(reason -> reason.lasts().compareTo(threshold) >= 0).orElse(false);
  }
}
