package io.millrace.consumer.internal.backoff;

import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with full jitter: after failure n a time spread evenly between 0 and {@code
 * min * 2^(n-1)}, at most {@code max}. Spreading over the whole range drains a crowd of clients
 * that failed together fastest.
 *
 * <p>As thread-safe as its random generator.
 */
public final class FullJitter implements IntervalFunction {
  private final long minNanos;
  private final long maxNanos;
  private final RandomGenerator random;

  /** Creates a backoff between {@code min} (the first range) and {@code max} (the last). */
  public FullJitter(Duration min, Duration max, RandomGenerator random) {
    this.minNanos = min.toNanos();
    this.maxNanos = max.toNanos();
    this.random = random;
    if (minNanos <= 0 || maxNanos < minNanos) {
      throw new IllegalArgumentException(
          "backoff min " + min + ", max " + max + ": must hold 0 < min <= max");
    }
  }

  /**
   * The time to wait.
   *
   * @param failures how often it failed in a row; 1 or more
   */
  public long nanos(int failures) {
    return random.nextLong(ceilingNanos(failures) + 1);
  }

  /** The longest time that {@link #nanos} may return. */
  public long ceilingNanos(int failures) {
    int doublings = Math.max(0, failures - 1);
    if (doublings >= Long.numberOfLeadingZeros(minNanos) - 1) {
      return maxNanos;
    }
    return Math.min(maxNanos, minNanos << doublings);
  }

  /** The same in whole milliseconds and at least one, as resilience4j asks for it. */
  @Override
  public Long apply(Integer failures) {
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos(failures)));
  }
}
