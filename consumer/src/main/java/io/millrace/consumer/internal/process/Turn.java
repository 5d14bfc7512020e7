package io.millrace.consumer.internal.process;

import io.millrace.consumer.handler.SuspectedLoss;

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

  /**
   * Tell the application of a suspected loss, before any further record.
   *
   * @param loss what to tell
   */
  record Tell(SuspectedLoss loss) implements Turn {}

  /** End: nothing is there for this runner. It is no longer counted. */
  record End() implements Turn {}
}
