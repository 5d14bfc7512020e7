package io.millrace.consumer.internal.process;

import io.millrace.model.Position;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** What a call of user code gave back. */
sealed interface CallResult {
  /** Every record of the part is processed. */
  CallResult DONE = new Done();

  /** See {@link #DONE}. */
  record Done() implements CallResult {}

  /**
   * All but these are processed.
   *
   * @param failed positions of records of the part; at least one
   * @param cause why, if that is known
   */
  record Failed(Set<Position> failed, Optional<Throwable> cause) implements CallResult {}

  /**
   * The outcome comes later.
   *
   * @param stage completes with one of the others, or exceptionally
   */
  record Pending(CompletionStage<CallResult> stage) implements CallResult {}
}
