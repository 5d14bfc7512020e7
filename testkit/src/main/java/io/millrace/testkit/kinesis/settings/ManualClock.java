package io.millrace.testkit.kinesis.settings;

import java.time.Duration;
import java.time.Instant;

/**
 * A clock that stands still until it is moved; for tests. Thread-safe.
 *
 * <pre>{@code
 * ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));
 * clock.advance(Duration.ofMinutes(5));
 * }</pre>
 */
public final class ManualClock implements EndpointClock {
  private Instant wall;
  private long nanos;

  /** Starts at a wall time, with elapsed time 0. */
  public ManualClock(Instant start) {
    this.wall = start;
  }

  /**
   * Moves both times forward.
   *
   * @throws IllegalArgumentException if the duration is negative
   */
  public synchronized void advance(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("duration is " + duration + ": it must be 0 or more");
    }
    wall = wall.plus(duration);
    nanos += duration.toNanos();
  }

  /** Sets the wall time alone, as a correction of the host's clock does; may go back. */
  public synchronized void setWall(Instant instant) {
    wall = instant;
  }

  @Override
  public synchronized Instant instant() {
    return wall;
  }

  @Override
  public synchronized long nanoTime() {
    return nanos;
  }
}
