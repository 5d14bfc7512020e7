package io.millrace.testkit.kinesis;

import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.model.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * What became of a call; without payloads and keys. Immutable.
 *
 * @param operation which one
 * @param stream its stream's name, or null if the request names none
 * @param shardId the one shard that it is about, or null
 * @param outcome what the client gets to see
 * @param error the error that it is told, or null
 * @param applied whether the call was made and succeeded, whatever the client is told
 * @param recordCount records put or read
 * @param failedRecordCount entries of a PutRecords that failed
 */
public record CompletedCall(
    Operation operation,
    @Nullable String stream,
    @Nullable String shardId,
    Outcome outcome,
    @Nullable ErrorCode error,
    boolean applied,
    int recordCount,
    int failedRecordCount) {
  /** What the client gets to see. */
  public enum Outcome {
    /** A reply. */
    ANSWERED,
    /** An error. */
    REFUSED,
    /** Nothing. */
    SILENT,
    /** A reset connection. */
    RESET
  }
}
