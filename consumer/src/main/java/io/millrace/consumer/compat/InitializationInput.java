package io.millrace.consumer.compat;

import org.jspecify.annotations.Nullable;

/**
 * Where a shard starts: the KCL's {@code InitializationInput}.
 *
 * @param shardId the shard
 * @param extendedSequenceNumber the last checkpoint
 * @param pendingCheckpointSequenceNumber what an earlier owner prepared and did not checkpoint;
 *     null if there is none
 */
public record InitializationInput(
    String shardId,
    ExtendedSequenceNumber extendedSequenceNumber,
    @Nullable ExtendedSequenceNumber pendingCheckpointSequenceNumber) {}
