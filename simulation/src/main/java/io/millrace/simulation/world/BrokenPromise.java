package io.millrace.simulation.world;

/** A step that must never happen. */
public final class BrokenPromise extends RuntimeException {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("AnnotateFormatMethod") // Error Prone's annotations are no dependency
  public BrokenPromise(String format, Object... arguments) {
    super(String.format(format, arguments));
  }
}
