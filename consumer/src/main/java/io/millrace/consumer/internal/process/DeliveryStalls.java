package io.millrace.consumer.internal.process;

import io.millrace.consumer.StallReason;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Finds the reason for which a delivery's records don't move: the one an operator should look at
 * first.
 */
final class DeliveryStalls {
  /** Calls and queues shorter than this are ordinary. */
  private static final long BUSY_NANOS = Duration.ofSeconds(1).toNanos();

  private static final long NO_THREAD_NANOS = Duration.ofMillis(100).toNanos();

  private DeliveryStalls() {}

  /**
   * Finds the reason.
   *
   * @param handsOut whether records are to be delivered at all
   * @param waiting work that waits, for whatever
   * @param running work in a call
   * @param fencedNanos how long delivery is not allowed; negative if it is
   * @param queuedNanos how long a runner waits for a thread
   */
  static Optional<StallReason> find(
      boolean handsOut,
      Collection<Work> waiting,
      Collection<Work> running,
      PauseGate gate,
      long fencedNanos,
      long queuedNanos,
      long nowNanos) {
    Optional<StallReason> busy = busy(running, nowNanos);
    if (!handsOut) {
      return busy;
    }
    if (gate.isPaused()) {
      return Optional.of(
          new StallReason.Paused(gate.cause(), nanos(nowNanos - gate.pausedSinceNanos())));
    }
    if (fencedNanos >= 0) {
      return Optional.of(new StallReason.Fenced(nanos(fencedNanos)));
    }
    Optional<StallReason> failing =
        waiting.stream()
            .filter(work -> work.failures > 0)
            .max(Comparator.comparingLong(work -> nowNanos - work.firstFailureNanos))
            .map(work -> retrying(work, nowNanos));
    if (failing.isPresent()) {
      return failing;
    }
    return busy.isEmpty() && queuedNanos >= NO_THREAD_NANOS
        ? Optional.of(new StallReason.WaitingForThread(nanos(queuedNanos)))
        : busy;
  }

  private static StallReason retrying(Work work, long nowNanos) {
    Duration lasts = nanos(nowNanos - work.firstFailureNanos);
    return work.givenUp == null
        ? new StallReason.Retrying(work.failures, FailureDecisions.nameOf(work.lastError), lasts)
        : new StallReason.DestinationFailing(
            work.destinationFailures, FailureDecisions.nameOf(rootOf(work)), lasts);
  }

  /** A stage wraps what failed it. */
  private static @Nullable Throwable rootOf(Work work) {
    Throwable error = work.destinationError;
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }

  private static Optional<StallReason> busy(Collection<Work> running, long nowNanos) {
    return longestCall(running, nowNanos)
        .filter(longest -> longest.toNanos() >= BUSY_NANOS)
        .map(longest -> new StallReason.HandlerBusy("handle", longest));
  }

  /** The age of the oldest of some calls. */
  static Optional<Duration> longestCall(Collection<Work> running, long nowNanos) {
    return running.stream()
        .map(work -> nanos(nowNanos - work.callStartNanos))
        .max(Comparator.naturalOrder());
  }

  private static Duration nanos(long nanos) {
    return Duration.ofNanos(Math.max(0, nanos));
  }
}
