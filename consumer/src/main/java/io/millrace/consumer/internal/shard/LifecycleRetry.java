package io.millrace.consumer.internal.shard;

import io.millrace.consumer.StallReason;
import io.millrace.consumer.internal.backoff.FullJitter;
import io.millrace.consumer.internal.shard.ShardMachine.Effect;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats a step of an ownership that has failed - initializing, or ending the shard - with
 * backoff, for as long as the ownership lasts. Confined to the worker loop.
 */
final class LifecycleRetry {
  private static final Logger log = LoggerFactory.getLogger(LifecycleRetry.class);

  private final ShardId shard;
  private final FullJitter backoff;
  private int failures;
  private String lastError = "";
  private long firstFailureNanos;
  private @Nullable Effect planned;
  private long dueNanos;

  LifecycleRetry(ShardId shard, FullJitter backoff) {
    this.shard = shard;
    this.backoff = backoff;
  }

  /**
   * A step has ended.
   *
   * @param error why it failed, or null if it did not
   */
  void ended(String step, @Nullable Throwable error, long nowNanos) {
    if (error == null) {
      failures = 0;
      return;
    }
    if (failures++ == 0) {
      firstFailureNanos = nowNanos;
    }
    lastError = error.getClass().getName();
    log.warn("{} of {} failed for the {}. time: {}", step, shard, failures, lastError);
  }

  /** Plans a step anew, after the backoff. */
  void plan(Effect step, long nowNanos) {
    planned = step;
    dueNanos = nowNanos + backoff.nanos(Math.max(1, failures));
  }

  /** The planned step, once, when it is due; else null. */
  @Nullable Effect takeDue(long nowNanos) {
    if (nanosUntilDue(nowNanos) > 0) {
      return null;
    }
    Effect due = planned;
    planned = null;
    return due;
  }

  /** Nanos until the planned step is due; {@link Long#MAX_VALUE} without one. */
  long nanosUntilDue(long nowNanos) {
    return planned == null ? Long.MAX_VALUE : Math.max(0, dueNanos - nowNanos);
  }

  /** What an operator sees of it. */
  Optional<StallReason> stall(long nowNanos) {
    return failures == 0
        ? Optional.empty()
        : Optional.of(
            new StallReason.Retrying(
                failures, lastError, Duration.ofNanos(nowNanos - firstFailureNanos)));
  }
}
