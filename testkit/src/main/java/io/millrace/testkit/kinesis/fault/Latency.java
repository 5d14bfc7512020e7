package io.millrace.testkit.kinesis.fault;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** A distribution of delays. Implementations are immutable: all chance comes from the generator. */
@FunctionalInterface
public interface Latency {
  /** Draws a delay in nanoseconds, 0 or more. */
  long nextNanos(RandomGenerator random);

  /** Always the same delay. */
  static Latency constant(Duration delay) {
    long nanos = requirePositive("delay", delay);
    return random -> nanos;
  }

  /** Any delay between two bounds, equally likely. */
  static Latency uniform(Duration min, Duration max) {
    long low = requirePositive("min", min);
    long high = requirePositive("max", max);
    if (high < low) {
      throw new IllegalArgumentException("max is " + max + ": it must be at least min, " + min);
    }
    return random -> low + random.nextLong(high - low + 1);
  }

  /**
   * Mostly short delays with a long tail, as networks have them: log-normal.
   *
   * @param median half of the delays are shorter
   * @param p99 one in a hundred is longer; above the median
   */
  static Latency longTailed(Duration median, Duration p99) {
    double middle = requirePositive("median", median);
    double high = requirePositive("p99", p99);
    if (middle == 0 || high <= middle) {
      throw new IllegalArgumentException(
          "median is " + median + " and p99 is " + p99 + ": 0 < median < p99 must hold");
    }
    // 2.3263 standard deviations above the mean lies one percent of the normal distribution.
    double sigma = Math.log(high / middle) / 2.3263;
    return random -> (long) (middle * Math.exp(sigma * random.nextGaussian()));
  }

  private static long requirePositive(String name, Duration value) {
    if (value.isNegative() || value.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(name + " is " + value + ": it must be from 0 to 1 day");
    }
    return value.toNanos();
  }
}
