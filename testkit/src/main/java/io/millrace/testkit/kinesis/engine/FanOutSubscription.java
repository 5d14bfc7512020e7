package io.millrace.testkit.kinesis.engine;

import io.millrace.testkit.kinesis.call.ConsumerCall.SubscribeToShardEvent;
import io.millrace.testkit.kinesis.call.ShardSubscription;
import io.millrace.testkit.kinesis.call.SubscriptionStep;
import io.millrace.testkit.kinesis.limit.TokenBucket;
import io.millrace.testkit.kinesis.model.ConsumerInfo;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import io.millrace.testkit.kinesis.model.StreamStatus;
import io.millrace.testkit.kinesis.store.ConsumerState;
import io.millrace.testkit.kinesis.store.ShardState;
import io.millrace.testkit.kinesis.store.StreamState;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A running subscription. Thread-safe: its lock guards its position and end; under it only the
 * store's locks are taken, and the signal runs under none.
 */
public final class FanOutSubscription implements ShardSubscription, ConsumerState.Subscription {
  private static final int MAX_EVENT_RECORDS = 10_000;
  private static final int MAX_EVENT_BYTES = 2 * 1024 * 1024;
  private static final SubscriptionStep.End REGULAR_END = new SubscriptionStep.End(null, false);

  private final Account account;
  private final ConsumerState consumer;
  private final StreamState stream;
  private final ShardState shard;
  private final long startedNanos;
  private final long lifetimeNanos;
  private final long idleNanos;
  private final @Nullable TokenBucket allowance;
  private final Runnable watcher = this::wake;

  /** Whether the reader has seen that there is nothing, and waits for the signal. */
  private final AtomicBoolean waiting = new AtomicBoolean();

  private long place;
  private boolean pushed;
  private long lastPushNanos;
  private volatile SubscriptionStep.@Nullable End end;
  private SubscriptionStep.@Nullable End laterEnd;
  private long laterEndNanos;
  private volatile @Nullable Runnable signal;

  FanOutSubscription(Account account, ConsumerState consumer, ShardState shard, long place) {
    this.account = account;
    this.consumer = consumer;
    this.stream = consumer.stream();
    this.shard = shard;
    this.place = place;
    this.startedNanos = account.nowNanos();
    this.lastPushNanos = startedNanos;
    this.lifetimeNanos = account.settings().subscriptionLifetime().toNanos();
    this.idleNanos = account.settings().subscriptionIdleInterval().toNanos();
    long rate = account.settings().limits().fanOutBytesPerSecond();
    this.allowance = rate == 0 ? null : new TokenBucket(rate, startedNanos);
  }

  /** Begins to listen to the shard. */
  synchronized void start() {
    // A deregistration may have ended it already.
    if (end == null) {
      shard.watch(watcher);
    }
  }

  /** Has it end by a fault after a delay, instead of by its lifetime. */
  public void endLater(SubscriptionStep.End fault, long delayNanos) {
    synchronized (this) {
      laterEnd = fault;
      laterEndNanos = account.nowNanos() + delayNanos;
    }
    interrupt();
  }

  @Override
  public long startedNanos() {
    return startedNanos;
  }

  @Override
  public boolean isActive() {
    return end == null && account.nowNanos() - startedNanos < lifetimeNanos;
  }

  @Override
  public void evict(KinesisError reason) {
    finish(new SubscriptionStep.End(reason, false));
    interrupt();
  }

  @Override
  public void cancel() {
    finish(REGULAR_END);
  }

  @Override
  public void onReady(Runnable newSignal) {
    signal = newSignal;
    if (!waiting.get()) {
      newSignal.run();
    }
  }

  @Override
  public SubscriptionStep next() {
    long nowNanos = account.nowNanos();
    stream.settle(nowNanos);
    SubscriptionStep step = decide(nowNanos);
    if (step instanceof SubscriptionStep.End over) {
      finish(over);
    }
    return step;
  }

  private synchronized SubscriptionStep decide(long nowNanos) {
    waiting.set(false);
    SubscriptionStep over = endNow(nowNanos);
    if (over != null) {
      return over;
    }
    if (allowance != null && !allowance.hasAny(nowNanos)) {
      return new SubscriptionStep.Wait(
          Math.min(allowance.nanosUntilAny(nowNanos), nanosUntilEvent(nowNanos)));
    }
    // Before the look at the shard: a record that comes after the look must find the reader
    // waiting.
    waiting.set(true);
    SubscriptionStep push = pushNow(nowNanos);
    if (push != null) {
      waiting.set(false);
      return push;
    }
    return new SubscriptionStep.Wait(nanosUntilEvent(nowNanos));
  }

  private @Nullable SubscriptionStep endNow(long nowNanos) {
    if (end != null) {
      return end;
    }
    if (laterEnd != null && nowNanos - laterEndNanos >= 0) {
      return laterEnd;
    }
    if (nowNanos - startedNanos >= lifetimeNanos) {
      return REGULAR_END;
    }
    if (stream.status() == StreamStatus.DELETING
        || consumer.status() == ConsumerInfo.Status.DELETING) {
      // Began while the deletion ended the others.
      return new SubscriptionStep.End(account.noConsumer(consumer.arn()), false);
    }
    try {
      account.requireKey(stream.attributes());
      return null;
    } catch (KinesisError e) {
      return new SubscriptionStep.End(e, false);
    }
  }

  private @Nullable SubscriptionStep pushNow(long nowNanos) {
    long nowMillis = account.nowMillis();
    ShardState.Page page =
        shard.read(
            place, MAX_EVENT_RECORDS, MAX_EVENT_BYTES, nowMillis, stream.horizonMillis(nowMillis));
    boolean due = !pushed || nowNanos - lastPushNanos >= idleNanos;
    if (page.records().isEmpty() && !page.end() && !due) {
      return null;
    }
    charge(page.records());
    place = page.nextPlace();
    pushed = true;
    lastPushNanos = nowNanos;
    if (page.end()) {
      end = REGULAR_END;
    }
    return new SubscriptionStep.Push(
        new SubscribeToShardEvent(
            page.records(),
            page.end() ? null : shard.numbers().render(place - 1),
            page.millisBehindLatest(),
            page.end() ? shard.children() : List.of()));
  }

  private void charge(List<KinesisRecord> records) {
    if (allowance != null) {
      records.forEach(record -> allowance.take(record.data().remaining()));
    }
  }

  private long nanosUntilEvent(long nowNanos) {
    long nanos = Math.min(lastPushNanos + idleNanos, startedNanos + lifetimeNanos) - nowNanos;
    if (laterEnd != null) {
      nanos = Math.min(nanos, laterEndNanos - nowNanos);
    }
    return Math.max(1, Math.min(nanos, stream.nanosUntilChange(nowNanos).orElse(Long.MAX_VALUE)));
  }

  private void finish(SubscriptionStep.End over) {
    synchronized (this) {
      if (end == null) {
        end = over;
      }
    }
    shard.unwatch(watcher);
    consumer.forget(shard.index(), this);
  }

  private void wake() {
    if (waiting.compareAndSet(true, false)) {
      interrupt();
    }
  }

  /** Signals even a reader that waits for its allowance. */
  private void interrupt() {
    waiting.set(false);
    Runnable current = signal;
    if (current != null) {
      current.run();
    }
  }
}
