package io.millrace.consumer.internal.process;

import io.millrace.consumer.failure.FailedRecord;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.internal.backoff.FullJitter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What to do about a part that failed, by the failure policy. Confined to the delivery's lock. */
final class FailureDecisions {
  private static final int MAX_CAUSES = 16;

  private final FailurePolicy policy;
  private final FullJitter backoff;

  FailureDecisions(FailurePolicy policy, RandomGenerator random) {
    this.policy = policy;
    this.backoff = new FullJitter(policy.minBackoff(), policy.maxBackoff(), random);
  }

  /** What to do. */
  sealed interface Decision {
    /**
     * Deliver the part again.
     *
     * @param delayNanos not before this time is over
     */
    record Retry(long delayNanos) implements Decision {}

    /**
     * Split the part and deliver the halves.
     *
     * @param delayNanos not before this time is over
     */
    record Halve(long delayNanos) implements Decision {}

    /**
     * Something that the application depends on is down: wait for a probe; the failure does not
     * count.
     */
    record Pause() implements Decision {}

    /**
     * Give the part's records to the destination.
     *
     * @param reason why
     */
    record GiveUp(FailedRecord.Reason reason) implements Decision {}

    /**
     * Stop the shard.
     *
     * @param reason why; no record content
     */
    record Park(String reason) implements Decision {}
  }

  /**
   * Decides.
   *
   * @param work its current part has failed, and the failure is not counted yet
   * @param error what user code threw, or null if it named the part's records as failed
   * @param now wall time
   */
  Decision decide(Work work, @Nullable Throwable error, Instant now) {
    if (matches(policy.fatal(), error)) {
      return new Decision.Park("fatal error " + nameOf(error));
    }
    if (matches(policy.pauseOn(), error)) {
      return new Decision.Pause();
    }
    if (policy.bisectBatchOnError() && error != null && work.isBatch() && work.partSize() > 1) {
      return new Decision.Halve(backoff.nanos(1));
    }
    if (policy.maximumRetryAttempts() >= 0
        && work.countedFailures >= policy.maximumRetryAttempts()) {
      return giveUp(FailedRecord.Reason.ATTEMPTS_EXHAUSTED, error);
    }
    boolean tooOld =
        policy
            .maximumRecordAge()
            .map(limit -> Duration.between(newestArrival(work), now).compareTo(limit) > 0)
            .orElse(false);
    return tooOld
        ? giveUp(FailedRecord.Reason.TOO_OLD, error)
        : new Decision.Retry(backoff.nanos(work.countedFailures + 1));
  }

  /** A batch is too old when all of its records are. */
  private static Instant newestArrival(Work work) {
    List<DeliveredRecord> part = work.part();
    return part.get(part.size() - 1).arrival();
  }

  /** How long to wait before the destination is asked again. */
  long destinationDelayNanos(int failures) {
    return backoff.nanos(failures);
  }

  private Decision giveUp(FailedRecord.Reason reason, @Nullable Throwable error) {
    return policy.onFailure().isPresent()
        ? new Decision.GiveUp(reason)
        : new Decision.Park(reason + " and no on-failure destination, last error " + nameOf(error));
  }

  static String nameOf(@Nullable Throwable error) {
    return error == null ? "reported by position" : error.getClass().getName();
  }

  private static boolean matches(
      List<Class<? extends Throwable>> classes, @Nullable Throwable error) {
    Throwable cause = error;
    for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
      for (Class<? extends Throwable> type : classes) {
        if (type.isInstance(cause)) {
          return true;
        }
      }
      cause = cause.getCause();
    }
    return false;
  }
}
