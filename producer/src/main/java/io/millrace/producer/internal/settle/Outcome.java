package io.millrace.producer.internal.settle;

import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import io.millrace.producer.PutFailure;
import org.jspecify.annotations.Nullable;

/** What a request did to one Kinesis record. */
public sealed interface Outcome {
  /** The service's error code or ours; {@code Success} if it was stored. */
  String code();

  /** The service's words, empty if none. */
  String message();

  /** Stored; where, the predicted shard or not, is to be judged yet. */
  record Accepted(ShardId shard, SequenceNumber sequenceNumber) implements Outcome {
    @Override
    public String code() {
      return "Success";
    }

    @Override
    public String message() {
      return "";
    }
  }

  /** Not written, for being too fast. */
  record Throttled(String code, String message) implements Outcome {}

  /** Not written, for another reason that may pass. */
  record Unavailable(String code, String message) implements Outcome {}

  /** Perhaps written. */
  record Unknown(String code, String message) implements Outcome {}

  /** Not written, and never will be. */
  record Refused(PutFailure reason, String code, String message, @Nullable Throwable cause)
      implements Outcome {}
}
