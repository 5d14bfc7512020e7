package io.millrace.consumer.compat;

import io.millrace.consumer.handler.CheckpointUnavailableException;

/**
 * The lease store throttled, failed or did not answer in time: the KCL's exception of this name,
 * which stands for its {@code KinesisClientLibDependencyException} too. The checkpoint may or may
 * not have been made; try again later with the same or a later position.
 */
public final class ThrottlingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ThrottlingException(CheckpointUnavailableException cause) {
    super(cause.getMessage(), cause);
  }
}
