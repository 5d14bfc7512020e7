package io.millrace.consumer.failure;

import java.util.concurrent.CompletionStage;

/**
 * Where records go that the failure policy gives up: a dead-letter stream, queue or table.
 *
 * <p>A record counts as acknowledged only after its stage has completed normally, so that a crash
 * in between delivers it again. A stage that fails is called again with backoff for as long as the
 * lease lasts, visibly in the status of the shard. Called on the handler pool, for several shards
 * at a time: it must be thread-safe.
 */
@FunctionalInterface
public interface OnFailureDestination {
  /**
   * Stores a record.
   *
   * @param failed the record, why it failed and how often it was tried
   * @return completes normally when the record is durable at the destination
   */
  CompletionStage<Void> accept(FailedRecord failed);
}
