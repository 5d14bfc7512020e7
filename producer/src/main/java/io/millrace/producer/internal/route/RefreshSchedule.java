package io.millrace.producer.internal.route;

import io.millrace.producer.internal.send.FullJitter;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * When to read a stream's shards or description again: at once when first wanted, soon after a hint
 * that it changed, periodically, and after a failure with growing waits. Never twice at a time.
 *
 * <p>Confined to the stream's loop.
 */
public final class RefreshSchedule {
  private static final double PERIOD_SPREAD = 0.1;
  private static final long MIN_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final long periodNanos;
  private final long minIntervalNanos;
  private final FullJitter backoff;
  private final RandomGenerator random;

  private boolean running;
  private boolean wantedWhileRunning;
  private boolean scheduled;
  private long dueNanos;
  private long endedNanos;
  private boolean everEnded;
  private int failures;

  /**
   * Describes a schedule.
   *
   * @param periodNanos between two successes without a hint, spread by a tenth so that fleets don't
   *     ask in step
   * @param minIntervalNanos between the end of one and the start of the next
   */
  public RefreshSchedule(
      long periodNanos, long minIntervalNanos, FullJitter backoff, RandomGenerator random) {
    this.periodNanos = periodNanos;
    this.minIntervalNanos = minIntervalNanos;
    this.backoff = backoff;
    this.random = random;
  }

  /** Asks for a refresh as soon as the interval allows. A waiting retry keeps its later time. */
  public void want(long nowNanos) {
    if (running) {
      wantedWhileRunning = true;
      return;
    }
    if (failures > 0 && scheduled) {
      return;
    }
    long earliest = everEnded ? endedNanos + minIntervalNanos : nowNanos;
    long at = earliest - nowNanos > 0 ? earliest : nowNanos;
    if (!scheduled || at - dueNanos < 0) {
      scheduled = true;
      dueNanos = at;
    }
  }

  /** Whether to start one now. */
  public boolean isDue(long nowNanos) {
    return !running && scheduled && dueNanos - nowNanos <= 0;
  }

  /** Whether none is under way and none is scheduled. */
  public boolean isIdle() {
    return !running && !scheduled;
  }

  /** Nanoseconds until one is to be started; {@link Long#MAX_VALUE} if none is scheduled. */
  public long nanosUntilDue(long nowNanos) {
    return running || !scheduled ? Long.MAX_VALUE : Math.max(0, dueNanos - nowNanos);
  }

  /** One was started. */
  public void started() {
    running = true;
    scheduled = false;
    wantedWhileRunning = false;
  }

  /** It succeeded. What was wanted while it ran may be newer than its answer: it is asked again. */
  public void succeeded(long nowNanos) {
    failures = 0;
    ended(nowNanos);
    double spread = 1 - PERIOD_SPREAD * random.nextDouble();
    scheduled = true;
    dueNanos = nowNanos + (wantedWhileRunning ? minIntervalNanos : (long) (periodNanos * spread));
  }

  /** It failed and is to be tried again after a wait. */
  public void failed(long nowNanos) {
    failures++;
    ended(nowNanos);
    scheduled = true;
    dueNanos = nowNanos + MIN_RETRY_NANOS + backoff.nanosAfter(failures);
  }

  /** It failed for good and is not tried again before somebody wants it. */
  public void refused(long nowNanos) {
    failures = 0;
    ended(nowNanos);
    scheduled = false;
  }

  /** Failures since the last success. */
  public int failures() {
    return failures;
  }

  private void ended(long nowNanos) {
    running = false;
    everEnded = true;
    endedNanos = nowNanos;
  }
}
