package io.millrace.producer.internal.settle;

import io.millrace.producer.PutFailure;
import io.millrace.producer.internal.send.StreamAddress;

/** Words for failures: what happened, where, and what to do. Never shows content. Immutable. */
public final class FailureText {
  private final String where;

  /**
   * Speaks of one stream.
   *
   * @param location region or endpoint; empty if unknown
   */
  public FailureText(StreamAddress stream, String location) {
    this.where = "stream '" + stream.text() + "'" + (location.isEmpty() ? "" : " in " + location);
  }

  /** The stream and where it is. */
  public String where() {
    return where;
  }

  /** A failure the service told. */
  public String refused(PutFailure reason, String code, String message) {
    return where
        + ": "
        + said(code, message)
        + switch (reason) {
          case STREAM_MISSING ->
              ". Check the stream's name, and that the client's region and account are the"
                  + " stream's";
          case ACCESS_DENIED ->
              code.equals("NoCredentials")
                  ? ". Give the Kinesis client credentials"
                  : ". Check the credentials; a producer needs kinesis:PutRecords and"
                      + " kinesis:ListShards, and for encrypted streams kms:GenerateDataKey";
          case KEY_UNAVAILABLE ->
              ". Check the state of the stream's KMS key and the permission kms:GenerateDataKey";
          case RECORD_REFUSED -> ". Putting the record again fails again";
          case THROTTLED -> ". Add shards, or choose keys that spread better";
          case NO_ROOM, EXPIRED, INTERRUPTED, CLOSED, DEFECT -> "";
        };
  }

  /** A record that the stream's rules exclude. */
  public String againstRule(String rule) {
    return where + " can't take the record: " + rule;
  }

  /**
   * A record that ran out of time.
   *
   * @param lastCode what the last attempt or the loading of the stream's description ended with;
   *     empty if nothing was tried
   */
  public String expired(int attempts, String lastCode, String lastMessage) {
    return where
        + ": not stored within deliveryTimeout after "
        + attempts
        + " attempts"
        + (lastCode.isEmpty() ? "" : "; the last problem was " + said(lastCode, lastMessage));
  }

  private static String said(String code, String message) {
    return message.isEmpty() ? code : code + " (" + message + ")";
  }
}
