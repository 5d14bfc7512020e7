package io.millrace.consumer.internal.process;

/** What a runner does next. */
sealed interface Turn {
  /** See {@link Open}. */
  Turn OPEN = new Open();

  /** See {@link End}. */
  Turn END = new End();

  /** Open more records; the runner has the opening turn. */
  record Open() implements Turn {}

  /**
   * Call user code with the current part.
   *
   * @param work already counted as running
   */
  record Call(Work work) implements Turn {}

  /** End: nothing is there for this runner. It is no longer counted. */
  record End() implements Turn {}
}
