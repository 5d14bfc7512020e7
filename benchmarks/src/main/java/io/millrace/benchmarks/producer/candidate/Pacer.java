package io.millrace.benchmarks.producer.candidate;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells one thread when to put the next record: evenly spread, and without a pause when it is late,
 * so that a candidate that makes its caller wait can't lower the rate. Used by one thread.
 */
final class Pacer {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final int perSecond;
  private final long startNanos = System.nanoTime();
  private long next;

  /**
   * Starts now.
   *
   * @param perSecond 0 for no pace at all
   */
  Pacer(int perSecond) {
    this.perSecond = perSecond;
  }

  /** Returns when the next record's time has come. */
  void await() {
    if (perSecond == 0) {
      return;
    }
    long due = startNanos + (long) (next * (double) SECOND / perSecond);
    next++;
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
