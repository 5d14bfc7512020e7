package io.millrace.testkit.kinesis.call;

/** The reply of the operations that answer with an empty body. */
public record Empty() {
  /** The reply. */
  public static final Empty EMPTY = new Empty();
}
