package io.millrace.producer.internal.loop;

import io.millrace.producer.StreamProducer;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that ticks a producer's loop: the only place in the producer that reads a clock. Parks
 * until the loop's next duty is due or somebody wakes it. Thread-safe.
 */
final class Runner implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamProducer.class);

  private static final int TICKING = 0;
  private static final int PARKED = 1;
  private static final int WOKEN = 2;

  private final ProducerLoop loop;
  private final AtomicInteger state = new AtomicInteger(TICKING);
  private final Thread thread;

  Runner(ProducerLoop loop, ThreadFactory factory) {
    this.loop = loop;
    this.thread = factory.newThread(this);
  }

  void start() {
    thread.start();
  }

  /** Makes the loop tick soon. Cheap while it ticks anyway. */
  void wake() {
    if (state.get() != WOKEN && state.getAndSet(WOKEN) == PARKED) {
      LockSupport.unpark(thread);
    }
  }

  /**
   * Nobody but us knows this thread, yet some containers interrupt all threads of an application.
   * With the flag set no park would last, and the loop would spin.
   */
  private static void clearInterrupt() {
    if (Thread.interrupted()) {
      LOG.warn("the producer's thread was interrupted; it goes on: close the producer to end it");
    }
  }

  @Override
  public void run() {
    try {
      while (!loop.isFinished()) {
        // Whoever wakes from here on is seen below; whatever was posted before is seen by the tick.
        state.set(TICKING);
        long idleNanos = loop.tick(System.nanoTime());
        if (idleNanos > 0 && !loop.isFinished() && state.compareAndSet(TICKING, PARKED)) {
          LockSupport.parkNanos(this, idleNanos);
          clearInterrupt();
        }
      }
    } catch (RuntimeException | Error e) {
      loop.broken(e);
    }
  }
}
