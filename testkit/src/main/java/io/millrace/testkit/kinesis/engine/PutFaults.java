package io.millrace.testkit.kinesis.engine;

import io.millrace.testkit.kinesis.model.ErrorCode;
import org.jspecify.annotations.Nullable;

/** Which entries of a PutRecords are to fail. */
@FunctionalInterface
public interface PutFaults {
  /** No entry fails. */
  PutFaults NONE = (index, shardId) -> null;

  /**
   * Decides about one entry.
   *
   * @param index of the entry in the call, from 0
   * @param shardId where it would go
   * @return why it fails, or null if it does not
   */
  @Nullable ErrorCode onEntry(int index, String shardId);
}
