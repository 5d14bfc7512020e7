package io.millrace.benchmarks.fleet;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The machine's clock, which all processes of a benchmark share, and waiting on it. */
final class Clock {
  private static final long LOOK_MILLIS = 20;

  private Clock() {}

  static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  static double secondsBetween(long fromMicros, long toMicros) {
    return (toMicros - fromMicros) / 1e6;
  }

  /**
   * Waits until something is so.
   *
   * @throws IllegalStateException if it is not within the limit
   */
  static void await(String what, Duration limit, BooleanSupplier condition)
      throws InterruptedException {
    if (!isSoWithin(limit, condition)) {
      throw new IllegalStateException("not within " + limit.toSeconds() + " s: " + what);
    }
  }

  /** Waits until something is so, or the limit is over; returns whether it is. */
  static boolean isSoWithin(Duration limit, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
    return true;
  }
}
