package io.millrace.producer;

import org.jspecify.annotations.Nullable;

/**
 * Sees each record before it is buffered and each outcome, e.g. to add a trace header.
 *
 * <p>Interceptors run in the order in which they were added, for both calls. A record that {@code
 * put} refuses with an exception, and one that {@code tryPut} has no room for, has no outcome:
 * {@link #afterResult} is not called for it.
 *
 * <p>Called from many threads at once; must be thread-safe and quick.
 */
public interface ProducerInterceptor {
  /**
   * Called on the putting thread before the record is buffered. An exception leaves {@code put} and
   * the record is not accepted.
   *
   * @param stream name or ARN as given to {@code put}
   * @param record as the caller or the interceptor before made it
   * @return the record to put: the same or another
   */
  default UserRecord beforePut(String stream, UserRecord record) {
    return record;
  }

  /**
   * Called on a callback thread just before the future or callback completes; exactly one of result
   * and failure is non-null. An exception is logged and changes nothing.
   *
   * @param stream name or ARN as given to {@code put}
   * @param result where the record was stored
   * @param failure why it was not
   */
  default void afterResult(
      String stream, @Nullable PutResult result, @Nullable PutFailedException failure) {}
}
