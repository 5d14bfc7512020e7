package io.millrace.producer.internal.send;

import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;

/** What the service did with one entry of a PutRecords request. */
public sealed interface EntryReply {
  /** It is stored. */
  record Stored(ShardId shard, SequenceNumber sequenceNumber) implements EntryReply {}

  /**
   * It is not.
   *
   * @param code the service's error code
   * @param message the service's words, empty if none
   */
  record Rejected(String code, String message) implements EntryReply {}
}
