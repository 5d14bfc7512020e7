package io.millrace.producer.internal.send;

import java.io.Serial;
import java.util.concurrent.CompletionException;

/** A call of {@link KinesisPort} that failed. */
public final class KinesisCallException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final transient ServiceFailure failure;

  /** Carries a failure. */
  public KinesisCallException(ServiceFailure failure) {
    super(failure.code() + ": " + failure.message(), failure.cause(), false, false);
    this.failure = failure;
  }

  /** The failure. */
  public ServiceFailure failure() {
    return failure;
  }

  /**
   * What a port's future completed with. Anything but this exception counts as an unknown outcome:
   * a port that breaks its contract must not lose records.
   */
  public static ServiceFailure failureOf(Throwable thrown) {
    Throwable cause =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    if (cause instanceof KinesisCallException call) {
      return call.failure;
    }
    return ServiceFailure.of(
        ServiceFailure.Kind.UNKNOWN, "NoResponse", String.valueOf(cause.getMessage()), cause);
  }
}
