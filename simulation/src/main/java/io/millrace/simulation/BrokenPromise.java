package io.millrace.simulation;

/** A step that must never happen. */
final class BrokenPromise extends RuntimeException {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("AnnotateFormatMethod") // Error Prone's annotations are no dependency
  BrokenPromise(String format, Object... arguments) {
    super(String.format(format, arguments));
  }
}
