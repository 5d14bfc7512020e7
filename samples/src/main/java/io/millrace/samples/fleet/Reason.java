package io.millrace.samples.fleet;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What to tell the user of a failure. */
public final class Reason {
  private Reason() {}

  /** The message of what really failed, without the wrapping of futures. */
  public static String of(Throwable failure) {
    Throwable reason = failure;
    while (reason instanceof CompletionException || reason instanceof ExecutionException) {
      Throwable cause = reason.getCause();
      if (cause == null) {
        break;
      }
      reason = cause;
    }
    String message = reason.getMessage();
    return message == null ? reason.getClass().getSimpleName() : message;
  }
}
