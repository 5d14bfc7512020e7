package io.millrace.consumer.compat;

/** The KCL's {@code software.amazon.kinesis.processor.ShardRecordProcessorFactory}. */
@FunctionalInterface
public interface ShardRecordProcessorFactory {
  /** A processor of its own for each ownership of a shard. Called from any thread. */
  ShardRecordProcessor shardRecordProcessor();
}
