package io.millrace.testkit.kinesis.call;

import io.millrace.testkit.kinesis.model.KinesisError;

/**
 * The Kinesis API as typed calls. Each throws {@link KinesisError} where the service answers with
 * an error.
 *
 * <p>Implementations are thread-safe.
 */
public interface KinesisOperations {
  /**
   * Creates a stream.
   *
   * @throws KinesisError where the service refuses the call
   */
  Empty createStream(StreamCall.CreateStream request);

  /**
   * Deletes a stream with its records.
   *
   * @throws KinesisError where the service refuses the call
   */
  Empty deleteStream(StreamCall.DeleteStream request);

  /**
   * Lists streams by name, ascending.
   *
   * @throws KinesisError where the service refuses the call
   */
  StreamCall.ListStreamsReply listStreams(StreamCall.ListStreams request);

  /**
   * Describes a stream with a page of its shards.
   *
   * @throws KinesisError where the service refuses the call
   */
  StreamCall.DescribeStreamReply describeStream(StreamCall.DescribeStream request);

  /**
   * Describes a stream without its shards.
   *
   * @throws KinesisError where the service refuses the call
   */
  StreamCall.DescribeStreamSummaryReply describeStreamSummary(
      StreamCall.DescribeStreamSummary request);

  /**
   * Keeps records longer.
   *
   * @throws KinesisError where the service refuses the call
   */
  Empty increaseStreamRetentionPeriod(StreamCall.IncreaseStreamRetentionPeriod request);

  /**
   * Keeps records for a shorter time.
   *
   * @throws KinesisError where the service refuses the call
   */
  Empty decreaseStreamRetentionPeriod(StreamCall.DecreaseStreamRetentionPeriod request);

  /**
   * Changes the capacity mode.
   *
   * @throws KinesisError where the service refuses the call
   */
  Empty updateStreamMode(StreamCall.UpdateStreamMode request);

  /**
   * Changes the size of the largest record.
   *
   * @throws KinesisError where the service refuses the call
   */
  Empty updateMaxRecordSize(StreamCall.UpdateMaxRecordSize request);

  /**
   * Changes how the shard of a record is chosen; takes effect at once.
   *
   * @throws KinesisError where the service refuses the call
   */
  Empty updateStreamRecordDistributionStrategy(
      StreamCall.UpdateStreamRecordDistributionStrategy request);

  /**
   * Changes the warm throughput of an on-demand stream.
   *
   * @throws KinesisError where the service refuses the call
   */
  StreamCall.UpdateStreamWarmThroughputReply updateStreamWarmThroughput(
      StreamCall.UpdateStreamWarmThroughput request);

  /**
   * Tells the account's limits.
   *
   * @throws KinesisError where the service refuses the call
   */
  StreamCall.DescribeLimitsReply describeLimits(StreamCall.DescribeLimits request);

  /**
   * Lists shards in ascending order of id.
   *
   * @throws KinesisError where the service refuses the call
   */
  ShardCall.ListShardsReply listShards(ShardCall.ListShards request);

  /**
   * Splits a shard in two.
   *
   * @throws KinesisError where the service refuses the call
   */
  Empty splitShard(ShardCall.SplitShard request);

  /**
   * Merges two adjacent shards.
   *
   * @throws KinesisError where the service refuses the call
   */
  Empty mergeShards(ShardCall.MergeShards request);

  /**
   * Reshards to equal hash ranges.
   *
   * @throws KinesisError where the service refuses the call
   */
  ShardCall.UpdateShardCountReply updateShardCount(ShardCall.UpdateShardCount request);

  /**
   * Puts one record.
   *
   * @throws KinesisError where the service refuses the call
   */
  RecordCall.PutRecordReply putRecord(RecordCall.PutRecord request);

  /**
   * Puts up to 500 records; each succeeds or fails alone.
   *
   * @throws KinesisError where the service refuses the call
   */
  RecordCall.PutRecordsReply putRecords(RecordCall.PutRecords request);

  /**
   * Makes a cursor that lives for five minutes.
   *
   * @throws KinesisError where the service refuses the call
   */
  RecordCall.GetShardIteratorReply getShardIterator(RecordCall.GetShardIterator request);

  /**
   * Reads from a cursor on.
   *
   * @throws KinesisError where the service refuses the call
   */
  RecordCall.GetRecordsReply getRecords(RecordCall.GetRecords request);

  /**
   * Registers an enhanced fan-out consumer.
   *
   * @throws KinesisError where the service refuses the call
   */
  ConsumerCall.RegisterStreamConsumerReply registerStreamConsumer(
      ConsumerCall.RegisterStreamConsumer request);

  /**
   * Deregisters a consumer.
   *
   * @throws KinesisError where the service refuses the call
   */
  Empty deregisterStreamConsumer(ConsumerCall.DeregisterStreamConsumer request);

  /**
   * Describes a consumer.
   *
   * @throws KinesisError where the service refuses the call
   */
  ConsumerCall.DescribeStreamConsumerReply describeStreamConsumer(
      ConsumerCall.DescribeStreamConsumer request);

  /**
   * Lists consumers.
   *
   * @throws KinesisError where the service refuses the call
   */
  ConsumerCall.ListStreamConsumersReply listStreamConsumers(
      ConsumerCall.ListStreamConsumers request);

  /**
   * Begins to push a shard's records for up to five minutes.
   *
   * @throws KinesisError where the service refuses the call
   */
  ShardSubscription subscribeToShard(ConsumerCall.SubscribeToShard request);

  /**
   * Adds or overwrites tags.
   *
   * @throws KinesisError where the service refuses the call
   */
  Empty addTagsToStream(AttributeCall.AddTagsToStream request);

  /**
   * Removes tags.
   *
   * @throws KinesisError where the service refuses the call
   */
  Empty removeTagsFromStream(AttributeCall.RemoveTagsFromStream request);

  /**
   * Lists a stream's tags.
   *
   * @throws KinesisError where the service refuses the call
   */
  AttributeCall.ListTagsForStreamReply listTagsForStream(AttributeCall.ListTagsForStream request);

  /**
   * Adds or overwrites tags of a stream or consumer.
   *
   * @throws KinesisError where the service refuses the call
   */
  Empty tagResource(AttributeCall.TagResource request);

  /**
   * Removes tags of a stream or consumer.
   *
   * @throws KinesisError where the service refuses the call
   */
  Empty untagResource(AttributeCall.UntagResource request);

  /**
   * Lists the tags of a stream or consumer.
   *
   * @throws KinesisError where the service refuses the call
   */
  AttributeCall.ListTagsForResourceReply listTagsForResource(
      AttributeCall.ListTagsForResource request);

  /**
   * Encrypts records from now on.
   *
   * @throws KinesisError where the service refuses the call
   */
  Empty startStreamEncryption(AttributeCall.StartStreamEncryption request);

  /**
   * Stops to encrypt records.
   *
   * @throws KinesisError where the service refuses the call
   */
  Empty stopStreamEncryption(AttributeCall.StopStreamEncryption request);

  /**
   * Switches shard-level metrics on.
   *
   * @throws KinesisError where the service refuses the call
   */
  AttributeCall.EnhancedMonitoringReply enableEnhancedMonitoring(
      AttributeCall.EnableEnhancedMonitoring request);

  /**
   * Switches shard-level metrics off.
   *
   * @throws KinesisError where the service refuses the call
   */
  AttributeCall.EnhancedMonitoringReply disableEnhancedMonitoring(
      AttributeCall.DisableEnhancedMonitoring request);
}
