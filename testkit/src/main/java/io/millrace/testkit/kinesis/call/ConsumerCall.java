package io.millrace.testkit.kinesis.call;

import io.millrace.testkit.kinesis.model.ChildShard;
import io.millrace.testkit.kinesis.model.ConsumerInfo;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import io.millrace.testkit.kinesis.model.StartingPosition;
import io.millrace.testkit.kinesis.model.StreamRef;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calls about enhanced fan-out consumers.
 *
 * <p>Required fields are nullable where a client can leave them out: the core answers as the
 * service does.
 *
 * @param <R> the reply
 */
public sealed interface ConsumerCall<R> extends KinesisRequest<R> {
  /**
   * Registers an enhanced fan-out consumer. Immutable.
   *
   * @param streamArn the stream; required
   * @param consumerName unique in the stream; required
   * @param tags tags of the consumer
   */
  record RegisterStreamConsumer(
      @Nullable String streamArn, @Nullable String consumerName, Map<String, String> tags)
      implements ConsumerCall<RegisterStreamConsumerReply> {
    /** Copies the collections. */
    public RegisterStreamConsumer {
      tags = Map.copyOf(tags);
    }

    @Override
    public Operation operation() {
      return Operation.REGISTER_STREAM_CONSUMER;
    }

    @Override
    public StreamRef stream() {
      return streamArn == null ? StreamRef.NONE : StreamRef.ofArn(streamArn);
    }

    @Override
    public RegisterStreamConsumerReply applyTo(KinesisOperations operations) {
      return operations.registerStreamConsumer(this);
    }
  }

  /**
   * The new consumer. Immutable.
   *
   * @param consumer still CREATING
   */
  record RegisterStreamConsumerReply(ConsumerInfo consumer) {}

  /**
   * Deregisters a consumer. Immutable.
   *
   * @param streamArn the stream, with the name; or null
   * @param consumerName the name, with the stream; or null
   * @param consumerArn the consumer alone; or null
   */
  record DeregisterStreamConsumer(
      @Nullable String streamArn, @Nullable String consumerName, @Nullable String consumerArn)
      implements ConsumerCall<Empty> {
    @Override
    public Operation operation() {
      return Operation.DEREGISTER_STREAM_CONSUMER;
    }

    @Override
    public StreamRef stream() {
      return streamArn == null ? StreamRef.NONE : StreamRef.ofArn(streamArn);
    }

    @Override
    public Empty applyTo(KinesisOperations operations) {
      return operations.deregisterStreamConsumer(this);
    }
  }

  /**
   * Describes a consumer. Immutable.
   *
   * @param streamArn the stream, with the name; or null
   * @param consumerName the name, with the stream; or null
   * @param consumerArn the consumer alone; or null
   */
  record DescribeStreamConsumer(
      @Nullable String streamArn, @Nullable String consumerName, @Nullable String consumerArn)
      implements ConsumerCall<DescribeStreamConsumerReply> {
    @Override
    public Operation operation() {
      return Operation.DESCRIBE_STREAM_CONSUMER;
    }

    @Override
    public StreamRef stream() {
      return streamArn == null ? StreamRef.NONE : StreamRef.ofArn(streamArn);
    }

    @Override
    public DescribeStreamConsumerReply applyTo(KinesisOperations operations) {
      return operations.describeStreamConsumer(this);
    }
  }

  /**
   * A consumer. Immutable.
   *
   * @param consumer its state
   */
  record DescribeStreamConsumerReply(ConsumerInfo consumer) {}

  /**
   * Lists consumers. Immutable.
   *
   * @param streamArn the stream; required
   * @param nextToken token of the page before, or null
   * @param maxResults most consumers in a page, 1 to 10000; null means 100
   * @param streamCreationTimestamp tells apart streams of the same name, or null
   */
  record ListStreamConsumers(
      @Nullable String streamArn,
      @Nullable String nextToken,
      @Nullable Integer maxResults,
      @Nullable Instant streamCreationTimestamp)
      implements ConsumerCall<ListStreamConsumersReply> {
    @Override
    public Operation operation() {
      return Operation.LIST_STREAM_CONSUMERS;
    }

    @Override
    public StreamRef stream() {
      return streamArn == null ? StreamRef.NONE : StreamRef.ofArn(streamArn);
    }

    @Override
    public ListStreamConsumersReply applyTo(KinesisOperations operations) {
      return operations.listStreamConsumers(this);
    }
  }

  /**
   * A page of consumers. Immutable.
   *
   * @param consumers in order of name
   * @param nextToken for the next page, or null; good for 300 seconds
   */
  record ListStreamConsumersReply(List<ConsumerInfo> consumers, @Nullable String nextToken) {
    /** Copies the collections. */
    public ListStreamConsumersReply {
      consumers = List.copyOf(consumers);
    }
  }

  /**
   * Begins to push a shard's records for up to five minutes. Immutable.
   *
   * @param consumerArn the consumer; required
   * @param shardId the shard; required
   * @param position where to begin
   */
  record SubscribeToShard(
      @Nullable String consumerArn, @Nullable String shardId, StartingPosition position)
      implements ConsumerCall<ShardSubscription> {
    @Override
    public Operation operation() {
      return Operation.SUBSCRIBE_TO_SHARD;
    }

    @Override
    public StreamRef stream() {
      return StreamRef.NONE;
    }

    @Override
    public ShardSubscription applyTo(KinesisOperations operations) {
      return operations.subscribeToShard(this);
    }
  }

  /**
   * A push of records. Immutable.
   *
   * @param records in order of sequence number; may be empty
   * @param continuationSequenceNumber where to subscribe again with AFTER_SEQUENCE_NUMBER; null at
   *     the end of a closed shard
   * @param millisBehindLatest distance to the tip in milliseconds; 0 at the tip
   * @param childShards the children, only at the end of a closed shard
   */
  record SubscribeToShardEvent(
      List<KinesisRecord> records,
      @Nullable String continuationSequenceNumber,
      long millisBehindLatest,
      List<ChildShard> childShards) {}
}
