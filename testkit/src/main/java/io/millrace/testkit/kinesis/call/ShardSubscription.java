package io.millrace.testkit.kinesis.call;

/**
 * A running SubscribeToShard, pulled by whoever carries the events: call {@link #next()} until it
 * no longer gives an event, then again when {@link #onReady} signals or after the time it names.
 *
 * <p>Thread-safe, but {@code next} is meant for one caller at a time: events are in order only
 * then.
 */
public interface ShardSubscription {
  /** The next step; never blocks. After an end it gives the same end for ever. */
  SubscriptionStep next();

  /**
   * Sets what to run when a new step may be there: a record was put, the shard was closed, the
   * consumer was deregistered, or another subscription took over. Runs on the thread that caused it
   * and outside the core's locks, so it must only post; runs at once where a step is there already.
   * A second call replaces the first.
   */
  void onReady(Runnable signal);

  /** Ends the subscription because the client went away; idempotent. */
  void cancel();
}
