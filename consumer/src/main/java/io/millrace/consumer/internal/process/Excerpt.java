package io.millrace.consumer.internal.process;

import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.model.ShardId;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/**
 * Which part of a stream is delivered, and how fast: all of it, or what a replay wants. Immutable,
 * if its predicates are.
 *
 * @param until a shard ends where records arrive at this time or later
 * @param shards other shards end at once
 * @param records others are left out, and count as processed
 * @param recordsPerSecond how many are delivered by a worker
 */
public record Excerpt(
    Optional<Instant> until,
    Predicate<ShardId> shards,
    Optional<Predicate<ReceivedRecord>> records,
    OptionalDouble recordsPerSecond) {
  /** Everything, as fast as it can be. */
  public static final Excerpt ALL =
      new Excerpt(Optional.empty(), shard -> true, Optional.empty(), OptionalDouble.empty());
}
