package io.millrace.consumer.handler;

/**
 * Processes many records of one shard at a time, and may report single ones as failed.
 *
 * <p>A batch holds what is there, up to {@code batchMaxRecords} and {@code batchMaxBytes}; nothing
 * waits for a batch to fill. Order and threads are as for {@link RecordHandler}.
 */
@FunctionalInterface
public interface BatchHandler {
  /**
   * Processes a batch.
   *
   * @param batch at least one record, in order
   * @return {@link BatchResult#ok()}, or {@link BatchResult#failed} with the positions of the
   *     records to deliver again
   * @throws Exception if none of the records counts as processed: the whole batch is delivered
   *     again, or its halves if the failure policy bisects
   */
  BatchResult handle(RecordBatch batch) throws Exception;
}
