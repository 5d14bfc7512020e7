package io.millrace.testkit.wire;

/**
 * A request whose body cannot be read, or that is no request to Kinesis at all. Made without a
 * stack trace: the fault is the client's.
 */
public final class WireException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String type;
  private final String detail;

  /**
   * Makes an exception.
   *
   * @param type the error's name on the wire
   * @param detail the text for the client; nothing of the request's content
   */
  public WireException(String type, String detail) {
    super(type + ": " + detail, null, false, false);
    this.type = type;
    this.detail = detail;
  }

  /** A body that breaks its format, or a field of another type than declared. */
  static WireException unreadable(String detail) {
    return new WireException("SerializationException", detail);
  }

  /** The error's name on the wire. */
  public String type() {
    return type;
  }

  /** The text for the client. */
  public String detail() {
    return detail;
  }
}
