package io.millrace.consumer.internal.process;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.internal.backoff.FullJitter;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The circuit breaker of a whole worker: opened by an exception of {@code pauseOn}, it lets one
 * call through after a backoff, and all of them after that one succeeds. Always open for business
 * where the policy names no exception.
 *
 * <p>Thread-safe.
 */
public final class PauseGate {
  private static final long PROBE_UNDER_WAY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final boolean enabled;
  private final LongSupplier nanoClock;
  private final CircuitBreaker breaker;
  private volatile long pausedSinceNanos;
  private volatile long probeNanos;
  private volatile String cause = "";

  /**
   * Creates the gate of a worker.
   *
   * @param random used under a lock of the gate's own
   */
  public PauseGate(FailurePolicy policy, LongSupplier nanoClock, RandomGenerator random) {
    this.enabled = !policy.pauseOn().isEmpty();
    this.nanoClock = nanoClock;
    FullJitter backoff = new FullJitter(policy.minBackoff(), policy.maxBackoff(), random);
    long minNanos = policy.minBackoff().toNanos();
    IntervalFunction wait =
        attempt -> {
          long nanos = Math.max(minNanos, nextBackoff(backoff, attempt));
          probeNanos = nanoClock.getAsLong() + nanos;
          return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
        };
    this.breaker =
        CircuitBreaker.of(
            "pauseOn",
            CircuitBreakerConfig.custom()
                .slidingWindow(1, 1, CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .failureRateThreshold(100)
                .permittedNumberOfCallsInHalfOpenState(1)
                .waitIntervalFunctionInOpenState(wait)
                .clock(new MonotonicClock(nanoClock))
                .build());
  }

  private static long nextBackoff(FullJitter backoff, int attempt) {
    synchronized (backoff) {
      return backoff.nanos(attempt);
    }
  }

  /** Asks to make a call; each granted one is followed by one of the three reports below. */
  boolean tryEnter() {
    return !enabled || breaker.tryAcquirePermission();
  }

  /** The call succeeded, or failed for another reason. */
  void passed() {
    if (enabled) {
      breaker.onSuccess(0, TimeUnit.NANOSECONDS);
    }
  }

  /** The call failed with an exception of {@code pauseOn}. */
  void failed(Throwable error) {
    if (enabled) {
      if (breaker.getState() == CircuitBreaker.State.CLOSED) {
        pausedSinceNanos = nanoClock.getAsLong();
      }
      cause = error.getClass().getName();
      breaker.onError(0, TimeUnit.NANOSECONDS, error);
    }
  }

  /** Nobody knows what became of the call. */
  void abandoned() {
    if (enabled) {
      breaker.releasePermission();
    }
  }

  /** Whether calls are held back, but for a probe. */
  public boolean isPaused() {
    return enabled && breaker.getState() != CircuitBreaker.State.CLOSED;
  }

  /**
   * Nanos until it is worth to ask again: when the next probe is due, or a moment while one is
   * under way.
   */
  long nanosUntilProbe(long nowNanos) {
    return Math.max(PROBE_UNDER_WAY_NANOS, probeNanos - nowNanos);
  }

  long pausedSinceNanos() {
    return pausedSinceNanos;
  }

  /** The class of the last error. */
  String cause() {
    return cause;
  }

  /** A clock for the breaker that only moves forward, and moves as the nano clock does. */
  private static final class MonotonicClock extends Clock {
    private final LongSupplier nanoClock;
    private final long originNanos;

    MonotonicClock(LongSupplier nanoClock) {
      this.nanoClock = nanoClock;
      this.originNanos = nanoClock.getAsLong();
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return Instant.EPOCH.plusNanos(nanoClock.getAsLong() - originNanos);
    }
  }
}
