package io.millrace.consumer.internal.fetch;

import io.millrace.model.ShardId;
import java.util.concurrent.CompletionStage;

/** Reads shards by enhanced fan-out. Thread-safe; no method blocks or repeats a request. */
public interface FanOutPort {
  /**
   * A registered stream consumer.
   *
   * @param arn its ARN
   * @param active whether it may be used
   */
  record StreamConsumerInfo(String arn, boolean active) {}

  /** Looks a stream consumer up by its name (DescribeStreamConsumer). */
  CompletionStage<Reply<StreamConsumerInfo>> describeConsumer(String streamArn, String name);

  /**
   * Registers a stream consumer (RegisterStreamConsumer); a consumer that exists already is IN_USE.
   */
  CompletionStage<Reply<StreamConsumerInfo>> registerConsumer(String streamArn, String name);

  /**
   * Subscribes to a shard (SubscribeToShard). The listener's methods are called one at a time, on
   * any thread, and end with exactly one {@link Listener#onEnd} or {@link Listener#onFault} unless
   * cancelled before.
   *
   * @return the subscription, usable at once
   */
  Subscription subscribe(String consumerArn, ShardId shard, ReadFrom from, Listener listener);

  /** What happens in a subscription. */
  interface Listener {
    /** The service accepted it; events come as they are requested. */
    void onSubscribed();

    /** The next records; only as many as were requested. */
    void onEvent(FetchedRecords records);

    /** It ended as planned, after five minutes or at the end of the shard. */
    void onEnd();

    /** It was refused or broke. */
    void onFault(KinesisFault fault);
  }

  /** A running subscription. Thread-safe. */
  interface Subscription {
    /** Allows {@code events} more calls of {@link Listener#onEvent}. */
    void request(long events);

    /** Ends it; calls of the listener that are under way may still arrive. Idempotent. */
    void cancel();
  }
}
