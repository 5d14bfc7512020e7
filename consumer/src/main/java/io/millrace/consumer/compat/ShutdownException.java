package io.millrace.consumer.compat;

import io.millrace.consumer.handler.LeaseLostException;

/**
 * This worker no longer owns the shard: the KCL's exception of this name, but unchecked. Stop
 * processing the shard; never retry.
 */
public final class ShutdownException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ShutdownException(LeaseLostException cause) {
    super(cause.getMessage(), cause);
  }
}
