package io.millrace.consumer.internal.member;

import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Until when an owner may deliver and checkpoint. It stops before anybody else may start.
 *
 * <p>It is judged on the monotonic clock. Where a suspended machine's monotonic clock stood still,
 * the wall clock shows it: when the two are over a second apart since the last heartbeat, the fence
 * is down until the next heartbeat lands. A wall clock that is set does the same, for at most one
 * heartbeat interval; set back, it could hide a suspension otherwise.
 *
 * <p>Thread-safe: the loop writes, handler threads read.
 */
public final class SelfFence {
  private static final long SUSPENSION_MILLIS = 1_000;

  private final FailoverTiming timing;
  private final long validityNanos;
  private final InstantSource wallClock;
  private volatile @Nullable Stamp stamp;

  /** Creates a fence that is down. */
  public SelfFence(FailoverTiming timing, InstantSource wallClock) {
    this.timing = timing;
    this.validityNanos = timing.validityNanos();
    this.wallClock = wallClock;
  }

  /** A fence of the same times that is down. */
  public SelfFence another() {
    return new SelfFence(timing, wallClock);
  }

  /** The time of a sending, to be given back to {@link #landed} when that has landed. */
  public Stamp sending(long nowNanos) {
    return new Stamp(nowNanos, wallClock.millis());
  }

  /** A heartbeat has landed whose first attempt was sent at {@code sent}. */
  public void landed(Stamp sent) {
    Stamp last = stamp;
    if (last == null || sent.nanos() - last.nanos() > 0) {
      stamp = sent;
    }
  }

  /** Puts the fence down until the next heartbeat lands. */
  public void lower() {
    stamp = null;
  }

  /** Whether the fence is down until a heartbeat lands, whatever the time is. From any thread. */
  public boolean isLowered() {
    return stamp == null;
  }

  /** Whether records may be delivered and checkpoints written now. From any thread; cheap. */
  public boolean isUp(long nowNanos) {
    Stamp last = stamp;
    return last != null && isWithin(last, validityNanos, nowNanos);
  }

  /**
   * Whether less than {@code nanos} have passed since {@code since}, with no suspension of the
   * machine between. From any thread.
   */
  public boolean isWithin(Stamp since, long nanos, long nowNanos) {
    long elapsedNanos = nowNanos - since.nanos();
    long apartMillis = wallClock.millis() - since.wallMillis() - elapsedNanos / 1_000_000;
    return elapsedNanos < nanos && Math.abs(apartMillis) <= SUSPENSION_MILLIS;
  }

  /** Nanos until the fence is down if nothing lands, at least 0. */
  public long remainingNanos(long nowNanos) {
    Stamp last = stamp;
    return last == null ? 0 : Math.max(0, last.nanos() + validityNanos - nowNanos);
  }

  /** For how long the fence has been down by time alone; 0 if it is up, or was lowered. */
  public long downNanos(long nowNanos) {
    Stamp last = stamp;
    return last == null ? 0 : Math.max(0, nowNanos - last.nanos() - validityNanos);
  }

  /**
   * When something was sent.
   *
   * @param nanos on the monotonic clock
   * @param wallMillis on the wall clock
   */
  public record Stamp(long nanos, long wallMillis) {}
}
