package io.millrace.consumer.internal.loop;

import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.WriteOutcome;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Why a request to the lease store brought nothing, in one exception and in words. */
public final class Failures {
  private Failures() {}

  /** What failed beneath the wrappers of futures. */
  public static @Nullable Throwable unwrap(@Nullable Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** The store's own error, or null. */
  public static @Nullable LeaseStoreException ofStore(@Nullable Throwable failure) {
    return unwrap(failure) instanceof LeaseStoreException cause ? cause : null;
  }

  /** Whether the store itself says that asking again does not help. */
  public static boolean isFutile(@Nullable Throwable failure) {
    LeaseStoreException refusal = ofStore(failure);
    return refusal != null && !refusal.reason().isTransient();
  }

  /** Why a write has no definite good end: its cause, or that of its reply's absence. */
  public static @Nullable Throwable of(
      @Nullable WriteOutcome<?> outcome, @Nullable Throwable failure) {
    if (outcome instanceof WriteOutcome.Refused<?> refused) {
      return refused.cause();
    }
    if (outcome instanceof WriteOutcome.Unknown<?> unknown) {
      return unknown.cause();
    }
    if (outcome instanceof WriteOutcome.Throttled<?>) {
      return new LeaseStoreException(LeaseStoreException.Reason.THROTTLED, "throttled");
    }
    return failure;
  }

  /** One line without the content of any record: a store's message, else only the class. */
  public static String describe(@Nullable Throwable failure) {
    Throwable cause = unwrap(failure);
    if (cause == null) {
      return "no reply";
    }
    return cause instanceof LeaseStoreException store
        ? store.reason() + ": " + store.getMessage()
        : cause.getClass().getSimpleName();
  }
}
