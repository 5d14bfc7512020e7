package io.millrace.consumer.failure;

import io.millrace.consumer.handler.ReceivedRecord;
import java.util.Optional;

/**
 * A record that was given up.
 *
 * <p>The record's data is valid until the destination's stage completes. {@code toString} shows
 * position, reason and the error's class, never its message: that is the application's own and may
 * quote data.
 *
 * @param record the record
 * @param reason why it was given up
 * @param attempts how often it was handed to the application; 0 for a corrupt aggregate
 * @param error the last error of the handler; empty for a corrupt aggregate or a record that the
 *     handler reported by position only
 */
public record FailedRecord(
    ReceivedRecord record, Reason reason, int attempts, Optional<Throwable> error) {
  /** Why a record is given up. */
  public enum Reason {
    /** It failed {@code maximumRetryAttempts} times after its first delivery. */
    ATTEMPTS_EXHAUSTED,
    /** It failed, and is older than {@code maximumRecordAge}. */
    TOO_OLD,
    /**
     * Its Kinesis record carries the aggregation format with a valid checksum, but its content
     * makes no sense.
     */
    CORRUPT_AGGREGATE
  }

  @Override
  public String toString() {
    return "FailedRecord["
        + record
        + ", reason="
        + reason
        + ", attempts="
        + attempts
        + error.map(e -> ", error=" + e.getClass().getName()).orElse("")
        + "]";
  }
}
