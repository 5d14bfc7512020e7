package io.millrace.consumer.internal.fetch;

import io.millrace.model.SequenceNumber;
import java.time.Instant;

/** Where a shard is read from. */
public sealed interface ReadFrom {
  /** The oldest record that the stream holds. */
  record TrimHorizon() implements ReadFrom {}

  /** After the newest record. */
  record Latest() implements ReadFrom {}

  /**
   * The first record that arrived at or after a time.
   *
   * @param timestamp the time
   */
  record AtTimestamp(Instant timestamp) implements ReadFrom {}

  /**
   * A Kinesis record, itself included.
   *
   * @param sequenceNumber of the record
   */
  record At(SequenceNumber sequenceNumber) implements ReadFrom {}

  /**
   * Behind a Kinesis record.
   *
   * @param sequenceNumber of the record
   */
  record After(SequenceNumber sequenceNumber) implements ReadFrom {}
}
