package io.millrace.testkit.kinesis.engine;

import io.millrace.testkit.kinesis.call.AttributeCall;
import io.millrace.testkit.kinesis.call.ConsumerCall;
import io.millrace.testkit.kinesis.call.Empty;
import io.millrace.testkit.kinesis.call.KinesisOperations;
import io.millrace.testkit.kinesis.call.RecordCall;
import io.millrace.testkit.kinesis.call.ShardCall;
import io.millrace.testkit.kinesis.call.ShardSubscription;
import io.millrace.testkit.kinesis.call.StreamCall;

/**
 * Takes each call to its operation, with the faults that concern its inside. Immutable,
 * thread-safe.
 */
public final class Router implements KinesisOperations {
  private final StreamOperations streams;
  private final ShardOperations shards;
  private final RecordOperations records;
  private final ConsumerOperations consumers;
  private final AttributeOperations attributes;
  private final PutFaults putFaults;
  private final boolean emptyPage;

  /** Routes without faults. */
  public Router(Account account) {
    streams = new StreamOperations(account);
    shards = new ShardOperations(account, streams);
    records = new RecordOperations(account, shards);
    consumers = new ConsumerOperations(account, shards);
    attributes = new AttributeOperations(account, streams);
    putFaults = PutFaults.NONE;
    emptyPage = false;
  }

  private Router(Router base, PutFaults putFaults, boolean emptyPage) {
    this.streams = base.streams;
    this.shards = base.shards;
    this.records = base.records;
    this.consumers = base.consumers;
    this.attributes = base.attributes;
    this.putFaults = putFaults;
    this.emptyPage = emptyPage;
  }

  /**
   * The same operations with faults.
   *
   * @param entries which entries of PutRecords fail
   * @param empty whether GetRecords answers an empty page
   */
  public Router with(PutFaults entries, boolean empty) {
    return new Router(this, entries, empty);
  }

  /** The operations about shards, for what the service does by itself. */
  public ShardOperations shards() {
    return shards;
  }

  /** The operations about records, for what faults need to know of them. */
  public RecordOperations records() {
    return records;
  }

  @Override
  public Empty createStream(StreamCall.CreateStream request) {
    return streams.create(request);
  }

  @Override
  public Empty deleteStream(StreamCall.DeleteStream request) {
    return streams.delete(request);
  }

  @Override
  public StreamCall.ListStreamsReply listStreams(StreamCall.ListStreams request) {
    return streams.list(request);
  }

  @Override
  public StreamCall.DescribeStreamReply describeStream(StreamCall.DescribeStream request) {
    return streams.describe(request);
  }

  @Override
  public StreamCall.DescribeStreamSummaryReply describeStreamSummary(
      StreamCall.DescribeStreamSummary request) {
    return streams.describeSummary(request);
  }

  @Override
  public Empty increaseStreamRetentionPeriod(StreamCall.IncreaseStreamRetentionPeriod request) {
    return streams.increaseRetention(request);
  }

  @Override
  public Empty decreaseStreamRetentionPeriod(StreamCall.DecreaseStreamRetentionPeriod request) {
    return streams.decreaseRetention(request);
  }

  @Override
  public Empty updateStreamMode(StreamCall.UpdateStreamMode request) {
    return streams.updateMode(request);
  }

  @Override
  public Empty updateMaxRecordSize(StreamCall.UpdateMaxRecordSize request) {
    return streams.updateMaxRecordSize(request);
  }

  @Override
  public Empty updateStreamRecordDistributionStrategy(
      StreamCall.UpdateStreamRecordDistributionStrategy request) {
    return streams.updateDistribution(request);
  }

  @Override
  public StreamCall.UpdateStreamWarmThroughputReply updateStreamWarmThroughput(
      StreamCall.UpdateStreamWarmThroughput request) {
    return streams.updateWarmThroughput(request);
  }

  @Override
  public StreamCall.DescribeLimitsReply describeLimits(StreamCall.DescribeLimits request) {
    return streams.describeLimits();
  }

  @Override
  public ShardCall.ListShardsReply listShards(ShardCall.ListShards request) {
    return shards.list(request);
  }

  @Override
  public Empty splitShard(ShardCall.SplitShard request) {
    return shards.split(request);
  }

  @Override
  public Empty mergeShards(ShardCall.MergeShards request) {
    return shards.merge(request);
  }

  @Override
  public ShardCall.UpdateShardCountReply updateShardCount(ShardCall.UpdateShardCount request) {
    return shards.updateCount(request);
  }

  @Override
  public RecordCall.PutRecordReply putRecord(RecordCall.PutRecord request) {
    return records.putRecord(request);
  }

  @Override
  public RecordCall.PutRecordsReply putRecords(RecordCall.PutRecords request) {
    return records.putRecords(request, putFaults);
  }

  @Override
  public RecordCall.GetShardIteratorReply getShardIterator(RecordCall.GetShardIterator request) {
    return records.getShardIterator(request);
  }

  @Override
  public RecordCall.GetRecordsReply getRecords(RecordCall.GetRecords request) {
    return records.getRecords(request, emptyPage);
  }

  @Override
  public ConsumerCall.RegisterStreamConsumerReply registerStreamConsumer(
      ConsumerCall.RegisterStreamConsumer request) {
    return consumers.register(request);
  }

  @Override
  public Empty deregisterStreamConsumer(ConsumerCall.DeregisterStreamConsumer request) {
    return consumers.deregister(request);
  }

  @Override
  public ConsumerCall.DescribeStreamConsumerReply describeStreamConsumer(
      ConsumerCall.DescribeStreamConsumer request) {
    return consumers.describe(request);
  }

  @Override
  public ConsumerCall.ListStreamConsumersReply listStreamConsumers(
      ConsumerCall.ListStreamConsumers request) {
    return consumers.list(request);
  }

  @Override
  public ShardSubscription subscribeToShard(ConsumerCall.SubscribeToShard request) {
    return consumers.subscribe(request);
  }

  @Override
  public Empty addTagsToStream(AttributeCall.AddTagsToStream request) {
    return attributes.addTags(request);
  }

  @Override
  public Empty removeTagsFromStream(AttributeCall.RemoveTagsFromStream request) {
    return attributes.removeTags(request);
  }

  @Override
  public AttributeCall.ListTagsForStreamReply listTagsForStream(
      AttributeCall.ListTagsForStream request) {
    return attributes.listTags(request);
  }

  @Override
  public Empty tagResource(AttributeCall.TagResource request) {
    return attributes.tagResource(request);
  }

  @Override
  public Empty untagResource(AttributeCall.UntagResource request) {
    return attributes.untagResource(request);
  }

  @Override
  public AttributeCall.ListTagsForResourceReply listTagsForResource(
      AttributeCall.ListTagsForResource request) {
    return attributes.listResourceTags(request);
  }

  @Override
  public Empty startStreamEncryption(AttributeCall.StartStreamEncryption request) {
    return attributes.startEncryption(request);
  }

  @Override
  public Empty stopStreamEncryption(AttributeCall.StopStreamEncryption request) {
    return attributes.stopEncryption(request);
  }

  @Override
  public AttributeCall.EnhancedMonitoringReply enableEnhancedMonitoring(
      AttributeCall.EnableEnhancedMonitoring request) {
    return attributes.enableMonitoring(request);
  }

  @Override
  public AttributeCall.EnhancedMonitoringReply disableEnhancedMonitoring(
      AttributeCall.DisableEnhancedMonitoring request) {
    return attributes.disableMonitoring(request);
  }
}
