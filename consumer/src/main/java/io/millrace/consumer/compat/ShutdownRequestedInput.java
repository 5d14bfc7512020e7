package io.millrace.consumer.compat;

/**
 * The end of this ownership: the KCL's {@code ShutdownRequestedInput}.
 *
 * @param checkpointer checkpoints up to the last record delivered
 */
public record ShutdownRequestedInput(RecordProcessorCheckpointer checkpointer) {}
