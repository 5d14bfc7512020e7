package io.millrace.consumer.internal.fetch;

import io.millrace.consumer.internal.backoff.FullJitter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * When a shard is polled next: as fast as the service allows while there is more, at the idle
 * interval at the tip, and slower while the service throttles, as other consumers share the shard's
 * limits. Confined to the worker loop.
 */
final class PollPace {
  private static final double MAX_STRETCH = 16;
  private static final double STRETCH_PER_THROTTLE = 1.5;
  private static final double RELAX_PER_ANSWER = 0.95;

  private final long gapNanos;
  private final double nanosPerByte;
  private final long idleNanos;
  private final FullJitter backoff;

  /** How much slower than allowed, as the shard is shared; learned from throttles. */
  private double stretch = 1;

  private int throttles;
  private int failures;

  PollPace(
      double readsPerSecond, long bytesPerSecond, Duration idleInterval, RandomGenerator random) {
    this.gapNanos = (long) (TimeUnit.SECONDS.toNanos(1) / readsPerSecond);
    this.nanosPerByte = (double) TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
    this.idleNanos = Math.max(gapNanos, idleInterval.toNanos());
    this.backoff = new FullJitter(Duration.ofMillis(200), Duration.ofSeconds(10), random);
  }

  /**
   * The time of the next read after an answer.
   *
   * @param sentNanos when the read was sent
   * @param bytes what it brought
   * @param more whether records are known to be there: behind the tip, or the answer was full
   */
  long afterAnswer(long sentNanos, long bytes, boolean more) {
    throttles = 0;
    failures = 0;
    stretch = Math.max(1, stretch * RELAX_PER_ANSWER);
    double gap = Math.max((double) gapNanos, bytes * nanosPerByte) * stretch;
    return sentNanos + Math.max((long) gap, more ? 0 : idleNanos);
  }

  /**
   * The time of the next read after a throttle: at least the gap, so that what is waited for can
   * refill.
   */
  long afterThrottle(long nowNanos) {
    throttles++;
    stretch = Math.min(MAX_STRETCH, stretch * STRETCH_PER_THROTTLE);
    return nowNanos + gapNanos + backoff.nanos(throttles);
  }

  /** The time of the next request after any other failure. */
  long afterFailure(long nowNanos) {
    failures++;
    return nowNanos + backoff.nanos(failures);
  }

  int throttles() {
    return throttles;
  }

  int failures() {
    return failures;
  }
}
