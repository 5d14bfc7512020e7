package io.millrace.consumer;

import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Parked;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * A lease of the application, as its row says, at whichever worker it is.
 *
 * @param stream the stream's ARN; where the row does not tell it, the stream's part of the lease
 *     key, which is empty in an application of one stream
 * @param shard the shard
 * @param owner the worker that holds it; empty if nobody does
 * @param nextOwner the worker that it is being handed over to
 * @param checkpoint how far the shard is processed
 * @param lastArrival the arrival time of the last processed record, if known
 * @param lag how long before the listing that record has arrived: at most so far is the shard
 *     behind. A shard without traffic has a growing lag though nothing waits. Zero for a finished
 *     shard; empty if not known
 * @param unfinishedParents the parents that hold the shard back
 * @param parked the mark of the failure policy or of an operator, if the shard stands still
 * @param reason one line for people: why the lease does not progress; empty if nothing is known to
 *     hold it
 */
public record LeaseStatus(
    String stream,
    ShardId shard,
    Optional<String> owner,
    Optional<String> nextOwner,
    Checkpoint checkpoint,
    Optional<Instant> lastArrival,
    Optional<Duration> lag,
    Set<ShardId> unfinishedParents,
    Optional<Parked> parked,
    Optional<String> reason) {
  /** Copies the set. */
  public LeaseStatus {
    unfinishedParents = Set.copyOf(unfinishedParents);
  }
}
