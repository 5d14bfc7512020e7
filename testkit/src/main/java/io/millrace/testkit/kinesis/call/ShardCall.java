package io.millrace.testkit.kinesis.call;

import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.model.StreamRef;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls about shards and their lineage.
 *
 * <p>Required fields are nullable where a client can leave them out: the core answers as the
 * service does.
 *
 * @param <R> the reply
 */
public sealed interface ShardCall<R> extends KinesisRequest<R> {
  /**
   * Lists shards in ascending order of id. Immutable.
   *
   * @param stream the stream; NONE where a token is given
   * @param nextToken token of the page before, or null; excludes every other parameter but
   *     maxResults
   * @param exclusiveStartShardId begin after this shard, or null
   * @param maxResults most shards in a page, 1 to 10000; null means 1000
   * @param streamCreationTimestamp tells apart streams of the same name, or null
   * @param filter which shards, or null for all that are kept
   */
  record ListShards(
      StreamRef stream,
      @Nullable String nextToken,
      @Nullable String exclusiveStartShardId,
      @Nullable Integer maxResults,
      @Nullable Instant streamCreationTimestamp,
      @Nullable ShardFilter filter)
      implements ShardCall<ListShardsReply> {
    /** Lists the first page of the shards that the filter lets through. */
    public static ListShards of(StreamRef stream, @Nullable ShardFilter filter) {
      return new ListShards(stream, null, null, null, null, filter);
    }

    /** Lists the page after the one that gave the token. */
    public static ListShards next(String nextToken) {
      return new ListShards(StreamRef.NONE, nextToken, null, null, null, null);
    }

    @Override
    public Operation operation() {
      return Operation.LIST_SHARDS;
    }

    @Override
    public ListShardsReply applyTo(KinesisOperations operations) {
      return operations.listShards(this);
    }
  }

  /**
   * A page of shards. Immutable.
   *
   * @param shards the shards in ascending order of id
   * @param nextToken for the next page, or null; good for 300 seconds
   */
  record ListShardsReply(List<ShardInfo> shards, @Nullable String nextToken) {
    /** Copies the collections. */
    public ListShardsReply {
      shards = List.copyOf(shards);
    }
  }

  /**
   * Which shards ListShards returns. Immutable.
   *
   * @param type the kind of filter; required
   * @param shardId for AFTER_SHARD_ID, else null
   * @param timestamp for AT_TIMESTAMP and FROM_TIMESTAMP, else null
   */
  record ShardFilter(@Nullable Type type, @Nullable String shardId, @Nullable Instant timestamp) {
    /** The kinds of filter. */
    public enum Type {
      /** All shards after a given id, closed and open. */
      AFTER_SHARD_ID,
      /** The shards that were open at the trim horizon. */
      AT_TRIM_HORIZON,
      /** All shards that still hold records or are open. */
      FROM_TRIM_HORIZON,
      /** The open shards. */
      AT_LATEST,
      /** The shards that were open at a time. */
      AT_TIMESTAMP,
      /** The shards that were open at a time or later. */
      FROM_TIMESTAMP
    }

    /** A filter without argument. */
    public static ShardFilter of(Type type) {
      return new ShardFilter(type, null, null);
    }
  }

  /**
   * Splits a shard in two. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param shardToSplit the open shard; required
   * @param newStartingHashKey first hash key of the upper child, decimal; required
   */
  record SplitShard(
      StreamRef stream, @Nullable String shardToSplit, @Nullable String newStartingHashKey)
      implements ShardCall<Empty> {
    @Override
    public Operation operation() {
      return Operation.SPLIT_SHARD;
    }

    @Override
    public Empty applyTo(KinesisOperations operations) {
      return operations.splitShard(this);
    }
  }

  /**
   * Merges two adjacent shards. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param shardToMerge the open shard; required
   * @param adjacentShardToMerge its open neighbour; required
   */
  record MergeShards(
      StreamRef stream, @Nullable String shardToMerge, @Nullable String adjacentShardToMerge)
      implements ShardCall<Empty> {
    @Override
    public Operation operation() {
      return Operation.MERGE_SHARDS;
    }

    @Override
    public Empty applyTo(KinesisOperations operations) {
      return operations.mergeShards(this);
    }
  }

  /**
   * Reshards to equal hash ranges. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param targetShardCount half to twice the open shards; required
   * @param scalingType UNIFORM_SCALING; required
   */
  record UpdateShardCount(
      StreamRef stream, @Nullable Integer targetShardCount, @Nullable String scalingType)
      implements ShardCall<UpdateShardCountReply> {
    @Override
    public Operation operation() {
      return Operation.UPDATE_SHARD_COUNT;
    }

    @Override
    public UpdateShardCountReply applyTo(KinesisOperations operations) {
      return operations.updateShardCount(this);
    }
  }

  /**
   * What UpdateShardCount began. Immutable.
   *
   * @param streamName the name
   * @param streamArn the ARN
   * @param currentShardCount open shards before
   * @param targetShardCount open shards after
   */
  record UpdateShardCountReply(
      String streamName, String streamArn, int currentShardCount, int targetShardCount) {}
}
