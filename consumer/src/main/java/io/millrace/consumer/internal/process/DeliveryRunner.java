package io.millrace.consumer.internal.process;

import io.millrace.consumer.handler.SuspectedLoss;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task on a handler thread that works for one shard until its time slice is over or nothing is
 * left to do.
 */
final class DeliveryRunner implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(DeliveryRunner.class);
  private static final long SLICE_NANOS = Duration.ofMillis(Delivery.SLICE_MILLIS).toNanos();

  private final Delivery delivery;
  private final HandlerContext context;
  private final HandlerRuntime runtime;
  private long sliceEndNanos;
  private @Nullable Work current;

  /** Compared only with the thread that reads it: a stale value is never that one. */
  private volatile @Nullable Thread submitter;

  DeliveryRunner(Delivery delivery, HandlerContext context, HandlerRuntime runtime) {
    this.delivery = delivery;
    this.context = context;
    this.runtime = runtime;
  }

  /** Hands itself to the executor. */
  void submit(Executor executor) {
    submitter = Thread.currentThread();
    executor.execute(this);
    submitter = null;
  }

  /**
   * Refuses to run inside {@link #submit}, as with an executor of the caller-runs kind: that would
   * be user code on the worker loop, or a recursion without end on a handler thread.
   */
  @Override
  public void run() {
    if (submitter == Thread.currentThread()) {
      log.warn("the handler executor runs tasks on the thread that submits them: it must not");
      delivery.runnerRefused();
      return;
    }
    Map<String, String> before = context.enter();
    try {
      delivery.runnerStarted();
      sliceEndNanos = now() + SLICE_NANOS;
      Turn turn = delivery.next(now(), false);
      while (!(turn instanceof Turn.End)) {
        if (turn instanceof Turn.Call call) {
          current = call.work();
          work(current);
          current = null;
        } else if (turn instanceof Turn.Tell tell) {
          tell(tell.loss());
        } else {
          delivery.open();
        }
        long now = now();
        turn = delivery.next(now, now - sliceEndNanos >= 0);
      }
    } catch (Throwable defect) {
      delivery.runnerFailed(defect, current);
    } finally {
      context.leave(before);
    }
  }

  private long now() {
    return runtime.nanoClock().getAsLong();
  }

  private void tell(SuspectedLoss loss) {
    Throwable error = null;
    try {
      runtime.losses().lossSuspected(loss);
    } catch (Throwable e) {
      // Errors too: whatever the application throws means that it was not told.
      error = e;
    }
    delivery.told(error, now());
  }

  /** Calls user code with one part after the other, as long as they succeed and the slice lasts. */
  private void work(Work work) {
    boolean goOn = true;
    while (goOn) {
      CallResult result = null;
      Throwable error = null;
      try {
        result = delivery.call(work);
      } catch (Throwable e) {
        // Errors too: user code that runs out of memory on one record must not lose it.
        error = e;
      }
      if (result instanceof CallResult.Pending pending) {
        await(work, pending);
        return;
      }
      boolean well = error == null && result == CallResult.DONE;
      if (well && delivery.runsOnAtOnce(work)) {
        continue;
      }
      long now = now();
      boolean sliceOver = now - sliceEndNanos >= 0;
      if (!well || sliceOver || !delivery.runsOn(work, now)) {
        goOn = delivery.ended(work, result, error, sliceOver, now);
      }
    }
  }

  private void await(Work work, CallResult.Pending pending) {
    long callId = delivery.detach(work);
    try {
      pending
          .stage()
          .whenComplete(
              (result, error) -> delivery.endedLater(work, callId, result, causeOf(error)));
    } catch (Throwable e) {
      // A stage of the application's own making that refuses to be observed.
      delivery.endedLater(work, callId, null, e);
    }
  }

  private static @Nullable Throwable causeOf(@Nullable Throwable error) {
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }
}
