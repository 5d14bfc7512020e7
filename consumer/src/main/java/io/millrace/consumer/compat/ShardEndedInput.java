package io.millrace.consumer.compat;

/**
 * The end of a shard: the KCL's {@code ShardEndedInput}.
 *
 * @param checkpointer its {@link RecordProcessorCheckpointer#checkpoint()} records the shard's end
 */
public record ShardEndedInput(RecordProcessorCheckpointer checkpointer) {}
