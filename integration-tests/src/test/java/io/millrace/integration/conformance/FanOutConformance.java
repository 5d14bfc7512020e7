package io.millrace.integration.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.Place;
import io.millrace.integration.endpoint.TestStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEventStream;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/** Registered consumers and SubscribeToShard. */
abstract class FanOutConformance extends Conformance {
  FanOutConformance(Endpoint endpoint) {
    super(endpoint);
  }

  @Test
  void registeredConsumerBecomesActiveAndIsListed() {
    TestStream stream = stream(1);

    String arn = register(stream, "reader");

    assertThat(arn).startsWith(stream.arn() + "/consumer/reader:");
    assertThat(get(kinesis().listStreamConsumers(r -> r.streamARN(stream.arn()))).consumers())
        .singleElement()
        .satisfies(c -> assertThat(c.consumerARN()).isEqualTo(arn));
    assertThat(stream.awaitActive().consumerCount()).isEqualTo(1);
  }

  @Test
  void registeringAConsumerTwiceIsResourceInUse() {
    TestStream stream = stream(1);
    register(stream, "reader");

    refused(
        () ->
            kinesis().registerStreamConsumer(r -> r.streamARN(stream.arn()).consumerName("reader")),
        "ResourceInUseException");
  }

  @Test
  void unknownConsumerIsResourceNotFound() {
    TestStream stream = stream(1);

    refused(
        () ->
            kinesis().describeStreamConsumer(r -> r.streamARN(stream.arn()).consumerName("nobody")),
        "ResourceNotFoundException");
  }

  @Test
  void deregisteredConsumerIsGone() {
    TestStream stream = stream(1);
    String arn = register(stream, "reader");

    get(kinesis().deregisterStreamConsumer(r -> r.consumerARN(arn)));

    TestStream.await(
        "the consumer is gone",
        () ->
            get(kinesis().listStreamConsumers(r -> r.streamARN(stream.arn())))
                .consumers()
                .isEmpty());
  }

  @Test
  void subscriptionDeliversOldAndNewRecordsInOrder() {
    TestStream stream = stream(1);
    String arn = register(stream, "reader");
    put(stream, "k", "0");
    Subscription subscription = subscribe(arn, "shardId-000000000000");

    TestStream.await("the first record", () -> subscription.records().size() >= 1);
    put(stream, "k", "1");
    TestStream.await("the second record", () -> subscription.records().size() >= 2);

    assertThat(texts(subscription.records())).containsExactly("0", "1");
    SubscribeToShardEvent last = subscription.events.get(subscription.events.size() - 1);
    assertThat(last.continuationSequenceNumber()).isNotNull();
    assertThat(last.millisBehindLatest()).isNotNull();
    subscription.end();
  }

  @Test
  void subscriptionBehindASequenceNumberStartsThere() {
    TestStream stream = stream(1);
    String arn = register(stream, "reader");
    String first = put(stream, "k", "0").sequenceNumber();
    put(stream, "k", "1");

    Subscription subscription =
        subscribe(arn, "shardId-000000000000", ShardIteratorType.AFTER_SEQUENCE_NUMBER, first);

    TestStream.await("the record", () -> subscription.records().size() >= 1);
    assertThat(texts(subscription.records())).containsExactly("1");
    subscription.end();
  }

  @Test
  void secondSubscriptionOfOneConsumerToOneShardIsResourceInUse() {
    TestStream stream = stream(1);
    String arn = register(stream, "reader");
    put(stream, "k", "0");
    Subscription first = subscribe(arn, "shardId-000000000000");
    TestStream.await("the first subscription delivers", () -> first.records().size() >= 1);

    Subscription second = subscribe(arn, "shardId-000000000000");

    assertThatThrownBy(() -> get(second.whole)).isInstanceOf(ResourceInUseException.class);
    first.end();
  }

  @Test
  @Differs(
      on = Place.KINESIS_LOCAL,
      service = "a subscription that reached the end of its shard names the children and ends",
      here = "goes on with empty events until the five minutes are over")
  void subscriptionToAClosedShardNamesItsChildrenAndEnds() throws Exception {
    TestStream stream = stream(1);
    Shard parent = stream.openShards().get(0);
    String arn = register(stream, "reader");
    put(stream, "k", "0");
    stream.split(parent);

    Subscription subscription = subscribe(arn, parent.shardId());

    subscription.whole.get(30, TimeUnit.SECONDS);
    assertThat(texts(subscription.records())).containsExactly("0");
    assertThat(subscription.children())
        .containsExactlyInAnyOrder("shardId-000000000001", "shardId-000000000002");
  }

  private String register(TestStream stream, String name) {
    String arn =
        get(kinesis().registerStreamConsumer(r -> r.streamARN(stream.arn()).consumerName(name)))
            .consumer()
            .consumerARN();
    TestStream.await(
        "the consumer is ACTIVE",
        () ->
            get(kinesis().describeStreamConsumer(r -> r.consumerARN(arn)))
                    .consumerDescription()
                    .consumerStatus()
                == ConsumerStatus.ACTIVE);
    return arn;
  }

  private Subscription subscribe(String consumerArn, String shard) {
    return subscribe(consumerArn, shard, ShardIteratorType.TRIM_HORIZON, null);
  }

  private Subscription subscribe(
      String consumerArn, String shard, ShardIteratorType type, String sequenceNumber) {
    Subscription subscription = new Subscription();
    subscription.whole =
        kinesis()
            .subscribeToShard(
                r ->
                    r.consumerARN(consumerArn)
                        .shardId(shard)
                        .startingPosition(p -> p.type(type).sequenceNumber(sequenceNumber)),
                SubscribeToShardResponseHandler.builder().subscriber(subscription::on).build());
    return subscription;
  }

  private static final class Subscription {
    private final List<SubscribeToShardEvent> events = new CopyOnWriteArrayList<>();
    private CompletableFuture<Void> whole = new CompletableFuture<>();

    private void on(SubscribeToShardEventStream event) {
      if (event instanceof SubscribeToShardEvent records) {
        events.add(records);
      }
    }

    private List<Record> records() {
      return events.stream().flatMap(e -> e.records().stream()).toList();
    }

    private List<String> children() {
      return events.stream()
          .flatMap(e -> e.childShards().stream())
          .map(ChildShard::shardId)
          .toList();
    }

    private void end() {
      whole.cancel(true);
      try {
        whole.join();
      } catch (CompletionException | java.util.concurrent.CancellationException ended) {
        // It was asked to.
      }
    }
  }
}
