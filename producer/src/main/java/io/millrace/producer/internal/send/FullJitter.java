package io.millrace.producer.internal.send;

import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with full jitter: before attempt n + 1 a wait that is uniform between zero
 * and the ceiling, which doubles from attempt to attempt up to a cap. Clients that failed together
 * come back spread out.
 *
 * <p>Deliberate: resilience4j's own random intervals draw from {@code Math.random()}, can't be
 * seeded, and keep half of the interval fixed; see docs/decisions/producer-retries.md.
 *
 * <p>As thread-safe as its generator.
 */
public final class FullJitter implements IntervalFunction {
  private static final int MAX_DOUBLINGS = 30;

  private final long firstNanos;
  private final long capNanos;
  private final RandomGenerator random;

  /**
   * Describes a backoff.
   *
   * @param first the ceiling after the first failure
   * @param cap the highest ceiling
   */
  public FullJitter(Duration first, Duration cap, RandomGenerator random) {
    this.firstNanos = first.toNanos();
    this.capNanos = cap.toNanos();
    this.random = random;
  }

  /** The wait in milliseconds after so many failures in a row. */
  @Override
  public Long apply(Integer failures) {
    return TimeUnit.NANOSECONDS.toMillis(nanosAfter(failures));
  }

  /** The wait in nanoseconds after so many failures in a row, from 1. */
  public long nanosAfter(int failures) {
    int doublings = Math.min(Math.max(failures, 1) - 1, MAX_DOUBLINGS);
    long ceiling = firstNanos > capNanos >> doublings ? capNanos : firstNanos << doublings;
    return random.nextLong(ceiling + 1);
  }
}
