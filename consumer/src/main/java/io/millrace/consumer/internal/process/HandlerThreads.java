package io.millrace.consumer.internal.process;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The pool on which user code runs unless the application brings an executor. */
public final class HandlerThreads {
  private HandlerThreads() {}

  /**
   * The default size: {@code max(8, 2 x cores)}, and room for all the calls of one shard.
   *
   * @param parallelism calls at a time per shard
   */
  public static int defaultSize(int cores, int parallelism) {
    return Math.max(parallelism, Math.max(8, 2 * cores));
  }

  /**
   * Makes a pool of daemon threads that come when they are needed and go after a minute without
   * work. Its queue needs no bound: a shard never has more tasks in it than calls it may make.
   */
  public static ExecutorService pool(int size) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            size,
            size,
            1,
            TimeUnit.MINUTES,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "millrace-handler-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }
}
