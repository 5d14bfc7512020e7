package io.millrace.producer;

import java.io.Serial;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The one way in which a put fails: a closed {@linkplain #reason() reason}, whether the record
 * {@linkplain #mayHaveBeenWritten() may have been written} nevertheless, the record itself and the
 * attempts made.
 *
 * <p>The message names the stream, the reason, sizes and codes, never the record's key or content.
 */
public final class PutFailedException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final PutFailure reason;
  private final boolean mayHaveBeenWritten;
  private final transient @Nullable UserRecord record;
  private final transient @Nullable List<PutAttempt> attempts;

  /**
   * Describes a failure.
   *
   * @param message says what happened and what to do
   * @param record the record; null only where there is none
   * @param cause the SDK's exception, if there is one
   */
  public PutFailedException(
      PutFailure reason,
      String message,
      boolean mayHaveBeenWritten,
      @Nullable UserRecord record,
      List<PutAttempt> attempts,
      @Nullable Throwable cause) {
    // Without stack trace: failures are made in masses on a loop, where the stack says nothing
    // about the put.
    super(message, cause, true, false);
    this.reason = reason;
    this.mayHaveBeenWritten = mayHaveBeenWritten;
    this.record = record;
    this.attempts = List.copyOf(attempts);
  }

  /** Why, by what can be done about it. */
  public PutFailure reason() {
    return reason;
  }

  /** Whether the record may be in the stream nevertheless: putting it again may store it twice. */
  public boolean mayHaveBeenWritten() {
    return mayHaveBeenWritten;
  }

  /**
   * The record, to put it again or to keep it elsewhere. It shares the memory it was sent from,
   * that of the whole aggregate for a member of one: holding on to the exception holds on to that
   * memory, which the budget no longer counts. A record that was never accepted has a copy of the
   * caller's bytes. Empty after Java serialization, and for a failed {@link
   * StreamProducer#whenRoomFor}.
   */
  public Optional<UserRecord> record() {
    return Optional.ofNullable(record);
  }

  /**
   * The attempts in order, as in {@link PutResult#attempts()}; none if the record was never sent.
   * Empty after Java serialization.
   */
  public List<PutAttempt> attempts() {
    return attempts == null ? List.of() : attempts;
  }

  /**
   * Finds the failure in what {@code future.get()}, {@code join()} or a dependent stage reports.
   *
   * @param thrown such as a {@link CompletionException} or {@link ExecutionException}, or the
   *     failure itself
   */
  public static Optional<PutFailedException> in(@Nullable Throwable thrown) {
    Throwable current = thrown;
    for (int depth = 0; current != null && depth < 16; depth++) {
      if (current instanceof PutFailedException failure) {
        return Optional.of(failure);
      }
      current = current.getCause();
    }
    return Optional.empty();
  }
}
