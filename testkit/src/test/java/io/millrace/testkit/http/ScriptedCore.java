package io.millrace.testkit.http;

import io.millrace.testkit.kinesis.call.CallHandler;
import io.millrace.testkit.kinesis.call.Delivery;
import io.millrace.testkit.kinesis.call.KinesisRequest;
import io.millrace.testkit.kinesis.model.KinesisError;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/** A core that says what the test wants, and keeps what it was asked. */
final class ScriptedCore implements CallHandler {
  private final Queue<KinesisRequest<?>> requests = new ConcurrentLinkedQueue<>();
  private volatile Function<KinesisRequest<?>, Delivery<?>> script =
      request -> {
        throw new AssertionError("no script for " + request.operation());
      };

  /** Answers every request to come with the reply. */
  void answers(Object reply) {
    script = request -> new Delivery.Answer<>(reply, 0);
  }

  /** Answers every request to come with the error. */
  void refuses(KinesisError error) {
    script = request -> new Delivery.Refusal<>(error, 0);
  }

  void delivers(Delivery<?> delivery) {
    script = request -> delivery;
  }

  void does(Function<KinesisRequest<?>, Delivery<?>> action) {
    script = action;
  }

  /** The oldest request not yet taken, of the expected type. */
  <Q> Q took(Class<Q> type) {
    return type.cast(requests.remove());
  }

  @Override
  @SuppressWarnings("unchecked")
  public <R> Delivery<R> handle(KinesisRequest<R> request) {
    requests.add(request);
    return (Delivery<R>) script.apply(request);
  }
}
