package io.millrace.consumer;

import java.time.Instant;
import java.util.Optional;

/**
 * How far a {@link Replay} is, by its checkpoints. Immutable.
 *
 * @param shards how many shards have a lease; grows while shards are found
 * @param finishedShards how many of them are done
 * @param processedUntil the arrival time up to which every shard is processed; empty while a shard
 *     that is being read has no checkpoint yet, and once none is left
 * @param complete whether everything is processed
 */
public record ReplayProgress(
    int shards, int finishedShards, Optional<Instant> processedUntil, boolean complete) {}
