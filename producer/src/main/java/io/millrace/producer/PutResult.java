package io.millrace.producer;

import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import java.util.List;
import java.util.OptionalInt;

/**
 * Where a user record was stored.
 *
 * <p>Immutable.
 *
 * @param shard the shard that holds the record
 * @param sequenceNumber the sequence number of the Kinesis record that holds it
 * @param subSequenceNumber the record's index in its aggregate; empty for a record that was stored
 *     alone, unaggregated
 * @param possibleDuplicate whether an earlier attempt may have stored the record, too: it ended
 *     without an answer, or in an aggregate on the wrong shard, which Millrace's consumer and the
 *     KCL discard and other readers don't
 * @param attempts every attempt in order, the last one successful; after 32 attempts the earliest
 *     but the first are dropped
 */
public record PutResult(
    ShardId shard,
    SequenceNumber sequenceNumber,
    OptionalInt subSequenceNumber,
    boolean possibleDuplicate,
    List<PutAttempt> attempts) {

  /** Copies the attempts. */
  public PutResult {
    attempts = List.copyOf(attempts);
  }
}
