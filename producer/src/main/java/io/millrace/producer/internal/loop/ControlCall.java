package io.millrace.producer.internal.loop;

import io.millrace.producer.internal.send.KinesisCallException;
import io.millrace.producer.internal.send.ServiceFailure;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One call of the control plane under way, with a time limit: at most one per kind and stream.
 *
 * <p>Confined to the stream's loop; the answer comes through its inbox.
 */
final class ControlCall<T> {
  private final Inbox inbox;
  private final long timeoutNanos;
  private final Handler<T> handler;
  private @Nullable CompletableFuture<T> call;
  private long startedNanos;

  /** Gets the answer on the loop; exactly one of value and failure is there. */
  interface Handler<T> {
    void ended(@Nullable T value, @Nullable ServiceFailure failure, long nowNanos);
  }

  ControlCall(Inbox inbox, long timeoutNanos, Handler<T> handler) {
    this.inbox = inbox;
    this.timeoutNanos = timeoutNanos;
    this.handler = handler;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the dependent stage only posts, which never fails
  void start(CompletableFuture<T> started, long nowNanos) {
    call = started;
    startedNanos = nowNanos;
    started.whenComplete(
        (value, failure) -> inbox.post(now -> ended(started, value, failure, now)));
  }

  private void ended(
      CompletableFuture<T> ended, @Nullable T value, @Nullable Throwable failure, long nowNanos) {
    if (call != ended) {
      // It was given up before.
      return;
    }
    call = null;
    handler.ended(
        value, failure == null ? null : KinesisCallException.failureOf(failure), nowNanos);
  }

  /** Gives the call up if it takes too long. */
  void tick(long nowNanos) {
    CompletableFuture<T> late = call;
    if (late != null && nowNanos - startedNanos >= timeoutNanos) {
      call = null;
      late.cancel(true);
      handler.ended(
          null,
          ServiceFailure.of(Kind.UNKNOWN, "Timeout", "no answer within requestTimeout", null),
          nowNanos);
    }
  }

  /** Gives the call up; nobody hears of it any more. */
  void cancel() {
    CompletableFuture<T> open = call;
    if (open != null) {
      call = null;
      open.cancel(true);
    }
  }

  /** Nanoseconds until it takes too long; {@link Long#MAX_VALUE} if none is under way. */
  long nanosUntilTimeout(long nowNanos) {
    return call == null ? Long.MAX_VALUE : Math.max(0, startedNanos + timeoutNanos - nowNanos);
  }
}
