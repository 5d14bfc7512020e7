package io.millrace.testkit.http;

import io.millrace.testkit.kinesis.call.ConsumerCall.SubscribeToShardEvent;
import io.millrace.testkit.kinesis.call.ShardSubscription;
import io.millrace.testkit.kinesis.call.SubscriptionStep;
import io.millrace.testkit.kinesis.model.KinesisError;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A subscription whose steps are posted by the test. */
final class ScriptedSubscription implements ShardSubscription {
  private static final SubscriptionStep WAIT = new SubscriptionStep.Wait(TimeUnit.HOURS.toNanos(1));

  private final ArrayDeque<Optional<SubscriptionStep>> steps = new ArrayDeque<>();
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private Runnable signal = () -> {};
  private int taken;

  void push(SubscribeToShardEvent event) {
    post(new SubscriptionStep.Push(event));
  }

  void end(@Nullable KinesisError error, boolean reset) {
    post(new SubscriptionStep.End(error, reset));
  }

  /** Adds a step; null makes the subscription fail when it is taken. */
  void post(@Nullable SubscriptionStep step) {
    Runnable toRun;
    synchronized (this) {
      steps.add(Optional.ofNullable(step));
      toRun = signal;
    }
    toRun.run();
  }

  /** Adds an event without a signal. */
  synchronized void pushSilently(SubscribeToShardEvent event) {
    steps.add(Optional.of(new SubscriptionStep.Push(event)));
  }

  synchronized int pending() {
    return steps.size();
  }

  synchronized int taken() {
    return taken;
  }

  boolean awaitCancel() throws InterruptedException {
    return cancelled.await(60, TimeUnit.SECONDS);
  }

  @Override
  public synchronized SubscriptionStep next() {
    Optional<SubscriptionStep> step = steps.poll();
    if (step == null) {
      return WAIT;
    }
    taken++;
    return step.orElseThrow();
  }

  @Override
  public synchronized void onReady(Runnable signal) {
    this.signal = signal;
  }

  @Override
  public void cancel() {
    cancelled.countDown();
  }
}
