package io.millrace.testkit.dynamodb;

import java.io.Serial;

/**
 * DynamoDB Local can't run here. A program that can do without it catches this and goes on with
 * another {@code LeaseStore}.
 */
public final class DynamoDbLocalUnavailableException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** What stands in the way; grouped by what the caller can do about it. */
  public enum Reason {
    /**
     * No class path file was named, or the file or one of its jars is missing: build the file
     * first.
     */
    CLASS_PATH_MISSING,
    /** The native database library does not exist for this platform: use another store. */
    NATIVE_LIBRARY_MISSING,
    /**
     * The process could not be started or ended before it served a request; the message has its
     * last output.
     */
    PROCESS_FAILED,
    /**
     * The process did not serve a request within the time given: the machine is slow or overloaded.
     */
    TIMED_OUT,
    /** The thread was interrupted while it waited; the flag is set again. */
    INTERRUPTED
  }

  private final Reason reason;

  DynamoDbLocalUnavailableException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  DynamoDbLocalUnavailableException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** What stands in the way. */
  public Reason reason() {
    return reason;
  }
}
