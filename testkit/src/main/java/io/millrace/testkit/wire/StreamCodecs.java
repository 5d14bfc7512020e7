package io.millrace.testkit.wire;

import io.millrace.testkit.kinesis.call.Empty;
import io.millrace.testkit.kinesis.call.StreamCall.CreateStream;
import io.millrace.testkit.kinesis.call.StreamCall.DecreaseStreamRetentionPeriod;
import io.millrace.testkit.kinesis.call.StreamCall.DeleteStream;
import io.millrace.testkit.kinesis.call.StreamCall.DescribeLimits;
import io.millrace.testkit.kinesis.call.StreamCall.DescribeLimitsReply;
import io.millrace.testkit.kinesis.call.StreamCall.DescribeStream;
import io.millrace.testkit.kinesis.call.StreamCall.DescribeStreamReply;
import io.millrace.testkit.kinesis.call.StreamCall.DescribeStreamSummary;
import io.millrace.testkit.kinesis.call.StreamCall.DescribeStreamSummaryReply;
import io.millrace.testkit.kinesis.call.StreamCall.IncreaseStreamRetentionPeriod;
import io.millrace.testkit.kinesis.call.StreamCall.ListStreams;
import io.millrace.testkit.kinesis.call.StreamCall.ListStreamsReply;
import io.millrace.testkit.kinesis.call.StreamCall.StreamDescription;
import io.millrace.testkit.kinesis.call.StreamCall.StreamSummary;
import io.millrace.testkit.kinesis.call.StreamCall.UpdateMaxRecordSize;
import io.millrace.testkit.kinesis.call.StreamCall.UpdateStreamMode;
import io.millrace.testkit.kinesis.call.StreamCall.UpdateStreamRecordDistributionStrategy;
import io.millrace.testkit.kinesis.call.StreamCall.UpdateStreamWarmThroughput;
import io.millrace.testkit.kinesis.call.StreamCall.UpdateStreamWarmThroughputReply;
import io.millrace.testkit.kinesis.model.RecordDistributionStrategy;
import io.millrace.testkit.kinesis.model.StreamMode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The operations about streams as a whole. */
final class StreamCodecs {
  static final OperationCodec<Empty> CREATE_STREAM =
      OperationCodec.withoutReply(
          (in, format) ->
              new CreateStream(
                  in.text("StreamName"),
                  in.integer("ShardCount"),
                  mode(in),
                  in.textMap("Tags"),
                  in.integer("MaxRecordSizeInKiB"),
                  distribution(in),
                  in.integer("WarmThroughputMiBps")));

  static final OperationCodec<Empty> DELETE_STREAM =
      OperationCodec.withoutReply(
          (in, format) -> new DeleteStream(in.stream(), in.flag("EnforceConsumerDeletion")));

  static final OperationCodec<ListStreamsReply> LIST_STREAMS =
      OperationCodec.of(
          (in, format) ->
              new ListStreams(
                  in.integer("Limit"), in.text("ExclusiveStartStreamName"), in.text("NextToken")),
          StreamCodecs::writeStreams);

  static final OperationCodec<DescribeStreamReply> DESCRIBE_STREAM =
      OperationCodec.of(
          (in, format) ->
              new DescribeStream(
                  in.stream(), in.integer("Limit"), in.text("ExclusiveStartShardId")),
          (reply, out) -> {
            out.beginObject("StreamDescription");
            writeDescription(reply.description(), out);
            ShardCodecs.writeShards(reply.shards(), out);
            out.flag("HasMoreShards", reply.hasMoreShards());
            out.endObject();
          });

  static final OperationCodec<DescribeStreamSummaryReply> DESCRIBE_STREAM_SUMMARY =
      OperationCodec.of(
          (in, format) -> new DescribeStreamSummary(in.stream()), StreamCodecs::writeSummary);

  static final OperationCodec<Empty> INCREASE_STREAM_RETENTION_PERIOD =
      OperationCodec.withoutReply(
          (in, format) ->
              new IncreaseStreamRetentionPeriod(in.stream(), in.integer("RetentionPeriodHours")));

  static final OperationCodec<Empty> DECREASE_STREAM_RETENTION_PERIOD =
      OperationCodec.withoutReply(
          (in, format) ->
              new DecreaseStreamRetentionPeriod(in.stream(), in.integer("RetentionPeriodHours")));

  static final OperationCodec<Empty> UPDATE_STREAM_MODE =
      OperationCodec.withoutReply(
          (in, format) ->
              new UpdateStreamMode(in.stream(), mode(in), in.integer("WarmThroughputMiBps")));

  static final OperationCodec<Empty> UPDATE_MAX_RECORD_SIZE =
      OperationCodec.withoutReply(
          (in, format) -> new UpdateMaxRecordSize(in.stream(), in.integer("MaxRecordSizeInKiB")));

  static final OperationCodec<Empty> UPDATE_STREAM_RECORD_DISTRIBUTION_STRATEGY =
      OperationCodec.withoutReply(
          (in, format) ->
              new UpdateStreamRecordDistributionStrategy(in.stream(), distribution(in)));

  static final OperationCodec<UpdateStreamWarmThroughputReply> UPDATE_STREAM_WARM_THROUGHPUT =
      OperationCodec.of(
          (in, format) ->
              new UpdateStreamWarmThroughput(in.stream(), in.integer("WarmThroughputMiBps")),
          (reply, out) -> {
            out.text("StreamName", reply.streamName());
            out.text("StreamARN", reply.streamArn());
            writeWarmThroughput(reply.targetMiBps(), reply.currentMiBps(), out);
          });

  static final OperationCodec<DescribeLimitsReply> DESCRIBE_LIMITS =
      OperationCodec.of(
          (in, format) -> new DescribeLimits(),
          (reply, out) -> {
            out.number("ShardLimit", reply.shardLimit());
            out.number("OpenShardCount", reply.openShardCount());
            out.number("OnDemandStreamCount", reply.onDemandStreamCount());
            out.number("OnDemandStreamCountLimit", reply.onDemandStreamCountLimit());
          });

  private StreamCodecs() {}

  private static @Nullable StreamMode mode(RequestFields in) {
    return in.object("StreamModeDetails").choice("StreamMode", StreamMode.class);
  }

  private static @Nullable RecordDistributionStrategy distribution(RequestFields in) {
    return in.choice("RecordDistributionStrategy", RecordDistributionStrategy.class);
  }

  private static void writeStreams(ListStreamsReply reply, WireWriter out) throws IOException {
    out.texts("StreamNames", reply.streams().stream().map(StreamSummary::streamName).toList());
    out.beginArray("StreamSummaries");
    for (StreamSummary stream : reply.streams()) {
      out.beginObject();
      out.text("StreamName", stream.streamName());
      out.text("StreamARN", stream.streamArn());
      out.text("StreamStatus", stream.status());
      writeMode(stream.mode(), out);
      out.timestamp("StreamCreationTimestamp", stream.creationTimestamp());
      out.endObject();
    }
    out.endArray();
    out.flag("HasMoreStreams", reply.hasMoreStreams());
    out.text("NextToken", reply.nextToken());
  }

  private static void writeSummary(DescribeStreamSummaryReply reply, WireWriter out)
      throws IOException {
    StreamDescription description = reply.description();
    out.beginObject("StreamDescriptionSummary");
    writeDescription(description, out);
    out.number("OpenShardCount", reply.openShardCount());
    out.number("ConsumerCount", reply.consumerCount());
    out.number("MaxRecordSizeInKiB", description.maxRecordSizeInKiB());
    if (description.mode() == StreamMode.ON_DEMAND) {
      out.text("RecordDistributionStrategy", description.distribution());
    }
    Integer warm = description.warmThroughputMiBps();
    if (warm != null) {
      writeWarmThroughput(warm, warm, out);
    }
    out.endObject();
  }

  private static void writeDescription(StreamDescription description, WireWriter out)
      throws IOException {
    out.text("StreamName", description.streamName());
    out.text("StreamARN", description.streamArn());
    out.text("StreamStatus", description.status());
    writeMode(description.mode(), out);
    out.number("RetentionPeriodHours", description.retentionPeriodHours());
    out.timestamp("StreamCreationTimestamp", description.creationTimestamp());
    out.beginArray("EnhancedMonitoring");
    out.beginObject();
    out.texts("ShardLevelMetrics", description.shardLevelMetrics());
    out.endObject();
    out.endArray();
    out.text("EncryptionType", description.encryptionType());
    out.text("KeyId", description.keyId());
  }

  private static void writeMode(StreamMode mode, WireWriter out) throws IOException {
    out.beginObject("StreamModeDetails");
    out.text("StreamMode", mode);
    out.endObject();
  }

  private static void writeWarmThroughput(int target, int current, WireWriter out)
      throws IOException {
    out.beginObject("WarmThroughput");
    out.number("TargetMiBps", target);
    out.number("CurrentMiBps", current);
    out.endObject();
  }
}
