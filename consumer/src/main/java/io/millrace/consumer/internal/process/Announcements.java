package io.millrace.consumer.internal.process;

import io.millrace.consumer.StallReason;
import io.millrace.consumer.handler.SuspectedLoss;
import io.millrace.consumer.internal.backoff.FullJitter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the application must be told before the next record is delivered: one thing at a time, again
 * with backoff until the application's code has returned. Confined to the delivery's lock.
 */
final class Announcements {
  private final FullJitter backoff;
  private final ArrayDeque<SuspectedLoss> waiting = new ArrayDeque<>();
  private boolean telling;
  private long dueNanos;
  private int failures;
  private long firstFailureNanos;
  private String lastError = "";

  Announcements(FullJitter backoff) {
    this.backoff = backoff;
  }

  /** Holds records back until this is told. */
  void add(SuspectedLoss loss, long nowNanos) {
    if (waiting.isEmpty()) {
      dueNanos = nowNanos;
    }
    waiting.add(loss);
  }

  /** Whether nothing holds records back. */
  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Whether user code is being told. */
  boolean isTelling() {
    return telling;
  }

  /** Whether something may be told now. */
  boolean isDue(long nowNanos) {
    return !waiting.isEmpty() && !telling && dueNanos - nowNanos <= 0;
  }

  /** What to tell now; {@link #told} follows. */
  SuspectedLoss take() {
    telling = true;
    return waiting.element();
  }

  /**
   * User code was told.
   *
   * @param error what it threw, or null
   */
  void told(@Nullable Throwable error, long nowNanos) {
    telling = false;
    if (error == null) {
      waiting.poll();
      failures = 0;
      dueNanos = nowNanos;
      return;
    }
    if (failures++ == 0) {
      firstFailureNanos = nowNanos;
    }
    lastError = error.getClass().getName();
    dueNanos = nowNanos + backoff.nanos(failures);
  }

  /** Nothing is told any more. */
  void clear() {
    waiting.clear();
  }

  /** Nanos until something may be told; {@link Long#MAX_VALUE} if nothing waits. */
  long nanosUntilDue(long nowNanos) {
    return waiting.isEmpty() || telling ? Long.MAX_VALUE : Math.max(0, dueNanos - nowNanos);
  }

  /** What an operator sees of failures. */
  Optional<StallReason> stall(long nowNanos) {
    return failures == 0
        ? Optional.empty()
        : Optional.of(
            new StallReason.Retrying(
                failures, lastError, Duration.ofNanos(Math.max(0, nowNanos - firstFailureNanos))));
  }
}
