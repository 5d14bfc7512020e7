package io.millrace.consumer.internal.loop;

import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: a random time up to a ceiling that doubles with each
 * failure ("full jitter"). Confined to the loop.
 */
public final class Backoff {
  private final RandomGenerator random;
  private final long firstNanos;
  private final long greatestNanos;
  private int failures;

  /**
   * Creates a backoff without failures.
   *
   * @param firstNanos the ceiling after the first failure
   * @param greatestNanos the ceiling that no number of failures exceeds
   */
  public Backoff(RandomGenerator random, long firstNanos, long greatestNanos) {
    this.random = random;
    this.firstNanos = firstNanos;
    this.greatestNanos = greatestNanos;
  }

  /** Counts a failure, and says how long to wait. At least an eighth of the ceiling. */
  public long nextNanos() {
    long ceiling = firstNanos;
    for (int i = 0; i < failures && ceiling < greatestNanos; i++) {
      ceiling *= 2;
    }
    failures++;
    ceiling = Math.min(ceiling, greatestNanos);
    return ceiling / 8 + random.nextLong(ceiling - ceiling / 8 + 1);
  }

  /** How many failures there were in a row. */
  public int failures() {
    return failures;
  }

  /** Forgets the failures. */
  public void reset() {
    failures = 0;
  }
}
