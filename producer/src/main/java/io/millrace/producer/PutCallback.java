package io.millrace.producer;

import org.jspecify.annotations.Nullable;

/**
 * Receives the outcome of one put. The cheaper alternative to a future where many records are put.
 *
 * <p>Called exactly once, on a callback thread, in settlement order per shard. An exception it
 * throws is logged and changes nothing.
 */
@FunctionalInterface
public interface PutCallback {
  /**
   * Exactly one argument is non-null.
   *
   * @param result where the record was stored
   * @param failure why it was not
   */
  void settled(@Nullable PutResult result, @Nullable PutFailedException failure);
}
