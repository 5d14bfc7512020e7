package io.millrace.consumer.handler;

/**
 * The lease store throttled, failed or did not answer in time, so it is not known whether the
 * checkpoint was made. The lease is still held. Call again later with the same or a later position:
 * a checkpoint may be repeated.
 */
public final class CheckpointUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with what the store said. */
  public CheckpointUnavailableException(String message) {
    super(message);
  }
}
