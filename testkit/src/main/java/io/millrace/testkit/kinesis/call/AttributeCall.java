package io.millrace.testkit.kinesis.call;

import io.millrace.testkit.kinesis.model.EncryptionType;
import io.millrace.testkit.kinesis.model.StreamRef;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calls about tags, encryption and monitoring.
 *
 * <p>Required fields are nullable where a client can leave them out: the core answers as the
 * service does.
 *
 * @param <R> the reply
 */
public sealed interface AttributeCall<R> extends KinesisRequest<R> {
  /**
   * Adds or overwrites tags. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param tags 1 to 10 tags
   */
  record AddTagsToStream(StreamRef stream, Map<String, String> tags)
      implements AttributeCall<Empty> {
    /** Copies the collections. */
    public AddTagsToStream {
      tags = Map.copyOf(tags);
    }

    @Override
    public Operation operation() {
      return Operation.ADD_TAGS_TO_STREAM;
    }

    @Override
    public Empty applyTo(KinesisOperations operations) {
      return operations.addTagsToStream(this);
    }
  }

  /**
   * Removes tags. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param tagKeys the tags' keys
   */
  record RemoveTagsFromStream(StreamRef stream, List<String> tagKeys)
      implements AttributeCall<Empty> {
    /** Copies the collections. */
    public RemoveTagsFromStream {
      tagKeys = List.copyOf(tagKeys);
    }

    @Override
    public Operation operation() {
      return Operation.REMOVE_TAGS_FROM_STREAM;
    }

    @Override
    public Empty applyTo(KinesisOperations operations) {
      return operations.removeTagsFromStream(this);
    }
  }

  /**
   * Lists a stream's tags. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param exclusiveStartTagKey begin after this key, or null
   * @param limit most tags, 1 to 50; null means 50
   */
  record ListTagsForStream(
      StreamRef stream, @Nullable String exclusiveStartTagKey, @Nullable Integer limit)
      implements AttributeCall<ListTagsForStreamReply> {
    @Override
    public Operation operation() {
      return Operation.LIST_TAGS_FOR_STREAM;
    }

    @Override
    public ListTagsForStreamReply applyTo(KinesisOperations operations) {
      return operations.listTagsForStream(this);
    }
  }

  /**
   * A page of tags. Immutable.
   *
   * @param tags in order of key
   * @param hasMoreTags whether there is another page
   */
  record ListTagsForStreamReply(Map<String, String> tags, boolean hasMoreTags) {}

  /**
   * Adds or overwrites tags of a stream or consumer. Immutable.
   *
   * @param resourceArn the stream or consumer; required
   * @param tags the tags
   */
  record TagResource(@Nullable String resourceArn, Map<String, String> tags)
      implements AttributeCall<Empty> {
    /** Copies the collections. */
    public TagResource {
      tags = Map.copyOf(tags);
    }

    @Override
    public Operation operation() {
      return Operation.TAG_RESOURCE;
    }

    @Override
    public StreamRef stream() {
      return StreamRef.NONE;
    }

    @Override
    public Empty applyTo(KinesisOperations operations) {
      return operations.tagResource(this);
    }
  }

  /**
   * Removes tags of a stream or consumer. Immutable.
   *
   * @param resourceArn the stream or consumer; required
   * @param tagKeys the tags' keys
   */
  record UntagResource(@Nullable String resourceArn, List<String> tagKeys)
      implements AttributeCall<Empty> {
    /** Copies the collections. */
    public UntagResource {
      tagKeys = List.copyOf(tagKeys);
    }

    @Override
    public Operation operation() {
      return Operation.UNTAG_RESOURCE;
    }

    @Override
    public StreamRef stream() {
      return StreamRef.NONE;
    }

    @Override
    public Empty applyTo(KinesisOperations operations) {
      return operations.untagResource(this);
    }
  }

  /**
   * Lists the tags of a stream or consumer. Immutable.
   *
   * @param resourceArn the stream or consumer; required
   */
  record ListTagsForResource(@Nullable String resourceArn)
      implements AttributeCall<ListTagsForResourceReply> {
    @Override
    public Operation operation() {
      return Operation.LIST_TAGS_FOR_RESOURCE;
    }

    @Override
    public StreamRef stream() {
      return StreamRef.NONE;
    }

    @Override
    public ListTagsForResourceReply applyTo(KinesisOperations operations) {
      return operations.listTagsForResource(this);
    }
  }

  /**
   * The tags. Immutable.
   *
   * @param tags in order of key
   */
  record ListTagsForResourceReply(Map<String, String> tags) {}

  /**
   * Encrypts records from now on. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param encryptionType KMS; required
   * @param keyId the key; required
   */
  record StartStreamEncryption(
      StreamRef stream, @Nullable EncryptionType encryptionType, @Nullable String keyId)
      implements AttributeCall<Empty> {
    @Override
    public Operation operation() {
      return Operation.START_STREAM_ENCRYPTION;
    }

    @Override
    public Empty applyTo(KinesisOperations operations) {
      return operations.startStreamEncryption(this);
    }
  }

  /**
   * Stops to encrypt records. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param encryptionType KMS; required
   * @param keyId the key; required
   */
  record StopStreamEncryption(
      StreamRef stream, @Nullable EncryptionType encryptionType, @Nullable String keyId)
      implements AttributeCall<Empty> {
    @Override
    public Operation operation() {
      return Operation.STOP_STREAM_ENCRYPTION;
    }

    @Override
    public Empty applyTo(KinesisOperations operations) {
      return operations.stopStreamEncryption(this);
    }
  }

  /**
   * Switches shard-level metrics on. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param shardLevelMetrics the metrics, or ALL
   */
  record EnableEnhancedMonitoring(StreamRef stream, List<String> shardLevelMetrics)
      implements AttributeCall<EnhancedMonitoringReply> {
    /** Copies the collections. */
    public EnableEnhancedMonitoring {
      shardLevelMetrics = List.copyOf(shardLevelMetrics);
    }

    @Override
    public Operation operation() {
      return Operation.ENABLE_ENHANCED_MONITORING;
    }

    @Override
    public EnhancedMonitoringReply applyTo(KinesisOperations operations) {
      return operations.enableEnhancedMonitoring(this);
    }
  }

  /**
   * Switches shard-level metrics off. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param shardLevelMetrics the metrics, or ALL
   */
  record DisableEnhancedMonitoring(StreamRef stream, List<String> shardLevelMetrics)
      implements AttributeCall<EnhancedMonitoringReply> {
    /** Copies the collections. */
    public DisableEnhancedMonitoring {
      shardLevelMetrics = List.copyOf(shardLevelMetrics);
    }

    @Override
    public Operation operation() {
      return Operation.DISABLE_ENHANCED_MONITORING;
    }

    @Override
    public EnhancedMonitoringReply applyTo(KinesisOperations operations) {
      return operations.disableEnhancedMonitoring(this);
    }
  }

  /**
   * The metrics before and after. Immutable.
   *
   * @param streamName the name
   * @param streamArn the ARN
   * @param currentShardLevelMetrics before
   * @param desiredShardLevelMetrics after
   */
  record EnhancedMonitoringReply(
      String streamName,
      String streamArn,
      List<String> currentShardLevelMetrics,
      List<String> desiredShardLevelMetrics) {}
}
