package io.millrace.consumer.compat;

import java.util.List;

/**
 * A batch: the KCL's {@code ProcessRecordsInput}, without its cache times and child shards.
 *
 * @param records at least one, in order, taken out of their aggregates; unmodifiable
 * @param checkpointer checkpoints up to the last record of this batch
 * @param millisBehindLatest how far the last read was behind the tip of the shard
 */
public record ProcessRecordsInput(
    List<KinesisClientRecord> records,
    RecordProcessorCheckpointer checkpointer,
    long millisBehindLatest) {
  /** Copies the list. */
  public ProcessRecordsInput {
    records = List.copyOf(records);
  }
}
