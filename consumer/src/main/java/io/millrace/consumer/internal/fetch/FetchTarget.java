package io.millrace.consumer.internal.fetch;

import io.millrace.model.ShardId;

/**
 * What a fetcher reads, and where it puts it.
 *
 * @param streamArn the stream
 * @param shard the shard
 * @param from where it starts
 * @param share what it may hold
 * @param inbox takes replies to the loop
 * @param sink takes what was read
 */
public record FetchTarget(
    String streamArn,
    ShardId shard,
    ReadFrom from,
    ByteBudget.Share share,
    LoopInbox inbox,
    ShardFetcher.Sink sink) {}
