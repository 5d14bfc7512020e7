package io.millrace.consumer;

import io.millrace.model.ShardId;
import java.util.concurrent.CompletableFuture;

/** What an operator does to the whole fleet, through any one of its workers. Thread-safe. */
public interface FleetAdmin {
  /**
   * Lets a parked shard go on from its checkpoint, at whichever worker holds it.
   *
   * @param stream the name or ARN of the stream, as given to the builder
   * @param shard the parked shard
   * @return completes when the mark is removed; exceptionally with an {@link IllegalStateException}
   *     if the shard is not parked or has no lease
   */
  CompletableFuture<Void> resume(String stream, ShardId shard);
}
