package io.millrace.consumer.internal.fetch;

/**
 * What a request to Kinesis brought. Stages of the ports complete normally with one of the two; an
 * exceptional completion is a defect.
 *
 * @param <T> the type of an answer
 */
public sealed interface Reply<T> {
  /**
   * An answer.
   *
   * @param value the answer
   */
  record Ok<T>(T value) implements Reply<T> {}

  /**
   * No answer.
   *
   * @param fault why
   */
  record Failed<T>(KinesisFault fault) implements Reply<T> {}
}
