package io.millrace.consumer.internal.hold;

import io.millrace.consumer.ShardState;
import io.millrace.consumer.ShardStatus;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.loop.Timer;
import io.millrace.consumer.internal.shard.LeasedShard;
import io.millrace.consumer.internal.shard.ShardConsumer;
import io.millrace.consumer.internal.shard.ShardConsumerFactory;
import io.millrace.consumer.internal.shard.ShardOwnership;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The shard consumer of a held lease: made when the gate opens, ticked when it asks for it, gone
 * when it has stopped or the lease is. Confined to the loop.
 */
final class RunningConsumer {
  private final EventLoop loop;
  private final ShardConsumerFactory factory;
  private final Runnable onStopped;
  private @Nullable ShardConsumer consumer;
  private @Nullable Timer nextTick;

  /**
   * Creates none yet.
   *
   * @param onStopped runs when the consumer has drained
   */
  RunningConsumer(EventLoop loop, ShardConsumerFactory factory, Runnable onStopped) {
    this.loop = loop;
    this.factory = factory;
    this.onStopped = onStopped;
  }

  boolean isPresent() {
    return consumer != null;
  }

  void start(LeasedShard shard, ShardOwnership ownership) {
    AtomicBoolean woken = new AtomicBoolean();
    consumer =
        factory.create(
            shard,
            ownership,
            () -> {
              if (woken.compareAndSet(false, true)) {
                loop.post(
                    () -> {
                      woken.set(false);
                      tick();
                    });
              }
            });
    tick();
  }

  /** Has the consumer look at what there is to do. */
  void tick() {
    ShardConsumer running = consumer;
    if (running == null) {
      return;
    }
    cancelTick();
    long nextNanos = running.tick(loop.nowNanos());
    if (consumer != running) {
      return;
    }
    if (running.state().isFinal()) {
      consumer = null;
      if (running.state() == ShardState.STOPPED) {
        onStopped.run();
      }
    } else if (nextNanos != Long.MAX_VALUE) {
      nextTick = loop.after(nextNanos, this::tick);
    }
  }

  /** No new records; when what runs has ended and is checkpointed, the consumer stops. */
  void drain() {
    if (consumer != null) {
      consumer.drain(loop.nowNanos());
      tick();
    }
  }

  /** The lease is lost or given back by force: the consumer stops at once, and writes nothing. */
  void lose() {
    ShardConsumer running = consumer;
    forget();
    if (running != null) {
      running.leaseLost(loop.nowNanos());
    }
  }

  /** It is ticked no more. */
  void forget() {
    consumer = null;
    cancelTick();
  }

  /** What the shard reads, in KiB per second; NaN if that is not known. */
  double throughputKBps() {
    return consumer == null ? Double.NaN : consumer.bytesPerSecond(loop.nowNanos()) / 1024;
  }

  Optional<ShardStatus> status() {
    return Optional.ofNullable(consumer).map(running -> running.status(loop.nowNanos()));
  }

  private void cancelTick() {
    if (nextTick != null) {
      nextTick.cancel();
    }
  }
}
