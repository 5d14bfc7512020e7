package io.millrace.testkit.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.kinesis.call.ConsumerCall.SubscribeToShardEvent;
import io.millrace.testkit.kinesis.call.SubscriptionStep;
import io.millrace.testkit.wire.EventStream;
import io.millrace.testkit.wire.WireFormat;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The pace of a fan-out stream, on a channel without a network. */
class FanOutStreamTest {
  private static final SubscribeToShardEvent EVENT =
      new SubscribeToShardEvent(List.of(), "1", 0, List.of());

  private final ScriptedSubscription subscription = new ScriptedSubscription();
  private final EmbeddedChannel channel = new EmbeddedChannel(new ExchangeHandler(this::start));

  private void start(Exchange exchange) {
    exchange.startStream(200, headers -> {});
    EventStream messages = new EventStream(WireFormat.JSON, ByteBufAllocator.DEFAULT);
    new FanOutStream(exchange, messages, subscription).start();
  }

  private void request() {
    channel.writeInbound(
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.POST, "/", Unpooled.EMPTY_BUFFER));
  }

  @AfterEach
  void release() {
    channel.finishAndReleaseAll();
  }

  @Test
  void takesNoStepWhileTheReaderLags() {
    request();
    subscription.push(EVENT);
    channel.runPendingTasks();
    assertThat(subscription.taken()).isEqualTo(1);

    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
    for (int i = 0; i < 10; i++) {
      subscription.push(EVENT);
      channel.runPendingTasks();
    }
    assertThat(subscription.taken()).isEqualTo(1);

    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
    channel.runPendingTasks();
    assertThat(subscription.taken()).isEqualTo(11);
  }

  @Test
  void asksAgainAfterTheTimeTheSubscriptionNames() {
    channel.freezeTime();
    request();
    channel.runPendingTasks();
    subscription.post(new SubscriptionStep.Wait(TimeUnit.SECONDS.toNanos(3)));
    channel.runPendingTasks();
    subscription.pushSilently(EVENT);

    channel.advanceTimeBy(2, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertThat(subscription.pending()).isEqualTo(1);

    channel.advanceTimeBy(1, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertThat(subscription.pending()).isZero();
  }

  @Test
  void closedChannelCancelsTheSubscriptionAndItsTimer() throws InterruptedException {
    request();
    channel.runPendingTasks();

    channel.close().syncUninterruptibly();

    assertThat(subscription.awaitCancel()).isTrue();
    subscription.push(EVENT);
    channel.runPendingTasks();
    assertThat(subscription.pending()).isEqualTo(1);
  }

  @Test
  void nothingIsTakenAfterTheEnd() {
    request();
    subscription.end(null, false);
    channel.runPendingTasks();
    subscription.push(EVENT);
    channel.runPendingTasks();

    assertThat(subscription.pending()).isEqualTo(1);
  }

  @Test
  void defectOfTheSubscriptionEndsTheStreamAndCancelsIt() throws InterruptedException {
    request();
    channel.runPendingTasks();

    subscription.post(null);
    channel.runPendingTasks();

    assertThat(channel.isOpen()).isFalse();
    assertThat(subscription.awaitCancel()).isTrue();
  }
}
