package io.millrace.testkit.kinesis.call;

import io.millrace.testkit.kinesis.model.KinesisError;
import java.util.function.Function;

/**
 * What a client gets to see of a call, and when: the verdict of the core with its faults, for
 * whoever carries the answer (the HTTP face, or a simulated network) to act out. Immutable.
 *
 * @param <R> the reply
 */
public sealed interface Delivery<R> {
  /** How long to hold the answer, or the reset, back after the call, in nanoseconds; 0 or more. */
  long delayNanos();

  /** Turns the delivery into a value, by kind. */
  <T> T match(
      Function<? super Answer<R>, ? extends T> answer,
      Function<? super Refusal<R>, ? extends T> refusal,
      Function<? super Silence<R>, ? extends T> silence,
      Function<? super Reset<R>, ? extends T> reset);

  /**
   * The call succeeded and the client is told.
   *
   * @param reply what the operation answers
   */
  record Answer<R>(R reply, long delayNanos) implements Delivery<R> {
    @Override
    public <T> T match(
        Function<? super Answer<R>, ? extends T> answer,
        Function<? super Refusal<R>, ? extends T> refusal,
        Function<? super Silence<R>, ? extends T> silence,
        Function<? super Reset<R>, ? extends T> reset) {
      return answer.apply(this);
    }
  }

  /**
   * The client is told an error; after an injected 500 the call may have had its effect.
   *
   * @param error what the operation answers
   */
  record Refusal<R>(KinesisError error, long delayNanos) implements Delivery<R> {
    @Override
    public <T> T match(
        Function<? super Answer<R>, ? extends T> answer,
        Function<? super Refusal<R>, ? extends T> refusal,
        Function<? super Silence<R>, ? extends T> silence,
        Function<? super Reset<R>, ? extends T> reset) {
      return refusal.apply(this);
    }
  }

  /** The client is never answered, and the connection stays open until the client gives up. */
  record Silence<R>(long delayNanos) implements Delivery<R> {
    @Override
    public <T> T match(
        Function<? super Answer<R>, ? extends T> answer,
        Function<? super Refusal<R>, ? extends T> refusal,
        Function<? super Silence<R>, ? extends T> silence,
        Function<? super Reset<R>, ? extends T> reset) {
      return silence.apply(this);
    }
  }

  /** The connection (HTTP/2: the stream) is reset without an answer. */
  record Reset<R>(long delayNanos) implements Delivery<R> {
    @Override
    public <T> T match(
        Function<? super Answer<R>, ? extends T> answer,
        Function<? super Refusal<R>, ? extends T> refusal,
        Function<? super Silence<R>, ? extends T> silence,
        Function<? super Reset<R>, ? extends T> reset) {
      return reset.apply(this);
    }
  }
}
