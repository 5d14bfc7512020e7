package io.millrace.producer.internal.send;

import io.millrace.model.HashRange;
import io.millrace.model.ShardId;

/** An open shard and the hash keys it takes. */
public record ShardDescription(ShardId id, HashRange range) {}
