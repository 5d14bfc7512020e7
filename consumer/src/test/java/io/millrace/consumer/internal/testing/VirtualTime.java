package io.millrace.consumer.internal.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * A clock that the test moves. It starts close to the wrap of the nano clock, as a real one may.
 */
public final class VirtualTime implements LongSupplier, InstantSource {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private final long origin = Long.MAX_VALUE - 1_000_000_000L;
  private long elapsed;
  private Duration wallStep = Duration.ZERO;

  @Override
  public synchronized long getAsLong() {
    return origin + elapsed;
  }

  /** Now. */
  public long now() {
    return getAsLong();
  }

  @Override
  public Instant instant() {
    return START.plusNanos(elapsed).plus(wallStep);
  }

  /** The wall clock is set; elapsed time goes on as it did. */
  public void stepWallClock(Duration step) {
    wallStep = wallStep.plus(step);
  }

  /** Moves on. */
  public synchronized void advance(long nanos) {
    elapsed += nanos;
  }

  /** Moves on. */
  public void advance(Duration time) {
    advance(time.toNanos());
  }

  /** Since the start. */
  public Duration elapsed() {
    return Duration.ofNanos(elapsed);
  }
}
