package io.millrace.consumer.internal.process;

import io.millrace.consumer.handler.AsyncRecordHandler;
import io.millrace.consumer.handler.BatchHandler;
import io.millrace.consumer.handler.BatchResult;
import io.millrace.consumer.handler.RecordBatch;
import io.millrace.consumer.handler.RecordHandler;
import io.millrace.consumer.handler.ShardProcessor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The application's code, and how one part is handed to it. */
public sealed interface UserCode {
  /** Whether a call gets a batch; else one record. */
  default boolean takesBatches() {
    return true;
  }

  /**
   * Calls it with the current part of some work.
   *
   * @param behindLatest what the last fetch said
   * @throws Exception whatever the application throws
   */
  CallResult call(Work work, Duration behindLatest) throws Exception;

  /**
   * A record handler.
   *
   * @param handler the application's
   */
  record Records(RecordHandler handler) implements UserCode {
    @Override
    public boolean takesBatches() {
      return false;
    }

    @Override
    public CallResult call(Work work, Duration behindLatest) throws Exception {
      handler.handle(work.head());
      return CallResult.DONE;
    }
  }

  /**
   * An asynchronous record handler.
   *
   * @param handler the application's
   */
  record AsyncRecords(AsyncRecordHandler handler) implements UserCode {
    @Override
    public boolean takesBatches() {
      return false;
    }

    @Override
    public CallResult call(Work work, Duration behindLatest) {
      CompletionStage<Void> stage = handler.handle(work.head());
      return new CallResult.Pending(stage.thenApply(done -> CallResult.DONE));
    }
  }

  /**
   * A batch handler.
   *
   * @param handler the application's
   */
  record Batches(BatchHandler handler) implements UserCode {
    @Override
    public CallResult call(Work work, Duration behindLatest) throws Exception {
      BatchResult result = handler.handle(batchOf(work, behindLatest));
      return result.failed().isEmpty() ? CallResult.DONE : new CallResult.Failed(result.failed());
    }
  }

  /**
   * The processor of one shard.
   *
   * @param processor the application's
   * @param checkpointer of the same ownership
   */
  record Processor(ShardProcessor processor, ShardCheckpointer checkpointer) implements UserCode {
    @Override
    public CallResult call(Work work, Duration behindLatest) throws Exception {
      RecordBatch batch = batchOf(work, behindLatest);
      checkpointer.delivered(batch.last().position());
      processor.records(batch, checkpointer);
      return CallResult.DONE;
    }
  }

  private static RecordBatch batchOf(Work work, Duration behindLatest) {
    DeliveredRecord head = work.head();
    return new RecordBatch(head.stream(), head.shard(), List.copyOf(work.part()), behindLatest);
  }
}
