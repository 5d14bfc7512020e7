package io.millrace.consumer;

import io.millrace.consumer.lease.Checkpoint;
import io.millrace.model.ShardId;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * A lease of the application, as its row says, at whichever worker it is.
 *
 * @param stream the stream's part of the lease key; empty in an application of one stream
 * @param shard the shard
 * @param owner the worker that holds it; empty if nobody does
 * @param nextOwner the worker that it is being handed over to
 * @param checkpoint how far the shard is processed
 * @param lastArrival the arrival time of the last processed record, if known
 * @param unfinishedParents the parents that hold the shard back
 * @param parked why the failure policy has stopped the shard, if it has
 */
public record LeaseStatus(
    String stream,
    ShardId shard,
    Optional<String> owner,
    Optional<String> nextOwner,
    Checkpoint checkpoint,
    Optional<Instant> lastArrival,
    Set<ShardId> unfinishedParents,
    Optional<String> parked) {
  /** Copies the set. */
  public LeaseStatus {
    unfinishedParents = Set.copyOf(unfinishedParents);
  }

  /** One line for people: why the lease does not progress; empty if nothing is known to hold it. */
  public Optional<String> reason() {
    if (parked.isPresent()) {
      return parked.map(why -> "parked: " + why);
    }
    if (!unfinishedParents.isEmpty()) {
      return Optional.of("waiting for parents " + unfinishedParents);
    }
    if (owner.isEmpty() && checkpoint != Checkpoint.Sentinel.SHARD_END) {
      return Optional.of("not owned by any worker");
    }
    return nextOwner.map(to -> "being handed over to " + to);
  }
}
