package io.millrace.producer.internal.settle;

import io.millrace.producer.PutFailure;
import io.millrace.producer.internal.send.EntryReply;
import io.millrace.producer.internal.send.ErrorCodes;
import io.millrace.producer.internal.send.PutRecordsReply;
import io.millrace.producer.internal.send.ServiceFailure;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From replies to outcomes. Stateless. */
public final class ReplyJudge {
  private ReplyJudge() {}

  /**
   * One outcome per record of the request. A reply with another number of entries can't be matched
   * to the records: all outcomes are unknown then.
   */
  public static List<Outcome> judge(PutRecordsReply reply, int records) {
    if (reply.entries().size() != records) {
      return Collections.nCopies(
          records,
          new Outcome.Unknown(
              "RecordCountMismatch",
              "the reply has " + reply.entries().size() + " entries for " + records + " records"));
    }
    List<Outcome> outcomes = new ArrayList<>(records);
    for (EntryReply entry : reply.entries()) {
      outcomes.add(judge(entry));
    }
    return outcomes;
  }

  private static Outcome judge(EntryReply entry) {
    if (entry instanceof EntryReply.Stored stored) {
      return new Outcome.Accepted(stored.shard(), stored.sequenceNumber());
    }
    EntryReply.Rejected rejected = (EntryReply.Rejected) entry;
    return of(
        ErrorCodes.kindOfEntry(rejected.code()), rejected.code(), rejected.message(), null, true);
  }

  /**
   * The outcome of each record of a request that failed as a whole.
   *
   * @param everSucceeded whether this producer's credentials were ever good: then they are expected
   *     to be renewed
   */
  public static Outcome judge(ServiceFailure failure, boolean everSucceeded) {
    return of(failure.kind(), failure.code(), failure.message(), failure.cause(), everSucceeded);
  }

  private static Outcome of(
      Kind kind, String code, String message, @Nullable Throwable cause, boolean everSucceeded) {
    return switch (kind) {
      case THROTTLED -> new Outcome.Throttled(code, message);
      case UNAVAILABLE -> new Outcome.Unavailable(code, message);
      case UNKNOWN -> new Outcome.Unknown(code, message);
      case INVALID_REQUEST -> new Outcome.Refused(PutFailure.RECORD_REFUSED, code, message, cause);
      case ACCESS_DENIED -> new Outcome.Refused(PutFailure.ACCESS_DENIED, code, message, cause);
      case NO_CREDENTIALS ->
          everSucceeded
              ? new Outcome.Unavailable(code, message)
              : new Outcome.Refused(PutFailure.ACCESS_DENIED, code, message, cause);
      case STREAM_MISSING -> new Outcome.Refused(PutFailure.STREAM_MISSING, code, message, cause);
      case KEY_UNAVAILABLE -> new Outcome.Refused(PutFailure.KEY_UNAVAILABLE, code, message, cause);
    };
  }
}
