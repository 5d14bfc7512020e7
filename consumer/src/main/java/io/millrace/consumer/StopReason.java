package io.millrace.consumer;

import java.util.Optional;

/**
 * Why a worker stopped.
 *
 * @param kind the class of reason
 * @param message one line that says what to do, if anything
 * @param cause the error behind it, if any
 */
public record StopReason(Kind kind, String message, Optional<Throwable> cause) {
  /** The classes of reasons. */
  public enum Kind {
    /**
     * {@code close} was called, or the shutdown hook asked for with {@code closeOnShutdown} ran.
     */
    CLOSED,
    /** The start failed: wrong configuration, missing permission, unknown stream. */
    START_FAILED,
    /**
     * Going on could corrupt progress: a worker with the same id, a restored lease table, a stream
     * that was deleted and created anew. An operator decides.
     */
    UNSAFE,
    /** A defect of this library; please report it. */
    DEFECT
  }
}
