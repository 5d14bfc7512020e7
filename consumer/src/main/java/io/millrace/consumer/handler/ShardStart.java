package io.millrace.consumer.handler;

import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.FencingToken;
import io.millrace.consumer.lease.PendingCheckpoint;
import io.millrace.model.HashRange;
import io.millrace.model.ShardId;
import java.util.Optional;

/**
 * Where a shard processor starts.
 *
 * @param stream the ARN of the stream, or its name where the ARN is not known
 * @param shard the shard
 * @param hashRange the hash keys that the shard holds, if known
 * @param checkpoint the checkpoint that the shard is resumed from; a sentinel if none was ever made
 * @param pending a checkpoint that an earlier owner prepared and did not make
 * @param fencingToken the token of this ownership
 */
public record ShardStart(
    String stream,
    ShardId shard,
    Optional<HashRange> hashRange,
    Checkpoint checkpoint,
    Optional<PendingCheckpoint> pending,
    FencingToken fencingToken) {}
