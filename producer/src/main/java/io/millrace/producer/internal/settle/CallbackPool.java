package io.millrace.producer.internal.settle;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where user code runs: a bounded pool of ours, or the user's executor. Knows whether the current
 * thread is running user code of this producer. If the user's executor rejects work, e.g. because
 * it was shut down first, our own pool takes over: no outcome gets lost.
 *
 * <p>Our threads end when they have been idle for a while, so there is nothing to shut down, and
 * what comes late still runs. At most one task per shard and stream is queued.
 *
 * <p>Thread-safe.
 */
public final class CallbackPool implements Executor {
  private static final Logger LOG = LoggerFactory.getLogger(CallbackPool.class);
  private static final long IDLE_SECONDS = 10;

  private final ThreadLocal<Boolean> inCallback = ThreadLocal.withInitial(() -> false);
  private final @Nullable Executor supplied;
  private final ThreadPoolExecutor own;
  private final AtomicBoolean warned = new AtomicBoolean();

  /**
   * Makes the pool; threads start with the first work.
   *
   * @param supplied the user's executor, or null
   * @param threads of our own at most
   */
  public CallbackPool(@Nullable Executor supplied, int threads, ThreadFactory factory) {
    this.supplied = supplied;
    this.own =
        new ThreadPoolExecutor(
            threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
    own.allowCoreThreadTimeOut(true);
  }

  /** Whether the current thread runs user code of this producer. */
  public boolean isInCallback() {
    return inCallback.get();
  }

  @Override
  public void execute(Runnable task) {
    Runnable marked = () -> runMarked(task);
    if (supplied != null) {
      try {
        supplied.execute(marked);
        return;
      } catch (RejectedExecutionException e) {
        if (warned.compareAndSet(false, true)) {
          LOG.warn(
              "the callback executor rejects work; outcomes go to threads of the producer's own",
              e);
        }
      }
    }
    own.execute(marked);
  }

  private void runMarked(Runnable task) {
    inCallback.set(true);
    try {
      task.run();
    } finally {
      inCallback.remove();
    }
  }
}
