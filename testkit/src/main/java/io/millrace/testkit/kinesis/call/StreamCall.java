package io.millrace.testkit.kinesis.call;

import io.millrace.testkit.kinesis.model.EncryptionType;
import io.millrace.testkit.kinesis.model.RecordDistributionStrategy;
import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.model.StreamMode;
import io.millrace.testkit.kinesis.model.StreamRef;
import io.millrace.testkit.kinesis.model.StreamStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calls about streams as a whole.
 *
 * <p>Required fields are nullable where a client can leave them out: the core answers as the
 * service does.
 *
 * @param <R> the reply
 */
public sealed interface StreamCall<R> extends KinesisRequest<R> {
  /**
   * Creates a stream. Immutable.
   *
   * @param streamName the name; required
   * @param shardCount number of shards; required for provisioned streams, 4 for on-demand ones if
   *     null
   * @param mode capacity mode; null means PROVISIONED
   * @param tags tags of the new stream
   * @param maxRecordSizeInKiB largest record, 1024 to 10240; null means 1024
   * @param distribution AUTO only on demand; null means USER_PARTITION_KEY
   * @param warmThroughputMiBps warm throughput of an on-demand stream, or null
   */
  record CreateStream(
      @Nullable String streamName,
      @Nullable Integer shardCount,
      @Nullable StreamMode mode,
      Map<String, String> tags,
      @Nullable Integer maxRecordSizeInKiB,
      @Nullable RecordDistributionStrategy distribution,
      @Nullable Integer warmThroughputMiBps)
      implements StreamCall<Empty> {
    /** Copies the collections. */
    public CreateStream {
      tags = Map.copyOf(tags);
    }

    /** Creates a provisioned stream with the defaults. */
    public static CreateStream provisioned(String streamName, int shardCount) {
      return new CreateStream(
          streamName, shardCount, StreamMode.PROVISIONED, Map.of(), null, null, null);
    }

    /** Creates an on-demand stream with the defaults, but the given distribution. */
    public static CreateStream onDemand(String streamName, RecordDistributionStrategy strategy) {
      return new CreateStream(
          streamName, null, StreamMode.ON_DEMAND, Map.of(), null, strategy, null);
    }

    @Override
    public Operation operation() {
      return Operation.CREATE_STREAM;
    }

    @Override
    public StreamRef stream() {
      return streamName == null ? StreamRef.NONE : StreamRef.ofName(streamName);
    }

    @Override
    public Empty applyTo(KinesisOperations operations) {
      return operations.createStream(this);
    }
  }

  /**
   * Deletes a stream with its records. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param enforceConsumerDeletion whether registered consumers go too; else they make the call
   *     fail
   */
  record DeleteStream(StreamRef stream, boolean enforceConsumerDeletion)
      implements StreamCall<Empty> {
    @Override
    public Operation operation() {
      return Operation.DELETE_STREAM;
    }

    @Override
    public Empty applyTo(KinesisOperations operations) {
      return operations.deleteStream(this);
    }
  }

  /**
   * Lists streams by name, ascending. Immutable.
   *
   * @param limit most names in a page, 1 to 10000; null means 100
   * @param exclusiveStartStreamName begin after this name, or null
   * @param nextToken token of the page before, or null
   */
  record ListStreams(
      @Nullable Integer limit,
      @Nullable String exclusiveStartStreamName,
      @Nullable String nextToken)
      implements StreamCall<ListStreamsReply> {
    @Override
    public Operation operation() {
      return Operation.LIST_STREAMS;
    }

    @Override
    public StreamRef stream() {
      return StreamRef.NONE;
    }

    @Override
    public ListStreamsReply applyTo(KinesisOperations operations) {
      return operations.listStreams(this);
    }
  }

  /**
   * A page of streams. Immutable.
   *
   * @param streams the streams in ascending order of name
   * @param hasMoreStreams whether there is another page
   * @param nextToken for the next page, or null
   */
  record ListStreamsReply(
      List<StreamSummary> streams, boolean hasMoreStreams, @Nullable String nextToken) {
    /** Copies the collections. */
    public ListStreamsReply {
      streams = List.copyOf(streams);
    }
  }

  /**
   * A stream as ListStreams describes it. Immutable.
   *
   * @param streamName the name
   * @param streamArn the ARN
   * @param status where it is in its life
   * @param mode capacity mode
   * @param creationTimestamp when it was created
   */
  record StreamSummary(
      String streamName,
      String streamArn,
      StreamStatus status,
      StreamMode mode,
      Instant creationTimestamp) {}

  /**
   * Describes a stream with a page of its shards. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param limit most shards in a page, 1 to 10000; null means 100
   * @param exclusiveStartShardId begin after this shard, or null
   */
  record DescribeStream(
      StreamRef stream, @Nullable Integer limit, @Nullable String exclusiveStartShardId)
      implements StreamCall<DescribeStreamReply> {
    @Override
    public Operation operation() {
      return Operation.DESCRIBE_STREAM;
    }

    @Override
    public DescribeStreamReply applyTo(KinesisOperations operations) {
      return operations.describeStream(this);
    }
  }

  /**
   * A stream and a page of its shards. Immutable.
   *
   * @param description the stream
   * @param shards the shards in ascending order of id
   * @param hasMoreShards whether there are shards after these
   */
  record DescribeStreamReply(
      StreamDescription description, List<ShardInfo> shards, boolean hasMoreShards) {
    /** Copies the collections. */
    public DescribeStreamReply {
      shards = List.copyOf(shards);
    }
  }

  /**
   * Describes a stream without its shards. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   */
  record DescribeStreamSummary(StreamRef stream) implements StreamCall<DescribeStreamSummaryReply> {
    @Override
    public Operation operation() {
      return Operation.DESCRIBE_STREAM_SUMMARY;
    }

    @Override
    public DescribeStreamSummaryReply applyTo(KinesisOperations operations) {
      return operations.describeStreamSummary(this);
    }
  }

  /**
   * A stream with its counts. Immutable.
   *
   * @param description the stream
   * @param openShardCount shards that take records
   * @param consumerCount registered fan-out consumers
   */
  record DescribeStreamSummaryReply(
      StreamDescription description, int openShardCount, int consumerCount) {}

  /**
   * The state of a stream. Immutable.
   *
   * @param streamName the name
   * @param streamArn the ARN
   * @param status where it is in its life
   * @param mode capacity mode
   * @param distribution how shards are chosen; the service names it for on-demand streams
   * @param retentionPeriodHours hours that records are kept
   * @param creationTimestamp when it was created
   * @param encryptionType whether records are encrypted
   * @param keyId the KMS key, or null
   * @param maxRecordSizeInKiB largest record, key included
   * @param warmThroughputMiBps warm throughput, or null
   * @param shardLevelMetrics metrics of enhanced monitoring
   */
  record StreamDescription(
      String streamName,
      String streamArn,
      StreamStatus status,
      StreamMode mode,
      RecordDistributionStrategy distribution,
      int retentionPeriodHours,
      Instant creationTimestamp,
      EncryptionType encryptionType,
      @Nullable String keyId,
      int maxRecordSizeInKiB,
      @Nullable Integer warmThroughputMiBps,
      List<String> shardLevelMetrics) {
    /** Copies the collections. */
    public StreamDescription {
      shardLevelMetrics = List.copyOf(shardLevelMetrics);
    }
  }

  /**
   * Keeps records longer. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param retentionPeriodHours more than now, up to 8760; required
   */
  record IncreaseStreamRetentionPeriod(StreamRef stream, @Nullable Integer retentionPeriodHours)
      implements StreamCall<Empty> {
    @Override
    public Operation operation() {
      return Operation.INCREASE_STREAM_RETENTION_PERIOD;
    }

    @Override
    public Empty applyTo(KinesisOperations operations) {
      return operations.increaseStreamRetentionPeriod(this);
    }
  }

  /**
   * Keeps records for a shorter time. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param retentionPeriodHours less than now, at least 24; required
   */
  record DecreaseStreamRetentionPeriod(StreamRef stream, @Nullable Integer retentionPeriodHours)
      implements StreamCall<Empty> {
    @Override
    public Operation operation() {
      return Operation.DECREASE_STREAM_RETENTION_PERIOD;
    }

    @Override
    public Empty applyTo(KinesisOperations operations) {
      return operations.decreaseStreamRetentionPeriod(this);
    }
  }

  /**
   * Changes the capacity mode. Immutable.
   *
   * @param stream the stream; the service takes only its ARN here
   * @param mode the new mode; required
   * @param warmThroughputMiBps warm throughput, or null
   */
  record UpdateStreamMode(
      StreamRef stream, @Nullable StreamMode mode, @Nullable Integer warmThroughputMiBps)
      implements StreamCall<Empty> {
    @Override
    public Operation operation() {
      return Operation.UPDATE_STREAM_MODE;
    }

    @Override
    public Empty applyTo(KinesisOperations operations) {
      return operations.updateStreamMode(this);
    }
  }

  /**
   * Changes the size of the largest record. Immutable.
   *
   * @param stream the stream; the service takes only its ARN here
   * @param maxRecordSizeInKiB 1024 to 10240; required
   */
  record UpdateMaxRecordSize(StreamRef stream, @Nullable Integer maxRecordSizeInKiB)
      implements StreamCall<Empty> {
    @Override
    public Operation operation() {
      return Operation.UPDATE_MAX_RECORD_SIZE;
    }

    @Override
    public Empty applyTo(KinesisOperations operations) {
      return operations.updateMaxRecordSize(this);
    }
  }

  /**
   * Changes how the shard of a record is chosen; takes effect at once. Immutable.
   *
   * @param stream the stream; the service takes only its ARN here
   * @param distribution the new strategy; required
   */
  record UpdateStreamRecordDistributionStrategy(
      StreamRef stream, @Nullable RecordDistributionStrategy distribution)
      implements StreamCall<Empty> {
    @Override
    public Operation operation() {
      return Operation.UPDATE_STREAM_RECORD_DISTRIBUTION_STRATEGY;
    }

    @Override
    public Empty applyTo(KinesisOperations operations) {
      return operations.updateStreamRecordDistributionStrategy(this);
    }
  }

  /**
   * Changes the warm throughput of an on-demand stream. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param warmThroughputMiBps the new value; required
   */
  record UpdateStreamWarmThroughput(StreamRef stream, @Nullable Integer warmThroughputMiBps)
      implements StreamCall<UpdateStreamWarmThroughputReply> {
    @Override
    public Operation operation() {
      return Operation.UPDATE_STREAM_WARM_THROUGHPUT;
    }

    @Override
    public UpdateStreamWarmThroughputReply applyTo(KinesisOperations operations) {
      return operations.updateStreamWarmThroughput(this);
    }
  }

  /**
   * The new warm throughput. Immutable.
   *
   * @param streamName the name
   * @param streamArn the ARN
   * @param targetMiBps what was asked for
   * @param currentMiBps what is there
   */
  record UpdateStreamWarmThroughputReply(
      String streamName, String streamArn, int targetMiBps, int currentMiBps) {}

  /** Tells the account's limits. Immutable. */
  record DescribeLimits() implements StreamCall<DescribeLimitsReply> {
    @Override
    public Operation operation() {
      return Operation.DESCRIBE_LIMITS;
    }

    @Override
    public StreamRef stream() {
      return StreamRef.NONE;
    }

    @Override
    public DescribeLimitsReply applyTo(KinesisOperations operations) {
      return operations.describeLimits(this);
    }
  }

  /**
   * The account's limits and their use. Immutable.
   *
   * @param shardLimit most open shards
   * @param openShardCount open shards of provisioned streams
   * @param onDemandStreamCount on-demand streams
   * @param onDemandStreamCountLimit most on-demand streams
   */
  record DescribeLimitsReply(
      int shardLimit, int openShardCount, int onDemandStreamCount, int onDemandStreamCountLimit) {}
}
