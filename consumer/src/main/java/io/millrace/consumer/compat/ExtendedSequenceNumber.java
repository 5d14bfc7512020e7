package io.millrace.consumer.compat;

import io.millrace.consumer.lease.Checkpoint;

/**
 * A checkpoint: the KCL's {@code ExtendedSequenceNumber}.
 *
 * @param sequenceNumber a decimal number, or {@code TRIM_HORIZON}, {@code LATEST}, {@code
 *     AT_TIMESTAMP}, {@code SHARD_END}
 * @param subSequenceNumber the index within an aggregate; 0 for the words
 */
public record ExtendedSequenceNumber(String sequenceNumber, long subSequenceNumber) {
  static ExtendedSequenceNumber of(Checkpoint checkpoint) {
    return new ExtendedSequenceNumber(checkpoint.text(), checkpoint.subSequenceNumber());
  }
}
