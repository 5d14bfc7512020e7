package io.millrace.testkit.wire;

import io.millrace.testkit.kinesis.call.Empty;
import io.millrace.testkit.kinesis.call.ShardCall.ListShards;
import io.millrace.testkit.kinesis.call.ShardCall.ListShardsReply;
import io.millrace.testkit.kinesis.call.ShardCall.MergeShards;
import io.millrace.testkit.kinesis.call.ShardCall.ShardFilter;
import io.millrace.testkit.kinesis.call.ShardCall.SplitShard;
import io.millrace.testkit.kinesis.call.ShardCall.UpdateShardCount;
import io.millrace.testkit.kinesis.call.ShardCall.UpdateShardCountReply;
import io.millrace.testkit.kinesis.model.ShardInfo;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The operations about shards. */
final class ShardCodecs {
  private static final int SHARD_BYTES = 512;

  static final OperationCodec<ListShardsReply> LIST_SHARDS =
      OperationCodec.sized(
          (in, format) ->
              new ListShards(
                  in.stream(),
                  in.text("NextToken"),
                  in.text("ExclusiveStartShardId"),
                  in.integer("MaxResults"),
                  in.timestamp("StreamCreationTimestamp", format),
                  shardFilter(in, format)),
          (reply, out) -> {
            writeShards(reply.shards(), out);
            out.text("NextToken", reply.nextToken());
          },
          reply -> (reply.shards().size() + 1) * SHARD_BYTES);

  static final OperationCodec<Empty> SPLIT_SHARD =
      OperationCodec.withoutReply(
          (in, format) ->
              new SplitShard(in.stream(), in.text("ShardToSplit"), in.text("NewStartingHashKey")));

  static final OperationCodec<Empty> MERGE_SHARDS =
      OperationCodec.withoutReply(
          (in, format) ->
              new MergeShards(
                  in.stream(), in.text("ShardToMerge"), in.text("AdjacentShardToMerge")));

  static final OperationCodec<UpdateShardCountReply> UPDATE_SHARD_COUNT =
      OperationCodec.of(
          (in, format) ->
              new UpdateShardCount(
                  in.stream(), in.integer("TargetShardCount"), in.text("ScalingType")),
          (reply, out) -> {
            out.text("StreamName", reply.streamName());
            out.text("StreamARN", reply.streamArn());
            out.number("CurrentShardCount", reply.currentShardCount());
            out.number("TargetShardCount", reply.targetShardCount());
          });

  private ShardCodecs() {}

  private static @Nullable ShardFilter shardFilter(RequestFields in, WireFormat format) {
    if (!in.has("ShardFilter")) {
      return null;
    }
    RequestFields filter = in.object("ShardFilter");
    return new ShardFilter(
        filter.requiredChoice("Type", ShardFilter.Type.class),
        filter.text("ShardId"),
        filter.timestamp("Timestamp", format));
  }

  static void writeShards(List<ShardInfo> shards, WireWriter out) throws IOException {
    out.beginArray("Shards");
    for (ShardInfo shard : shards) {
      out.beginObject();
      out.text("ShardId", shard.shardId());
      out.text("ParentShardId", shard.parentShardId());
      out.text("AdjacentParentShardId", shard.adjacentParentShardId());
      writeHashKeyRange(shard.startingHashKey(), shard.endingHashKey(), out);
      out.beginObject("SequenceNumberRange");
      out.text("StartingSequenceNumber", shard.startingSequenceNumber());
      out.text("EndingSequenceNumber", shard.endingSequenceNumber());
      out.endObject();
      out.endObject();
    }
    out.endArray();
  }

  static void writeHashKeyRange(String start, String end, WireWriter out) throws IOException {
    out.beginObject("HashKeyRange");
    out.text("StartingHashKey", start);
    out.text("EndingHashKey", end);
    out.endObject();
  }
}
