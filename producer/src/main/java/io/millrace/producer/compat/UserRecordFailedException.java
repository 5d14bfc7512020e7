package io.millrace.producer.compat;

import io.millrace.producer.PutFailedException;

/**
 * A record was not stored: the KPL's exception of this name, but with a message, and unchecked. Its
 * cause is the {@link PutFailedException}, which has the reason and the record.
 */
public final class UserRecordFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient UserRecordResult result;

  UserRecordFailedException(PutFailedException cause) {
    super(cause.getMessage(), cause, true, false);
    this.result = UserRecordResult.of(cause);
  }

  /** What was tried. Not there after Java serialization. */
  public UserRecordResult getResult() {
    return result;
  }
}
