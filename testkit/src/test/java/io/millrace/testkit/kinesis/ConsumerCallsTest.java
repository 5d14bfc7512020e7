package io.millrace.testkit.kinesis;

import static io.millrace.testkit.kinesis.Endpoint.SHARD_0;
import static io.millrace.testkit.kinesis.Endpoint.SHARD_1;
import static io.millrace.testkit.kinesis.Endpoint.STREAM;
import static io.millrace.testkit.kinesis.Endpoint.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.kinesis.call.AttributeCall;
import io.millrace.testkit.kinesis.call.ConsumerCall;
import io.millrace.testkit.kinesis.call.ConsumerCall.RegisterStreamConsumer;
import io.millrace.testkit.kinesis.call.ConsumerCall.SubscribeToShard;
import io.millrace.testkit.kinesis.call.ConsumerCall.SubscribeToShardEvent;
import io.millrace.testkit.kinesis.call.RecordCall.PutEntry;
import io.millrace.testkit.kinesis.call.ShardSubscription;
import io.millrace.testkit.kinesis.call.StreamCall;
import io.millrace.testkit.kinesis.call.SubscriptionStep;
import io.millrace.testkit.kinesis.model.ChildShard;
import io.millrace.testkit.kinesis.model.ConsumerInfo;
import io.millrace.testkit.kinesis.model.EncryptionType;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.StartingPosition;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.ServiceLimits;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ConsumerCallsTest {
  private static RegisterStreamConsumer registration(Endpoint endpoint, String name) {
    return new RegisterStreamConsumer(endpoint.streamArn(), name, Map.of());
  }

  private static String register(Endpoint endpoint) {
    return endpoint.call(registration(endpoint, "app")).consumer().arn();
  }

  private static SubscribeToShard subscription(String arn, StartingPosition position) {
    return new SubscribeToShard(arn, SHARD_0, position);
  }

  private static ShardSubscription subscribe(Endpoint endpoint, StartingPosition position) {
    return endpoint.call(subscription(register(endpoint), position));
  }

  private static SubscribeToShardEvent event(ShardSubscription subscription) {
    SubscriptionStep step = subscription.next();
    assertThat(step).isInstanceOf(SubscriptionStep.Push.class);
    return ((SubscriptionStep.Push) step).event();
  }

  private static SubscriptionStep.End end(ShardSubscription subscription) {
    SubscriptionStep step = subscription.next();
    assertThat(step).isInstanceOf(SubscriptionStep.End.class);
    return (SubscriptionStep.End) step;
  }

  private static ErrorCode endError(ShardSubscription subscription) {
    return Objects.requireNonNull(end(subscription).error()).code();
  }

  private static Duration waiting(ShardSubscription subscription) {
    SubscriptionStep step = subscription.next();
    assertThat(step).isInstanceOf(SubscriptionStep.Wait.class);
    return Duration.ofNanos(((SubscriptionStep.Wait) step).nanos());
  }

  @Test
  void consumerIsCreatingThenActive() {
    Endpoint endpoint =
        Endpoint.withShards(
            1, CoreSettings.builder().consumerDuration(Duration.ofSeconds(1)).build());

    ConsumerInfo created = endpoint.call(registration(endpoint, "app")).consumer();

    assertThat(created.status()).isEqualTo(ConsumerInfo.Status.CREATING);
    assertThat(created.arn())
        .isEqualTo(endpoint.streamArn() + "/consumer/app:" + Endpoint.START.getEpochSecond());
    endpoint.refuses(
        ErrorCode.RESOURCE_IN_USE, subscription(created.arn(), StartingPosition.latest()));
    endpoint.advance(Duration.ofSeconds(1));
    assertThat(
            endpoint
                .call(new ConsumerCall.DescribeStreamConsumer(null, null, created.arn()))
                .consumer()
                .status())
        .isEqualTo(ConsumerInfo.Status.ACTIVE);
  }

  @Test
  void consumersAreFoundByArnOrByStreamAndName() {
    Endpoint endpoint = Endpoint.withShards(1);
    String arn = register(endpoint);
    String stream = endpoint.streamArn();

    assertThat(
            endpoint
                .call(new ConsumerCall.DescribeStreamConsumer(stream, "app", null))
                .consumer()
                .arn())
        .isEqualTo(arn);
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT, new ConsumerCall.DescribeStreamConsumer(stream, null, null));
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT, new ConsumerCall.DescribeStreamConsumer(null, "b", arn));
    endpoint.refuses(
        ErrorCode.RESOURCE_NOT_FOUND, new ConsumerCall.DescribeStreamConsumer(stream, "b", null));
    endpoint.refuses(
        ErrorCode.RESOURCE_NOT_FOUND,
        new ConsumerCall.DescribeStreamConsumer(null, null, arn + "1"));
    endpoint.refuses(
        ErrorCode.VALIDATION, new ConsumerCall.DescribeStreamConsumer(null, null, stream));
    assertThat(endpoint.summary().consumerCount()).isEqualTo(1);
  }

  @Test
  void streamHasTwentyConsumersAtMost() {
    Endpoint endpoint = Endpoint.withShards(1);
    for (int i = 0; i < 20; i++) {
      endpoint.call(registration(endpoint, "app-" + i));
    }

    endpoint.refuses(ErrorCode.LIMIT_EXCEEDED, registration(endpoint, "one-more"));
    endpoint.refuses(ErrorCode.RESOURCE_IN_USE, registration(endpoint, "app-3"));
  }

  @Test
  void fiveConsumersAreCreatedAtATime() {
    Endpoint endpoint =
        Endpoint.withShards(
            1, CoreSettings.builder().consumerDuration(Duration.ofSeconds(1)).build());
    for (int i = 0; i < 5; i++) {
      endpoint.call(registration(endpoint, "app-" + i));
    }

    endpoint.refuses(ErrorCode.LIMIT_EXCEEDED, registration(endpoint, "sixth"));
    endpoint.advance(Duration.ofSeconds(1));
    endpoint.call(registration(endpoint, "sixth"));
  }

  @Test
  void consumersAreListedInPages() {
    Endpoint endpoint = Endpoint.withShards(1);
    for (String name : new String[] {"c", "a", "b"}) {
      endpoint.call(registration(endpoint, name));
    }
    String arn = endpoint.streamArn();

    ConsumerCall.ListStreamConsumersReply first =
        endpoint.call(new ConsumerCall.ListStreamConsumers(arn, null, 2, null));
    ConsumerCall.ListStreamConsumersReply second =
        endpoint.call(new ConsumerCall.ListStreamConsumers(arn, first.nextToken(), 2, null));

    assertThat(first.consumers()).extracting(ConsumerInfo::name).containsExactly("a", "b");
    assertThat(second.consumers()).extracting(ConsumerInfo::name).containsExactly("c");
    assertThat(second.nextToken()).isNull();
  }

  @Test
  void deregisteredConsumerIsGoneAndItsSubscriptionsEnd() {
    Endpoint endpoint = Endpoint.withShards(1);
    String arn = register(endpoint);
    ShardSubscription running = endpoint.call(subscription(arn, StartingPosition.latest()));

    endpoint.call(new ConsumerCall.DeregisterStreamConsumer(null, null, arn));

    assertThat(endError(running)).isEqualTo(ErrorCode.RESOURCE_NOT_FOUND);
    endpoint.refuses(
        ErrorCode.RESOURCE_NOT_FOUND, new ConsumerCall.DescribeStreamConsumer(null, null, arn));
    register(endpoint);
  }

  @Test
  void streamWithConsumersIsDeletedOnlyByForce() {
    Endpoint endpoint = Endpoint.withShards(1);
    ShardSubscription running = subscribe(endpoint, StartingPosition.latest());

    endpoint.refuses(ErrorCode.RESOURCE_IN_USE, new StreamCall.DeleteStream(STREAM, false));
    endpoint.call(new StreamCall.DeleteStream(STREAM, true));

    assertThat(endError(running)).isEqualTo(ErrorCode.RESOURCE_NOT_FOUND);
  }

  @Test
  void recordsArePushedWithTheirContinuation() {
    Endpoint endpoint = Endpoint.withShards(1);
    String number = endpoint.putTexts("a", "b").get(1);
    ShardSubscription subscription = subscribe(endpoint, StartingPosition.trimHorizon());

    SubscribeToShardEvent event = event(subscription);

    assertThat(texts(event.records())).containsExactly("a", "b");
    assertThat(event.continuationSequenceNumber()).isEqualTo(number);
    assertThat(event.millisBehindLatest()).isZero();
    waiting(subscription);
    endpoint.putTexts("c");
    assertThat(texts(event(subscription).records())).containsExactly("c");
  }

  @Test
  void quietShardGivesEmptyEventsThatContinue() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.putTexts("old");
    String arn = register(endpoint);
    ShardSubscription subscription = endpoint.call(subscription(arn, StartingPosition.latest()));

    SubscribeToShardEvent first = event(subscription);

    assertThat(first.records()).isEmpty();
    assertThat(waiting(subscription)).isEqualTo(Duration.ofSeconds(5));
    endpoint.advance(Duration.ofSeconds(5));
    assertThat(event(subscription).records()).isEmpty();
    endpoint.putTexts("new");
    String continuation = Objects.requireNonNull(first.continuationSequenceNumber());
    ShardSubscription next = endpoint.call(subscription(arn, StartingPosition.after(continuation)));
    assertThat(texts(event(next).records())).containsExactly("new");
  }

  @Test
  void continuationOfAnEmptyShardLosesNothing() {
    Endpoint endpoint = Endpoint.withShards(1);
    ShardSubscription subscription = subscribe(endpoint, StartingPosition.latest());
    String continuation = Objects.requireNonNull(event(subscription).continuationSequenceNumber());
    endpoint.putTexts("first");

    assertThat(endpoint.textsFrom(SHARD_0, StartingPosition.after(continuation)))
        .containsExactly("first");
  }

  @Test
  void subscriptionEndsAfterFiveMinutes() {
    Endpoint endpoint = Endpoint.withShards(1);
    ShardSubscription subscription = subscribe(endpoint, StartingPosition.latest());
    event(subscription);

    endpoint.advance(Duration.ofMinutes(5).minusNanos(1));
    event(subscription);
    assertThat(waiting(subscription)).isEqualTo(Duration.ofNanos(1));
    endpoint.advance(Duration.ofNanos(1));

    assertThat(end(subscription)).isEqualTo(new SubscriptionStep.End(null, false));
    assertThat(end(subscription)).isEqualTo(new SubscriptionStep.End(null, false));
  }

  @Test
  void secondSubscriptionIsRefusedForFiveSecondsThenTakesOver() {
    Endpoint endpoint = Endpoint.withShards(2);
    String arn = register(endpoint);
    ShardSubscription first = endpoint.call(subscription(arn, StartingPosition.latest()));
    endpoint.advance(Duration.ofSeconds(5).minusNanos(1));

    endpoint.refuses(ErrorCode.RESOURCE_IN_USE, subscription(arn, StartingPosition.latest()));
    endpoint.call(new SubscribeToShard(arn, SHARD_1, StartingPosition.latest()));
    event(first);

    endpoint.advance(Duration.ofNanos(1));
    ShardSubscription second = endpoint.call(subscription(arn, StartingPosition.latest()));

    assertThat(endError(first)).isEqualTo(ErrorCode.RESOURCE_IN_USE);
    event(second);
  }

  @Test
  void cancelledSubscriptionMakesRoomAtOnce() {
    Endpoint endpoint = Endpoint.withShards(1);
    String arn = register(endpoint);
    ShardSubscription first = endpoint.call(subscription(arn, StartingPosition.latest()));

    first.cancel();
    first.cancel();

    ShardSubscription second = endpoint.call(subscription(arn, StartingPosition.latest()));
    event(second);
    assertThat(end(first).error()).isNull();
  }

  @Test
  void closedShardEndsTheSubscriptionWithItsChildren() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.putTexts("a");
    ShardSubscription subscription = subscribe(endpoint, StartingPosition.trimHorizon());
    assertThat(event(subscription).childShards()).isEmpty();
    waiting(subscription);
    AtomicInteger signals = signals(subscription);

    endpoint.split(SHARD_0, 0.5);

    assertThat(signals).hasValue(1);
    SubscribeToShardEvent last = event(subscription);
    assertThat(last.records()).isEmpty();
    assertThat(last.continuationSequenceNumber()).isNull();
    assertThat(last.childShards()).extracting(ChildShard::shardId).hasSize(2);
    assertThat(end(subscription)).isEqualTo(new SubscriptionStep.End(null, false));
  }

  @Test
  void reshardThatTakesTimeIsNotMissed() {
    Endpoint endpoint =
        Endpoint.withShards(
            1, CoreSettings.builder().reshardDuration(Duration.ofSeconds(2)).build());
    ShardSubscription subscription = subscribe(endpoint, StartingPosition.latest());
    event(subscription);
    waiting(subscription);
    AtomicInteger signals = signals(subscription);

    endpoint.split(SHARD_0, 0.5);

    assertThat(signals).hasValue(1);
    assertThat(waiting(subscription)).isEqualTo(Duration.ofSeconds(2));
    endpoint.advance(Duration.ofSeconds(2));
    assertThat(event(subscription).childShards()).hasSize(2);
  }

  @Test
  void waitingReaderIsSignalledOncePerSilence() {
    Endpoint endpoint = Endpoint.withShards(1);
    ShardSubscription subscription = subscribe(endpoint, StartingPosition.latest());
    event(subscription);
    AtomicInteger signals = signals(subscription);
    assertThat(signals).as("nobody waits yet").hasValue(1);
    signals.set(0);
    waiting(subscription);

    endpoint.putTexts("a", "b");
    endpoint.putTexts("c");

    assertThat(signals).hasValue(1);
    assertThat(event(subscription).records()).hasSize(3);
  }

  @Test
  void fanOutHasItsOwnAllowance() {
    Endpoint endpoint = Endpoint.withShards(1, ServiceLimits.NONE.withFanOut(1_000));
    endpoint.put(new PutEntry(ByteBuffer.allocate(3_000), "k", null));
    ShardSubscription subscription = subscribe(endpoint, StartingPosition.trimHorizon());
    event(subscription);
    endpoint.putTexts("later");

    assertThat(waiting(subscription)).isEqualTo(Duration.ofSeconds(2).plusNanos(1));
    endpoint.advance(Duration.ofSeconds(2).plusNanos(1));
    assertThat(texts(event(subscription).records())).containsExactly("later");
  }

  @Test
  void eventsHoldTwoMebibytesAtMost() {
    Endpoint endpoint = Endpoint.withShards(1);
    for (int i = 0; i < 3; i++) {
      endpoint.put(new PutEntry(ByteBuffer.allocate((1 << 20) - 1), "k", null));
    }
    ShardSubscription subscription = subscribe(endpoint, StartingPosition.trimHorizon());

    SubscribeToShardEvent first = event(subscription);

    assertThat(first.records()).hasSize(2);
    assertThat(first.millisBehindLatest()).isPositive();
    assertThat(event(subscription).records()).hasSize(1);
  }

  @Test
  void subscriptionRequestsAreChecked() {
    Endpoint endpoint = Endpoint.withShards(1);
    String arn = register(endpoint);

    endpoint.refuses(
        ErrorCode.RESOURCE_NOT_FOUND,
        new SubscribeToShard(arn, SHARD_1, StartingPosition.latest()));
    endpoint.refuses(
        ErrorCode.VALIDATION, new SubscribeToShard(null, SHARD_0, StartingPosition.latest()));
    endpoint.refuses(ErrorCode.INVALID_ARGUMENT, subscription(arn, StartingPosition.at("17")));
  }

  @Test
  void failingKeyEndsSubscriptionsOfEncryptedStreams() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.call(new AttributeCall.StartStreamEncryption(STREAM, EncryptionType.KMS, "key"));
    ShardSubscription subscription = subscribe(endpoint, StartingPosition.latest());
    event(subscription);

    endpoint.core.failKms(ErrorCode.KMS_ACCESS_DENIED);

    KinesisError error = Objects.requireNonNull(end(subscription).error());
    assertThat(error.code()).isEqualTo(ErrorCode.KMS_ACCESS_DENIED);
  }

  private static AtomicInteger signals(ShardSubscription subscription) {
    AtomicInteger signals = new AtomicInteger();
    subscription.onReady(signals::incrementAndGet);
    return signals;
  }
}
