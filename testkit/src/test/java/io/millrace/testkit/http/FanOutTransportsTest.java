package io.millrace.testkit.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.testkit.kinesis.call.ConsumerCall;
import io.millrace.testkit.kinesis.call.Delivery;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;

/** SubscribeToShard by real SDK clients, over every transport. */
class FanOutTransportsTest extends TransportFixture {
  @ParameterizedTest
  @MethodSource("transportsAndFormats")
  void fanOutDeliversEventsUntilItsEnd(Transport transport, boolean cbor) throws Exception {
    KinesisAsyncClient client = client(transport, cbor);
    ScriptedSubscription subscription = new ScriptedSubscription();
    core.answers(subscription);

    Events events = Events.subscribe(client, CONSUMER, "shardId-000000000000");
    events.awaitResponse();
    byte[] data = randomBytes(300_000);
    subscription.push(event("1", data));
    SubscribeToShardEvent first = events.next();
    subscription.push(event("2", new byte[0]));
    SubscribeToShardEvent second = events.next();
    subscription.end(null, false);
    events.call().get(90, TimeUnit.SECONDS);

    ConsumerCall.SubscribeToShard request = core.took(ConsumerCall.SubscribeToShard.class);
    assertThat(request.consumerArn()).isEqualTo(CONSUMER);
    assertThat(first.records().get(0).data().asByteArray()).isEqualTo(data);
    assertThat(first.records().get(0).approximateArrivalTimestamp()).isEqualTo(TIME);
    assertThat(first.continuationSequenceNumber()).isEqualTo("1");
    assertThat(first.millisBehindLatest()).isEqualTo(5);
    assertThat(second.continuationSequenceNumber()).isEqualTo("2");
  }

  @ParameterizedTest
  @EnumSource
  void errorWithinFanOutReachesTheSubscriber(Transport transport) throws Exception {
    KinesisAsyncClient client = client(transport, true);
    ScriptedSubscription subscription = new ScriptedSubscription();
    core.answers(subscription);
    Events events = Events.subscribe(client, CONSUMER, "shardId-000000000000");
    events.awaitResponse();

    subscription.end(new KinesisError(ErrorCode.RESOURCE_IN_USE, "another subscription"), false);

    assertThatThrownBy(() -> events.call().get(90, TimeUnit.SECONDS))
        .hasCauseInstanceOf(ResourceInUseException.class)
        .hasMessageContaining("another subscription");
  }

  @ParameterizedTest
  @EnumSource
  void refusedSubscriptionFailsBeforeAnyEvent(Transport transport) {
    KinesisAsyncClient client = client(transport, true);
    core.refuses(new KinesisError(ErrorCode.RESOURCE_NOT_FOUND, "no consumer"));

    Events events = Events.subscribe(client, CONSUMER, "shardId-000000000000");

    assertThatThrownBy(() -> events.call().get(90, TimeUnit.SECONDS))
        .hasCauseInstanceOf(ResourceNotFoundException.class);
  }

  @ParameterizedTest
  @EnumSource
  void fanOutCutInMidEventEndsWithoutThatEvent(Transport transport) throws Exception {
    KinesisAsyncClient client = client(transport, true);
    ScriptedSubscription subscription = new ScriptedSubscription();
    core.answers(subscription);
    Events events = Events.subscribe(client, CONSUMER, "shardId-000000000000");
    events.awaitResponse();
    subscription.push(event("1", randomBytes(10)));
    assertThat(events.next().continuationSequenceNumber()).isEqualTo("1");

    subscription.end(null, true);

    assertThat(events.awaitEnd().isPresent()).isEqualTo(!transport.isHttp2());
    assertThat(events.hasMore()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void readerThatLeavesCancelsItsSubscription(Transport transport) throws Exception {
    KinesisAsyncClient client = client(transport, true);
    ScriptedSubscription subscription = new ScriptedSubscription();
    core.answers(subscription);
    Events events = Events.subscribe(client, CONSUMER, "shardId-000000000000");
    events.awaitResponse();
    subscription.push(event("1", randomBytes(10)));
    events.next();

    events.cancel();

    assertThat(subscription.awaitCancel()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void hundredSubscriptionsRunSideBySide(Transport transport) throws Exception {
    KinesisAsyncClient client = client(transport, true);
    List<ScriptedSubscription> subscriptions = new ArrayList<>();
    core.does(
        request -> {
          ScriptedSubscription subscription = new ScriptedSubscription();
          String shard = ((ConsumerCall.SubscribeToShard) request).shardId();
          subscription.push(event(shard, shard.getBytes(StandardCharsets.UTF_8)));
          synchronized (subscriptions) {
            subscriptions.add(subscription);
          }
          return new Delivery.Answer<>(subscription, 0);
        });

    List<Events> readers = new ArrayList<>();
    for (int shard = 0; shard < 100; shard++) {
      readers.add(Events.subscribe(client, CONSUMER, "shard-" + shard));
    }
    for (int shard = 0; shard < 100; shard++) {
      assertThat(readers.get(shard).next().continuationSequenceNumber())
          .isEqualTo("shard-" + shard);
    }
    subscriptions.forEach(s -> s.end(null, false));
    for (Events reader : readers) {
      reader.call().get(90, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @EnumSource
  void closingTheEndpointFailsThoseWhoWait(Transport transport) throws Exception {
    KinesisAsyncClient client = client(transport, true);
    ScriptedSubscription subscription = new ScriptedSubscription();
    core.answers(subscription);
    Events events = Events.subscribe(client, CONSUMER, "shardId-000000000000");
    events.awaitResponse();
    CompletableFuture<Void> asked = new CompletableFuture<>();
    core.does(
        request -> {
          asked.complete(null);
          return new Delivery.Silence<>(0);
        });
    var waiting = client.getRecords(r -> r.shardIterator("i"));
    asked.get(90, TimeUnit.SECONDS);

    endpoint.close();

    assertThatThrownBy(() -> waiting.get(90, TimeUnit.SECONDS))
        .hasCauseInstanceOf(SdkClientException.class);
    events.awaitEnd();
    assertThat(subscription.awaitCancel()).isTrue();
  }
}
