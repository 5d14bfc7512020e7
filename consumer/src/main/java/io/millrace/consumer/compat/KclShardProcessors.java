package io.millrace.consumer.compat;

import io.millrace.consumer.handler.Checkpointer;
import io.millrace.consumer.handler.RecordBatch;
import io.millrace.consumer.handler.ShardProcessor;
import io.millrace.consumer.handler.ShardStart;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Lets processors in the shape of the KCL's process the shards of a {@link
 * io.millrace.consumer.StreamConsumer}.
 *
 * <pre>{@code
 * StreamConsumer.builder("clicks-to-table", kinesis, leases)
 *     .stream("clicks", StartAt.trimHorizon())
 *     .shardProcessor(KclShardProcessors.of(ClicksProcessor::new))
 *     .build();
 * }</pre>
 */
public final class KclShardProcessors {
  private KclShardProcessors() {}

  /**
   * Adapts a factory.
   *
   * @param factory asked once for each ownership of a shard
   * @return for {@link io.millrace.consumer.StreamConsumer.Builder#shardProcessor}
   */
  public static Supplier<ShardProcessor> of(ShardRecordProcessorFactory factory) {
    Objects.requireNonNull(factory, "factory");
    return () ->
        new Adapted(
            Objects.requireNonNull(
                factory.shardRecordProcessor(), "the factory has returned no processor"));
  }

  private record Adapted(ShardRecordProcessor processor) implements ShardProcessor {
    @Override
    public void initialize(ShardStart start) {
      processor.initialize(
          new InitializationInput(
              start.shard().value(),
              ExtendedSequenceNumber.of(start.checkpoint()),
              start
                  .pending()
                  .map(pending -> ExtendedSequenceNumber.of(pending.checkpoint()))
                  .orElse(null)));
    }

    @Override
    public void records(RecordBatch batch, Checkpointer checkpointer) {
      processor.processRecords(
          new ProcessRecordsInput(
              batch.records().stream().map(KinesisClientRecord::new).toList(),
              new RecordProcessorCheckpointer(checkpointer),
              batch.behindLatest().toMillis()));
    }

    @Override
    public void shardEnded(Checkpointer checkpointer) {
      processor.shardEnded(new ShardEndedInput(new RecordProcessorCheckpointer(checkpointer)));
    }

    @Override
    public void shutdownRequested(Checkpointer checkpointer) {
      processor.shutdownRequested(
          new ShutdownRequestedInput(new RecordProcessorCheckpointer(checkpointer)));
    }

    @Override
    public void leaseLost() {
      processor.leaseLost(new LeaseLostInput());
    }
  }
}
