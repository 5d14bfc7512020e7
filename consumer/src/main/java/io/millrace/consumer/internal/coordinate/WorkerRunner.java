package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.internal.loop.EventLoop;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The one thread of a worker, which alone reads the monotonic clock for it: it ticks the loop, and
 * parks until the next timer or event.
 */
final class WorkerRunner implements Runnable {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final long LONGEST_PARK_NANOS = Duration.ofSeconds(1).toNanos();

  private final WorkerLoop worker;
  private final EventLoop loop;
  private final Runnable afterwards;
  private final Thread thread;
  private volatile boolean parked;
  private volatile long lastTickNanos;

  /**
   * Creates a runner whose thread is not started.
   *
   * @param afterwards runs on the thread when the worker has stopped
   */
  WorkerRunner(WorkerLoop worker, EventLoop loop, Runnable afterwards) {
    this.worker = worker;
    this.loop = loop;
    this.afterwards = afterwards;
    this.thread = new Thread(this, "millrace-worker-" + NUMBER.incrementAndGet());
    thread.setDaemon(true);
    lastTickNanos = System.nanoTime();
    loop.onPost(this::wake);
  }

  void start() {
    thread.start();
  }

  boolean isCurrentThread() {
    return Thread.currentThread() == thread;
  }

  /** How long ago the loop turned. */
  Duration sinceLastTick() {
    return Duration.ofNanos(System.nanoTime() - lastTickNanos);
  }

  private void wake() {
    // The event is in the queue already: either it is seen before parking, or parking is seen here.
    if (parked) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public void run() {
    while (!worker.stopped().isDone()) {
      loop.mark();
      long now = System.nanoTime();
      lastTickNanos = now;
      long nextNanos = worker.tick(now);
      if (nextNanos > 0) {
        parked = true;
        if (!loop.hasEvents()) {
          LockSupport.parkNanos(this, Math.min(nextNanos, LONGEST_PARK_NANOS));
        }
        parked = false;
      }
    }
    afterwards.run();
  }
}
