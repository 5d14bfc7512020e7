package io.millrace.consumer.internal.member;

import java.time.Duration;

/**
 * The times that follow from the failover time F. {@code docs/lease-protocol.md} has the
 * arithmetic.
 *
 * <p>Immutable.
 *
 * @param failoverNanos F: a worker whose heartbeat does not move for so long, on the clock of one
 *     observer, may be fenced
 */
public record FailoverTiming(long failoverNanos) {
  /** How far the clocks of two hosts may drift apart, as a share of the time that passes. */
  private static final double DRIFT = 0.01;

  private static final long GUARD_NANOS = Duration.ofMillis(500).toNanos();

  /** The times of a failover time. */
  public static FailoverTiming of(Duration failoverTime) {
    return new FailoverTiming(failoverTime.toNanos());
  }

  /** F as a duration. */
  public Duration failoverTime() {
    return Duration.ofNanos(failoverNanos);
  }

  /** Between two heartbeats of a worker: 0.3 F, so that three chances come before the end. */
  public long heartbeatNanos() {
    return failoverNanos * 3 / 10;
  }

  /** Between two renewals of a lease: 0.41 F; a checkpoint counts as one. */
  public long renewalNanos() {
    return failoverNanos * 41 / 100;
  }

  /** F and a little more: two looks so far apart show what has not moved for F. */
  public long justOverFailoverNanos() {
    return failoverNanos * 102 / 100;
  }

  /** How long one request to the lease store may take: F / 5. */
  public long attemptNanos() {
    return failoverNanos / 5;
  }

  /**
   * How long after the sending of a heartbeat that landed a worker may deliver: F (1 - 2 rho) less
   * half a second. An observer starts to count after the sending, and counts to F on a clock that
   * may be faster by 2 rho; the half second is for whoever reads the clock and then acts.
   */
  public long validityNanos() {
    return (long) (failoverNanos * (1 - 2 * DRIFT)) - GUARD_NANOS;
  }
}
