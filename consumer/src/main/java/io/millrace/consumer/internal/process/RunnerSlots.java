package io.millrace.consumer.internal.process;

import java.time.Duration;

/**
 * How many runners a delivery has, and whether more may start. Confined to the delivery's lock.
 *
 * <p>A runner is counted from the moment it is reserved until it ends; between the two it may queue
 * for a handler thread.
 */
final class RunnerSlots {
  private static final long REJECTED_RETRY_NANOS = Duration.ofMillis(100).toNanos();

  private final int limit;
  private int runners;
  private int queued;
  private long queuedSinceNanos;
  private boolean blocked;
  private long blockedUntilNanos;

  RunnerSlots(int limit) {
    this.limit = limit;
  }

  /** Whether one more runner may start. */
  boolean hasFree(long nowNanos) {
    return runners < limit && !isBlocked(nowNanos);
  }

  /** Counts one in that the caller starts. */
  void reserve(long nowNanos) {
    runners++;
    if (queued++ == 0) {
      queuedSinceNanos = nowNanos;
    }
  }

  /** A reserved one runs. */
  void started() {
    queued--;
  }

  /** One has ended. */
  void ended() {
    runners--;
  }

  /** The executor refused a reserved one: none starts for a while. */
  void rejected(long nowNanos) {
    runners--;
    queued--;
    block(nowNanos + REJECTED_RETRY_NANOS);
  }

  /** No runner starts before a time. */
  void block(long untilNanos) {
    blocked = true;
    blockedUntilNanos = untilNanos;
  }

  private boolean isBlocked(long nowNanos) {
    if (blocked && nowNanos - blockedUntilNanos >= 0) {
      blocked = false;
    }
    return blocked;
  }

  /** Nanos until a block ends; {@link Long#MAX_VALUE} without one. */
  long nanosBlocked(long nowNanos) {
    return isBlocked(nowNanos) ? blockedUntilNanos - nowNanos : Long.MAX_VALUE;
  }

  /** How long reserved runners have waited for a thread; 0 if none does. */
  long nanosQueued(long nowNanos) {
    return queued == 0 ? 0 : nowNanos - queuedSinceNanos;
  }
}
