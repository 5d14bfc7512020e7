package io.millrace.consumer;

import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.Set;

/**
 * Why a shard does not progress at this moment. None of them is an error in itself; how long it
 * lasts decides ({@link ConsumerSettings#stallAfter()}).
 */
public sealed interface StallReason {
  /** How long this has lasted. */
  Duration lasts();

  /** One line for logs and people; no record content. */
  String describe();

  /**
   * Parents of the shard are not finished.
   *
   * @param parents the unfinished parents
   * @param lasts see {@link #lasts()}
   */
  record WaitingForParents(Set<ShardId> parents, Duration lasts) implements StallReason {
    /** Copies the set. */
    public WaitingForParents {
      parents = Set.copyOf(parents);
    }

    @Override
    public String describe() {
      return "waiting for parents " + parents + " for " + text(lasts);
    }
  }

  /**
   * The application's code runs, on one record or batch, and nothing more may start before it
   * returns.
   *
   * @param call which call: {@code handle}, {@code initialize}, {@code shardEnded}, {@code
   *     shutdownRequested}
   * @param lasts the age of the oldest running call
   */
  record HandlerBusy(String call, Duration lasts) implements StallReason {
    @Override
    public String describe() {
      return call + " busy for " + text(lasts);
    }
  }

  /**
   * The application's code failed and is called again after a backoff.
   *
   * @param failures how often in a row
   * @param error the class of the last error
   * @param lasts since the first of these failures
   */
  record Retrying(int failures, String error, Duration lasts) implements StallReason {
    @Override
    public String describe() {
      return "retrying after failure " + failures + " (" + error + ") for " + text(lasts);
    }
  }

  /**
   * The on-failure destination does not take a record.
   *
   * @param failures how often in a row
   * @param error the class of the last error
   * @param lasts since the first of these failures
   */
  record DestinationFailing(int failures, String error, Duration lasts) implements StallReason {
    @Override
    public String describe() {
      return "on-failure destination failed "
          + failures
          + " times ("
          + error
          + ") for "
          + text(lasts);
    }
  }

  /**
   * An exception class of {@code pauseOn} was thrown: the worker waits until a probe succeeds.
   *
   * @param error the class of the error
   * @param lasts since the pause began
   */
  record Paused(String error, Duration lasts) implements StallReason {
    @Override
    public String describe() {
      return "paused by " + error + " for " + text(lasts);
    }
  }

  /**
   * The service throttles reads of the shard.
   *
   * @param throttles how often in a row
   * @param lasts since the first of them
   */
  record Throttled(int throttles, Duration lasts) implements StallReason {
    @Override
    public String describe() {
      return "reads throttled " + throttles + " times for " + text(lasts);
    }
  }

  /**
   * Reads of the shard fail.
   *
   * @param failures how often in a row
   * @param code the error code of the service, or the class of a connection error
   * @param message what the service said; for a missing permission also its name
   * @param lasts since the first of these failures
   */
  record FetchFailing(int failures, String code, String message, Duration lasts)
      implements StallReason {
    @Override
    public String describe() {
      return "reads failed "
          + failures
          + " times ("
          + code
          + ": "
          + message
          + ") for "
          + text(lasts);
    }
  }

  /**
   * The worker's byte budget is used up; the shard waits for its turn.
   *
   * @param lasts see {@link #lasts()}
   */
  record WaitingForBudget(Duration lasts) implements StallReason {
    @Override
    public String describe() {
      return "waiting for the byte budget for " + text(lasts);
    }
  }

  /**
   * Records wait for a thread of the handler pool or executor.
   *
   * @param lasts see {@link #lasts()}
   */
  record WaitingForThread(Duration lasts) implements StallReason {
    @Override
    public String describe() {
      return "waiting for a handler thread for " + text(lasts);
    }
  }

  /**
   * Checkpoints, or the record of the shard's end, fail; processing goes on.
   *
   * @param failures how often in a row
   * @param reason what the store said
   * @param lasts since the first of these failures
   */
  record CheckpointFailing(int failures, String reason, Duration lasts) implements StallReason {
    @Override
    public String describe() {
      return "checkpoints failed " + failures + " times (" + reason + ") for " + text(lasts);
    }
  }

  /**
   * This worker may not deliver, as its last heartbeat is too old.
   *
   * @param lasts see {@link #lasts()}
   */
  record Fenced(Duration lasts) implements StallReason {
    @Override
    public String describe() {
      return "no delivery without a recent heartbeat for " + text(lasts);
    }
  }

  /**
   * The failure policy stopped the shard, or a choice of the application's could not be made.
   *
   * @param reason why
   * @param lasts since it was stopped
   */
  record Parked(String reason, Duration lasts) implements StallReason {
    @Override
    public String describe() {
      return "parked for " + text(lasts) + ": " + reason;
    }
  }

  private static String text(Duration duration) {
    return duration.toSeconds() > 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
  }
}
