package io.millrace.testkit.kinesis.engine;

import io.millrace.testkit.kinesis.call.ConsumerCall;
import io.millrace.testkit.kinesis.call.Empty;
import io.millrace.testkit.kinesis.model.ConsumerInfo;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.StreamRef;
import io.millrace.testkit.kinesis.store.ConsumerState;
import io.millrace.testkit.kinesis.store.ShardState;
import io.millrace.testkit.kinesis.store.StreamState;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The operations about enhanced fan-out consumers. Thread-safe. */
public final class ConsumerOperations {
  private static final int MAX_CONSUMERS = 20;
  private static final int MAX_CREATING = 5;
  private static final int MAX_PAGE = 10_000;
  private static final int DEFAULT_PAGE = 100;
  private static final int MAX_TAGS = 50;
  private static final long TAKE_OVER_NANOS = 5_000_000_000L;
  private static final char CONSUMERS = 'c';

  private final Account account;
  private final ShardOperations shards;

  /** Works on an account. */
  public ConsumerOperations(Account account, ShardOperations shards) {
    this.account = account;
    this.shards = shards;
  }

  /** Registers a consumer; it is ACTIVE after the duration of consumers' changes. */
  public ConsumerCall.RegisterStreamConsumerReply register(
      ConsumerCall.RegisterStreamConsumer request) {
    String name = Checks.name("consumerName", request.consumerName());
    Checks.tags(request.tags(), MAX_TAGS);
    StreamState stream = account.streamByArn("streamARN", request.streamArn());
    return stream.exclusively(
        () -> {
          account.requireActive(stream);
          requireRoom(stream, name);
          ConsumerState consumer = new ConsumerState(stream, name, account.nowMillis());
          consumer.setTags(request.tags());
          stream.consumers().put(name, consumer);
          ConsumerInfo created = consumer.describe();
          stream.after(
              account.settings().consumerDuration().toNanos(),
              account.nowNanos(),
              () -> {
                if (consumer.status() == ConsumerInfo.Status.CREATING) {
                  consumer.become(ConsumerInfo.Status.ACTIVE);
                }
              });
          return new ConsumerCall.RegisterStreamConsumerReply(created);
        });
  }

  /** Deregisters a consumer; its subscriptions end at once. */
  public Empty deregister(ConsumerCall.DeregisterStreamConsumer request) {
    ConsumerState consumer =
        find(request.streamArn(), request.consumerName(), request.consumerArn());
    StreamState stream = consumer.stream();
    stream.exclusively(
        () -> {
          if (consumer.status() != ConsumerInfo.Status.DELETING) {
            consumer.become(ConsumerInfo.Status.DELETING);
            stream.after(
                account.settings().consumerDuration().toNanos(),
                account.nowNanos(),
                () -> stream.consumers().remove(consumer.name(), consumer));
          }
          return Empty.EMPTY;
        });
    KinesisError gone = account.noConsumer(consumer.arn());
    consumer.subscriptions().forEach(subscription -> subscription.evict(gone));
    return Empty.EMPTY;
  }

  /** Describes a consumer. */
  public ConsumerCall.DescribeStreamConsumerReply describe(
      ConsumerCall.DescribeStreamConsumer request) {
    return new ConsumerCall.DescribeStreamConsumerReply(
        find(request.streamArn(), request.consumerName(), request.consumerArn()).describe());
  }

  /** Lists consumers by name. */
  public ConsumerCall.ListStreamConsumersReply list(ConsumerCall.ListStreamConsumers request) {
    int limit = Checks.inRangeOr("maxResults", request.maxResults(), 1, MAX_PAGE, DEFAULT_PAGE);
    StreamState stream = account.streamByArn("streamARN", request.streamArn());
    ShardOperations.requireCreation(stream, request.streamCreationTimestamp());
    String after = "";
    if (request.nextToken() != null) {
      Tokens.Page page = account.tokens().page(CONSUMERS, request.nextToken(), account.nowNanos());
      if (page.incarnation() != stream.incarnation()) {
        throw Checks.invalidArgument("NextToken is of another stream than StreamARN names.");
      }
      after = page.after();
    }
    List<ConsumerInfo> found =
        stream.consumers().tailMap(after, false).values().stream()
            .limit(limit + 1L)
            .map(ConsumerState::describe)
            .toList();
    if (found.size() <= limit) {
      return new ConsumerCall.ListStreamConsumersReply(found, null);
    }
    List<ConsumerInfo> page = found.subList(0, limit);
    Tokens.Page next =
        new Tokens.Page(CONSUMERS, stream.incarnation(), page.get(limit - 1).name(), "");
    return new ConsumerCall.ListStreamConsumersReply(
        page, account.tokens().encode(next, account.nowNanos()));
  }

  /** Begins a subscription; one that has run for 5 seconds or more is taken over. */
  public FanOutSubscription subscribe(ConsumerCall.SubscribeToShard request) {
    String shardId = Checks.name("shardId", request.shardId());
    Positions.check(request.position());
    ConsumerState consumer = account.consumer(request.consumerArn());
    StreamState stream = account.readyStream(StreamRef.ofArn(consumer.stream().arn()));
    if (consumer.status() != ConsumerInfo.Status.ACTIVE) {
      throw inUse("Consumer " + consumer.arn() + " is in state " + consumer.status() + ".");
    }
    account.requireKey(stream.attributes());
    ShardState shard =
        shards.find(stream, shardId).orElseThrow(() -> account.noShard(stream, shardId));
    long place = Positions.resolve(stream, shard, request.position(), account.nowMillis());
    FanOutSubscription subscription = new FanOutSubscription(account, consumer, shard, place);
    takeOver(consumer, shard, subscription);
    subscription.start();
    return subscription;
  }

  private void takeOver(ConsumerState consumer, ShardState shard, FanOutSubscription next) {
    Optional<ConsumerState.Subscription> previous;
    try {
      previous = consumer.replace(shard.index(), next, TAKE_OVER_NANOS);
    } catch (IllegalStateException e) {
      throw inUse(
          "Another active subscription exists for this consumer: "
              + consumer.arn()
              + " on shard "
              + shard.shardId()
              + ".");
    }
    previous.ifPresent(
        subscription ->
            subscription.evict(
                inUse(
                    "The subscription was taken over by another one of " + consumer.arn() + ".")));
  }

  private ConsumerState find(
      @Nullable String streamArn, @Nullable String consumerName, @Nullable String consumerArn) {
    if (consumerArn != null) {
      ConsumerState consumer = account.consumer(consumerArn);
      boolean sameStream = streamArn == null || streamArn.equals(consumer.stream().arn());
      boolean sameName = consumerName == null || consumerName.equals(consumer.name());
      if (!sameStream || !sameName) {
        throw Checks.invalidArgument(
            "ConsumerARN names another consumer than StreamARN and ConsumerName.");
      }
      return consumer;
    }
    if (streamArn == null || consumerName == null) {
      throw Checks.invalidArgument(
          "Either ConsumerARN, or both StreamARN and ConsumerName must be given.");
    }
    String name = Checks.name("consumerName", consumerName);
    ConsumerState consumer = account.streamByArn("streamARN", streamArn).consumers().get(name);
    if (consumer == null) {
      throw account.noConsumer(name);
    }
    return consumer;
  }

  private static void requireRoom(StreamState stream, String name) {
    if (stream.consumers().containsKey(name)) {
      throw inUse("Consumer " + name + " of stream " + stream.name() + " already exists.");
    }
    if (stream.consumers().size() >= MAX_CONSUMERS) {
      throw new KinesisError(
          ErrorCode.LIMIT_EXCEEDED,
          "Stream " + stream.name() + " has " + MAX_CONSUMERS + " consumers, which is the limit.");
    }
    long creating =
        stream.consumers().values().stream()
            .filter(consumer -> consumer.status() == ConsumerInfo.Status.CREATING)
            .count();
    if (creating >= MAX_CREATING) {
      throw new KinesisError(
          ErrorCode.LIMIT_EXCEEDED,
          "Stream " + stream.name() + " has " + creating + " consumers in state CREATING.");
    }
  }

  private static KinesisError inUse(String message) {
    return new KinesisError(ErrorCode.RESOURCE_IN_USE, message);
  }
}
