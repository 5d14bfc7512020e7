package io.millrace.testkit.wire;

import io.millrace.testkit.kinesis.call.AttributeCall.AddTagsToStream;
import io.millrace.testkit.kinesis.call.AttributeCall.DisableEnhancedMonitoring;
import io.millrace.testkit.kinesis.call.AttributeCall.EnableEnhancedMonitoring;
import io.millrace.testkit.kinesis.call.AttributeCall.EnhancedMonitoringReply;
import io.millrace.testkit.kinesis.call.AttributeCall.ListTagsForResource;
import io.millrace.testkit.kinesis.call.AttributeCall.ListTagsForResourceReply;
import io.millrace.testkit.kinesis.call.AttributeCall.ListTagsForStream;
import io.millrace.testkit.kinesis.call.AttributeCall.ListTagsForStreamReply;
import io.millrace.testkit.kinesis.call.AttributeCall.RemoveTagsFromStream;
import io.millrace.testkit.kinesis.call.AttributeCall.StartStreamEncryption;
import io.millrace.testkit.kinesis.call.AttributeCall.StopStreamEncryption;
import io.millrace.testkit.kinesis.call.AttributeCall.TagResource;
import io.millrace.testkit.kinesis.call.AttributeCall.UntagResource;
import io.millrace.testkit.kinesis.call.Empty;
import io.millrace.testkit.kinesis.model.EncryptionType;
import java.io.IOException;
import java.util.Map;

/** The operations about tags, encryption and monitoring. */
final class AttributeCodecs {
  static final OperationCodec<Empty> ADD_TAGS_TO_STREAM =
      OperationCodec.withoutReply(
          (in, format) -> new AddTagsToStream(in.stream(), in.textMap("Tags")));

  static final OperationCodec<Empty> REMOVE_TAGS_FROM_STREAM =
      OperationCodec.withoutReply(
          (in, format) -> new RemoveTagsFromStream(in.stream(), in.texts("TagKeys")));

  static final OperationCodec<ListTagsForStreamReply> LIST_TAGS_FOR_STREAM =
      OperationCodec.of(
          (in, format) ->
              new ListTagsForStream(
                  in.stream(), in.text("ExclusiveStartTagKey"), in.integer("Limit")),
          (reply, out) -> {
            writeTags(reply.tags(), out);
            out.flag("HasMoreTags", reply.hasMoreTags());
          });

  static final OperationCodec<Empty> TAG_RESOURCE =
      OperationCodec.withoutReply(
          (in, format) -> new TagResource(in.text("ResourceARN"), in.textMap("Tags")));

  static final OperationCodec<Empty> UNTAG_RESOURCE =
      OperationCodec.withoutReply(
          (in, format) -> new UntagResource(in.text("ResourceARN"), in.texts("TagKeys")));

  static final OperationCodec<ListTagsForResourceReply> LIST_TAGS_FOR_RESOURCE =
      OperationCodec.of(
          (in, format) -> new ListTagsForResource(in.text("ResourceARN")),
          (reply, out) -> writeTags(reply.tags(), out));

  static final OperationCodec<Empty> START_STREAM_ENCRYPTION =
      OperationCodec.withoutReply(
          (in, format) ->
              new StartStreamEncryption(
                  in.stream(),
                  in.choice("EncryptionType", EncryptionType.class),
                  in.text("KeyId")));

  static final OperationCodec<Empty> STOP_STREAM_ENCRYPTION =
      OperationCodec.withoutReply(
          (in, format) ->
              new StopStreamEncryption(
                  in.stream(),
                  in.choice("EncryptionType", EncryptionType.class),
                  in.text("KeyId")));

  static final OperationCodec<EnhancedMonitoringReply> ENABLE_ENHANCED_MONITORING =
      OperationCodec.of(
          (in, format) -> new EnableEnhancedMonitoring(in.stream(), in.texts("ShardLevelMetrics")),
          AttributeCodecs::writeMonitoring);

  static final OperationCodec<EnhancedMonitoringReply> DISABLE_ENHANCED_MONITORING =
      OperationCodec.of(
          (in, format) -> new DisableEnhancedMonitoring(in.stream(), in.texts("ShardLevelMetrics")),
          AttributeCodecs::writeMonitoring);

  private AttributeCodecs() {}

  private static void writeTags(Map<String, String> tags, WireWriter out) throws IOException {
    out.beginArray("Tags");
    for (Map.Entry<String, String> tag : tags.entrySet()) {
      out.beginObject();
      out.text("Key", tag.getKey());
      out.text("Value", tag.getValue());
      out.endObject();
    }
    out.endArray();
  }

  private static void writeMonitoring(EnhancedMonitoringReply reply, WireWriter out)
      throws IOException {
    out.text("StreamName", reply.streamName());
    out.text("StreamARN", reply.streamArn());
    out.texts("CurrentShardLevelMetrics", reply.currentShardLevelMetrics());
    out.texts("DesiredShardLevelMetrics", reply.desiredShardLevelMetrics());
  }
}
