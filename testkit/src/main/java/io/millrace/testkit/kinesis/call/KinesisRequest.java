package io.millrace.testkit.kinesis.call;

import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.StreamRef;

/**
 * A request to Kinesis; immutable.
 *
 * @param <R> the reply
 */
public sealed interface KinesisRequest<R>
    permits AttributeCall, ConsumerCall, RecordCall, ShardCall, StreamCall {
  /** Which operation it asks for. */
  Operation operation();

  /** The stream as the request names it; NONE where it names none or only a consumer. */
  StreamRef stream();

  /**
   * Makes the call.
   *
   * @throws KinesisError where the service refuses it
   */
  R applyTo(KinesisOperations operations);
}
