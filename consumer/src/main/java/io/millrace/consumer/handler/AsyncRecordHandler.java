package io.millrace.consumer.handler;

import java.util.concurrent.CompletionStage;

/**
 * Processes one record at a time without holding a thread: the stage's completion acknowledges the
 * record, its failure has it delivered again.
 *
 * <p>The next record of the same order (of the shard, or of the key with {@code parallelism(n,
 * PER_KEY)}) is delivered only after the stage has completed. Use {@code parallelism(n, ...)} to
 * have up to n calls of a shard in flight. The call itself runs on the handler pool or on the
 * executor of your choice; the stage may complete on any thread.
 */
@FunctionalInterface
public interface AsyncRecordHandler {
  /**
   * Starts to process a record.
   *
   * @param record the record; its {@code data()} is valid until the stage is complete, a {@code
   *     copy()} for longer
   * @return completes normally when the record is processed, exceptionally when it was not. A stage
   *     that never completes stalls its shard, visibly in the status; {@code handlerTimeout} bounds
   *     it
   */
  CompletionStage<Void> handle(ReceivedRecord record);
}
