package io.millrace.producer.internal.send;

import org.jspecify.annotations.Nullable;

/**
 * Why a call failed.
 *
 * @param kind by what follows from it
 * @param httpStatus of the response, 0 if there was none
 * @param code the service's error code, or one of ours: {@code Timeout}, {@code NoResponse}, {@code
 *     NoConnection}, {@code NoCredentials}
 * @param message the service's or the SDK's words, empty if none
 * @param requestId of the response, empty if unknown
 * @param cause the SDK's exception, if there was one
 */
public record ServiceFailure(
    Kind kind,
    int httpStatus,
    String code,
    String message,
    String requestId,
    @Nullable Throwable cause) {

  /** A failure without a response. */
  public static ServiceFailure of(
      Kind kind, String code, String message, @Nullable Throwable cause) {
    return new ServiceFailure(kind, 0, code, message, "", cause);
  }

  /** Failures by what follows from them. */
  public enum Kind {
    /** Nothing was written, for being too fast: slow down and retry. */
    THROTTLED(true, false),
    /** Nothing was written: retry. */
    UNAVAILABLE(true, false),
    /** Perhaps something was written: a retry may duplicate. */
    UNKNOWN(true, true),
    /** The request's content is refused for good; a smaller request may pass. */
    INVALID_REQUEST(false, false),
    /** The caller is not permitted, or not known. */
    ACCESS_DENIED(false, false),
    /** No credentials could be had; permanent unless requests have succeeded before. */
    NO_CREDENTIALS(false, false),
    /** There is no such stream. */
    STREAM_MISSING(false, false),
    /** The stream's KMS key can't be used. */
    KEY_UNAVAILABLE(false, false);

    private final boolean retriable;
    private final boolean mayHaveBeenWritten;

    Kind(boolean retriable, boolean mayHaveBeenWritten) {
      this.retriable = retriable;
      this.mayHaveBeenWritten = mayHaveBeenWritten;
    }

    /** Whether the same request may pass later. */
    public boolean isRetriable() {
      return retriable;
    }

    /** Whether the service may have acted on the request. */
    public boolean mayHaveBeenWritten() {
      return mayHaveBeenWritten;
    }
  }
}
