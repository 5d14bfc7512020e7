package io.millrace.testkit.kinesis;

import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.model.ErrorCode;
import java.util.Map;

/**
 * Counts since the core was made. Immutable; the counts were taken one after the other, not at one
 * moment.
 *
 * @param calls calls by operation
 * @param errors errors that clients were told, by code; without failed entries
 * @param failedEntries failed entries of PutRecords by code
 * @param silentCalls calls that were never answered
 * @param resetCalls calls that ended with a reset connection
 * @param kinesisRecordsPut Kinesis records that were taken
 * @param bytesPut their data
 * @param userRecordsPut the user records in them; counted in sink mode only, else 0
 * @param kinesisRecordsRead Kinesis records in GetRecords replies
 */
public record CoreStatistics(
    Map<Operation, Long> calls,
    Map<ErrorCode, Long> errors,
    Map<ErrorCode, Long> failedEntries,
    long silentCalls,
    long resetCalls,
    long kinesisRecordsPut,
    long bytesPut,
    long userRecordsPut,
    long kinesisRecordsRead) {
  /** Copies the maps. */
  public CoreStatistics {
    calls = Map.copyOf(calls);
    errors = Map.copyOf(errors);
    failedEntries = Map.copyOf(failedEntries);
  }

  /** Calls of an operation. */
  public long calls(Operation operation) {
    return calls.getOrDefault(operation, 0L);
  }

  /** Errors with a code that clients were told. */
  public long errors(ErrorCode code) {
    return errors.getOrDefault(code, 0L);
  }
}
