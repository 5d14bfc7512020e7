package io.millrace.consumer.internal.process;

import java.util.function.Predicate;

/**
 * A predicate of the application's, with the name of the setting that it was given by: whatever it
 * throws becomes one exception that says so. Thread-safe, if the predicate is.
 *
 * @param setting the name
 * @param predicate the application's
 * @param <T> what is chosen from
 */
public record Choice<T>(String setting, Predicate<? super T> predicate) implements Predicate<T> {
  /**
   * {@inheritDoc}
   *
   * @throws FailedException if the predicate throws
   */
  @Override
  public boolean test(T candidate) {
    try {
      return predicate.test(candidate);
    } catch (Throwable e) {
      // Errors too: whatever the application throws means that it has not chosen.
      throw new FailedException(setting + " threw " + e.getClass().getName(), e);
    }
  }

  /** The application has not chosen; the message has the setting, and nothing of a record. */
  public static final class FailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    FailedException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
