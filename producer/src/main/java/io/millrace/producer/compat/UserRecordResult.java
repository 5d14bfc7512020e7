package io.millrace.producer.compat;

import io.millrace.producer.PutAttempt;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.producer.PutResult;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of a record: the KPL's {@code UserRecordResult}. Immutable. */
public final class UserRecordResult {
  private final List<Attempt> attempts;
  private final @Nullable String sequenceNumber;
  private final @Nullable String shardId;
  private final boolean successful;

  private UserRecordResult(
      List<Attempt> attempts,
      @Nullable String sequenceNumber,
      @Nullable String shardId,
      boolean successful) {
    this.attempts = List.copyOf(attempts);
    this.sequenceNumber = sequenceNumber;
    this.shardId = shardId;
    this.successful = successful;
  }

  static UserRecordResult of(PutResult result) {
    return new UserRecordResult(
        attempts(result.attempts()),
        result.sequenceNumber().toString(),
        result.shard().value(),
        true);
  }

  static UserRecordResult of(PutFailedException failure) {
    List<Attempt> attempts = attempts(failure.attempts());
    if (failure.reason() == PutFailure.EXPIRED) {
      attempts.add(new Attempt(0, 0, failure.getMessage(), "Expired", false));
    }
    return new UserRecordResult(attempts, null, null, false);
  }

  private static List<Attempt> attempts(List<PutAttempt> puts) {
    List<Attempt> attempts = new ArrayList<>();
    for (PutAttempt put : puts) {
      attempts.add(Attempt.of(put));
    }
    return attempts;
  }

  /**
   * The attempts in order. The last one of a record that was not stored in time has the code {@code
   * Expired}.
   */
  public List<Attempt> getAttempts() {
    return attempts;
  }

  /** The sequence number of the Kinesis record; null if it was not stored. */
  public @Nullable String getSequenceNumber() {
    return sequenceNumber;
  }

  /** The shard; null if it was not stored. */
  public @Nullable String getShardId() {
    return shardId;
  }

  /** Whether the record was stored. */
  public boolean isSuccessful() {
    return successful;
  }

  @Override
  public String toString() {
    return "UserRecordResult[shardId="
        + shardId
        + ", sequenceNumber="
        + sequenceNumber
        + ", attempts="
        + attempts.size()
        + "]";
  }
}
