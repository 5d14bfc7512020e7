package io.millrace.consumer.internal.shard;

import io.millrace.consumer.Fetching;
import io.millrace.consumer.internal.checkpoint.Ahead;
import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.FencingToken;
import io.millrace.consumer.lease.PendingCheckpoint;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.model.HashRange;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What a lease that was just granted says about its shard. Immutable.
 *
 * @param stream the stream
 * @param fetching how the stream is read
 * @param retention how long the stream keeps records; empty if unknown
 * @param shard the shard
 * @param hashRange the hash keys of the shard; empty if unknown, and then no aggregate is dropped
 *     by its range
 * @param startFrom the checkpoint in the reply to this worker's own take; not SHARD_END
 * @param startTimestamp where LATEST and AT_TIMESTAMP start, as stored with the lease
 * @param lastArrival the arrival time of the last record processed before, if known: to suspect
 *     retention loss
 * @param ahead what an earlier owner has acknowledged beyond the checkpoint
 * @param pending what an earlier owner prepared and did not checkpoint
 * @param fencingToken the token of this ownership
 */
public record LeasedShard(
    StreamIdentity stream,
    Fetching fetching,
    Optional<Duration> retention,
    ShardId shard,
    Optional<HashRange> hashRange,
    Checkpoint startFrom,
    Optional<Instant> startTimestamp,
    Optional<Instant> lastArrival,
    Ahead ahead,
    Optional<PendingCheckpoint> pending,
    FencingToken fencingToken) {
  /** The same, read in another way. */
  LeasedShard readBy(Fetching how) {
    return new LeasedShard(
        stream,
        how,
        retention,
        shard,
        hashRange,
        startFrom,
        startTimestamp,
        lastArrival,
        ahead,
        pending,
        fencingToken);
  }
}
