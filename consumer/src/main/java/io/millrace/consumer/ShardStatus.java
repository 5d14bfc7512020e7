package io.millrace.consumer;

import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.Optional;

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
    Optional<Position> checkpointed) {
  /**
   * Whether the shard has not progressed for at least {@code threshold}.
   *
   * @param threshold usually {@link ConsumerSettings#stallAfter()}
   */
  public boolean stalledFor(Duration threshold) {
    return stall.map(reason -> reason.lasts().compareTo(threshold) >= 0).orElse(false);
  }
}
