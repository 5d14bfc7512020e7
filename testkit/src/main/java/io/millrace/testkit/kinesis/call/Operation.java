package io.millrace.testkit.kinesis.call;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The operations of the Kinesis API that the core knows. */
public enum Operation {
  /** Creates a stream. */
  CREATE_STREAM("CreateStream"),
  /** Deletes a stream with its records. */
  DELETE_STREAM("DeleteStream"),
  /** Lists streams by name, ascending. */
  LIST_STREAMS("ListStreams"),
  /** Describes a stream with a page of its shards. */
  DESCRIBE_STREAM("DescribeStream"),
  /** Describes a stream without its shards. */
  DESCRIBE_STREAM_SUMMARY("DescribeStreamSummary"),
  /** Keeps records longer. */
  INCREASE_STREAM_RETENTION_PERIOD("IncreaseStreamRetentionPeriod"),
  /** Keeps records for a shorter time. */
  DECREASE_STREAM_RETENTION_PERIOD("DecreaseStreamRetentionPeriod"),
  /** Changes the capacity mode. */
  UPDATE_STREAM_MODE("UpdateStreamMode"),
  /** Changes the size of the largest record. */
  UPDATE_MAX_RECORD_SIZE("UpdateMaxRecordSize"),
  /** Changes how the shard of a record is chosen; takes effect at once. */
  UPDATE_STREAM_RECORD_DISTRIBUTION_STRATEGY("UpdateStreamRecordDistributionStrategy"),
  /** Changes the warm throughput of an on-demand stream. */
  UPDATE_STREAM_WARM_THROUGHPUT("UpdateStreamWarmThroughput"),
  /** Tells the account's limits. */
  DESCRIBE_LIMITS("DescribeLimits"),
  /** Lists shards in ascending order of id. */
  LIST_SHARDS("ListShards"),
  /** Splits a shard in two. */
  SPLIT_SHARD("SplitShard"),
  /** Merges two adjacent shards. */
  MERGE_SHARDS("MergeShards"),
  /** Reshards to equal hash ranges. */
  UPDATE_SHARD_COUNT("UpdateShardCount"),
  /** Puts one record. */
  PUT_RECORD("PutRecord"),
  /** Puts up to 500 records; each succeeds or fails alone. */
  PUT_RECORDS("PutRecords"),
  /** Makes a cursor that lives for five minutes. */
  GET_SHARD_ITERATOR("GetShardIterator"),
  /** Reads from a cursor on. */
  GET_RECORDS("GetRecords"),
  /** Registers an enhanced fan-out consumer. */
  REGISTER_STREAM_CONSUMER("RegisterStreamConsumer"),
  /** Deregisters a consumer. */
  DEREGISTER_STREAM_CONSUMER("DeregisterStreamConsumer"),
  /** Describes a consumer. */
  DESCRIBE_STREAM_CONSUMER("DescribeStreamConsumer"),
  /** Lists consumers. */
  LIST_STREAM_CONSUMERS("ListStreamConsumers"),
  /** Begins to push a shard's records for up to five minutes. */
  SUBSCRIBE_TO_SHARD("SubscribeToShard"),
  /** Adds or overwrites tags. */
  ADD_TAGS_TO_STREAM("AddTagsToStream"),
  /** Removes tags. */
  REMOVE_TAGS_FROM_STREAM("RemoveTagsFromStream"),
  /** Lists a stream's tags. */
  LIST_TAGS_FOR_STREAM("ListTagsForStream"),
  /** Adds or overwrites tags of a stream or consumer. */
  TAG_RESOURCE("TagResource"),
  /** Removes tags of a stream or consumer. */
  UNTAG_RESOURCE("UntagResource"),
  /** Lists the tags of a stream or consumer. */
  LIST_TAGS_FOR_RESOURCE("ListTagsForResource"),
  /** Encrypts records from now on. */
  START_STREAM_ENCRYPTION("StartStreamEncryption"),
  /** Stops to encrypt records. */
  STOP_STREAM_ENCRYPTION("StopStreamEncryption"),
  /** Switches shard-level metrics on. */
  ENABLE_ENHANCED_MONITORING("EnableEnhancedMonitoring"),
  /** Switches shard-level metrics off. */
  DISABLE_ENHANCED_MONITORING("DisableEnhancedMonitoring");

  private static final Map<String, Operation> BY_WIRE_NAME =
      Arrays.stream(values())
          .collect(Collectors.toUnmodifiableMap(Operation::wireName, Function.identity()));

  private final String wireName;

  Operation(String wireName) {
    this.wireName = wireName;
  }

  /** The name as it stands in {@code X-Amz-Target}, without the version prefix. */
  public String wireName() {
    return wireName;
  }

  /** The operation with a wire name; empty if the core does not know it. */
  public static Optional<Operation> ofWireName(String wireName) {
    return Optional.ofNullable(BY_WIRE_NAME.get(wireName));
  }
}
