package io.millrace.testkit.http;

import io.millrace.testkit.kinesis.call.ConsumerCall.SubscribeToShardEvent;
import io.millrace.testkit.kinesis.call.ShardSubscription;
import io.millrace.testkit.kinesis.call.SubscriptionStep;
import io.millrace.testkit.wire.EventStream;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Carries a subscription's events to its client, no faster than the client reads: steps are taken
 * only while the channel is writable. Confined to the exchange's event loop; the subscription's
 * signals, which come from other threads, post there.
 */
final class FanOutStream {
  /** Then others on the same event loop have their turn. */
  private static final int STEPS_AT_ONCE = 16;

  private final Exchange exchange;
  private final EventStream messages;
  private final ShardSubscription subscription;
  private final AtomicBoolean signalled = new AtomicBoolean();
  private @Nullable Future<?> timer;

  FanOutStream(Exchange exchange, EventStream messages, ShardSubscription subscription) {
    this.exchange = exchange;
    this.messages = messages;
    this.subscription = subscription;
  }

  /** Sends the opening message, then events as they come. The response's head is sent already. */
  void start() {
    exchange.onClosed(this::clientGone);
    exchange.onWritable(this::pump);
    exchange.write(messages.initialResponse());
    subscription.onReady(this::signal);
    pump();
  }

  private void signal() {
    if (signalled.compareAndSet(false, true)) {
      exchange.execute(this::pump);
    }
  }

  private void pump() {
    signalled.set(false);
    stopTimer();
    int steps = 0;
    boolean more = true;
    while (more && !exchange.ended() && exchange.isWritable()) {
      if (steps++ == STEPS_AT_ONCE) {
        signal();
        return;
      }
      more = subscription.next().match(this::push, this::waitFor, this::end);
    }
  }

  private boolean push(SubscriptionStep.Push push) {
    exchange.write(messages.event(push.event()));
    return true;
  }

  private boolean waitFor(SubscriptionStep.Wait wait) {
    timer = exchange.schedule(Duration.ofNanos(wait.nanos()), this::pump);
    return false;
  }

  private boolean end(SubscriptionStep.End end) {
    if (end.error() != null) {
      exchange.write(messages.exception(end.error()));
    }
    if (end.reset()) {
      cutInMidEvent();
    } else {
      exchange.end();
    }
    return false;
  }

  /** An injected fault: the client gets the first half of an event, then the stream breaks off. */
  private void cutInMidEvent() {
    ByteBuf event = messages.event(new SubscribeToShardEvent(List.of(), null, 0, List.of()));
    exchange.write(event.writerIndex(event.readableBytes() / 2));
    exchange.reset();
  }

  private void clientGone() {
    stopTimer();
    subscription.cancel();
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }
}
