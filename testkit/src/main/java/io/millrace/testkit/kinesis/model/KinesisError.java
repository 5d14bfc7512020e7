package io.millrace.testkit.kinesis.model;

/**
 * An operation refused with one of the service's errors.
 *
 * <p>Immutable, and made without a stack trace: a benchmark may provoke a hundred thousand per
 * second.
 */
public final class KinesisError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final String detail;

  /**
   * Makes an error.
   *
   * @param code which of the service's errors
   * @param detail the text of the answer; without payloads, partition keys or credentials
   */
  public KinesisError(ErrorCode code, String detail) {
    super(code.wireName() + ": " + detail, null, false, false);
    this.code = code;
    this.detail = detail;
  }

  /** Which of the service's errors it is. */
  public ErrorCode code() {
    return code;
  }

  /** The text that goes on the wire as the message. */
  public String detail() {
    return detail;
  }
}
