package io.millrace.consumer;

import io.millrace.model.ShardId;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What an operator sees of the whole fleet and does to it, through any one of its workers.
 * Thread-safe.
 */
public interface FleetAdmin {
  /**
   * Lists all leases of the application, by a consistent read of the whole lease table.
   *
   * @return ordered by key; exceptionally with a {@link
   *     io.millrace.consumer.lease.LeaseStoreException} if the table can't be read
   */
  CompletableFuture<List<LeaseStatus>> leases();

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
