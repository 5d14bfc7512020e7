package io.millrace.consumer.internal.process;

import io.millrace.consumer.handler.AsyncRecordHandler;
import io.millrace.consumer.handler.BatchHandler;
import io.millrace.consumer.handler.BatchResult;
import io.millrace.consumer.handler.RecordBatch;
import io.millrace.consumer.handler.RecordHandler;
import io.millrace.consumer.handler.ShardProcessor;
import io.millrace.consumer.handler.ShardStart;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
      return result.failed().isEmpty()
          ? CallResult.DONE
          : new CallResult.Failed(result.failed(), Optional.empty());
    }
  }

  /**
   * The processor of one ownership; made by the application's supplier when it is initialized.
   * Confined to its calls, which happen one after the other.
   */
  final class Processor implements UserCode {
    private final Supplier<? extends ShardProcessor> supplier;
    private final ShardCheckpointer checkpointer;
    private @Nullable ShardProcessor instance;

    /**
     * Creates it without an instance.
     *
     * @param supplier makes the instance
     * @param checkpointer of the same ownership
     */
    public Processor(Supplier<? extends ShardProcessor> supplier, ShardCheckpointer checkpointer) {
      this.supplier = supplier;
      this.checkpointer = checkpointer;
    }

    @Override
    public CallResult call(Work work, Duration behindLatest) throws Exception {
      RecordBatch batch = batchOf(work, behindLatest);
      checkpointer.delivered(batch.last().position());
      required().records(batch, checkpointer);
      return CallResult.DONE;
    }

    /** Makes the instance, once, and initializes it. */
    public void initialize(ShardStart start) throws Exception {
      ShardProcessor processor = instance;
      if (processor == null) {
        processor = supplier.get();
        instance = processor;
      }
      processor.initialize(start);
    }

    /** Reports the end of the shard. */
    public void shardEnded() throws Exception {
      required().shardEnded(checkpointer);
    }

    /** Reports that the ownership is about to be given up. */
    public void shutdownRequested() throws Exception {
      required().shutdownRequested(checkpointer);
    }

    /** Reports that the lease is lost, if there is somebody to report it to. */
    public void leaseLost() {
      ShardProcessor processor = instance;
      if (processor != null) {
        processor.leaseLost();
      }
    }

    private ShardProcessor required() {
      return Objects.requireNonNull(instance, "a processor is called before it is initialized");
    }
  }

  private static RecordBatch batchOf(Work work, Duration behindLatest) {
    DeliveredRecord head = work.head();
    return new RecordBatch(head.stream(), head.shard(), List.copyOf(work.part()), behindLatest);
  }
}
