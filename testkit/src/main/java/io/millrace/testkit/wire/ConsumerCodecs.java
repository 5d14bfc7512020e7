package io.millrace.testkit.wire;

import io.millrace.testkit.kinesis.call.ConsumerCall.DeregisterStreamConsumer;
import io.millrace.testkit.kinesis.call.ConsumerCall.DescribeStreamConsumer;
import io.millrace.testkit.kinesis.call.ConsumerCall.DescribeStreamConsumerReply;
import io.millrace.testkit.kinesis.call.ConsumerCall.ListStreamConsumers;
import io.millrace.testkit.kinesis.call.ConsumerCall.ListStreamConsumersReply;
import io.millrace.testkit.kinesis.call.ConsumerCall.RegisterStreamConsumer;
import io.millrace.testkit.kinesis.call.ConsumerCall.RegisterStreamConsumerReply;
import io.millrace.testkit.kinesis.call.ConsumerCall.SubscribeToShard;
import io.millrace.testkit.kinesis.call.ConsumerCall.SubscribeToShardEvent;
import io.millrace.testkit.kinesis.call.Empty;
import io.millrace.testkit.kinesis.call.ShardSubscription;
import io.millrace.testkit.kinesis.model.ConsumerInfo;
import io.millrace.testkit.kinesis.model.StartingPosition;
import java.io.IOException;

/** The operations about enhanced fan-out, and its events. */
final class ConsumerCodecs {
  static final OperationCodec<RegisterStreamConsumerReply> REGISTER_STREAM_CONSUMER =
      OperationCodec.of(
          (in, format) ->
              new RegisterStreamConsumer(
                  in.text("StreamARN"), in.text("ConsumerName"), in.textMap("Tags")),
          (reply, out) -> {
            out.beginObject("Consumer");
            writeConsumer(reply.consumer(), out);
            out.endObject();
          });

  static final OperationCodec<Empty> DEREGISTER_STREAM_CONSUMER =
      OperationCodec.withoutReply(
          (in, format) ->
              new DeregisterStreamConsumer(
                  in.text("StreamARN"), in.text("ConsumerName"), in.text("ConsumerARN")));

  static final OperationCodec<DescribeStreamConsumerReply> DESCRIBE_STREAM_CONSUMER =
      OperationCodec.of(
          (in, format) ->
              new DescribeStreamConsumer(
                  in.text("StreamARN"), in.text("ConsumerName"), in.text("ConsumerARN")),
          (reply, out) -> {
            out.beginObject("ConsumerDescription");
            writeConsumer(reply.consumer(), out);
            out.text("StreamARN", reply.consumer().streamArn());
            out.endObject();
          });

  static final OperationCodec<ListStreamConsumersReply> LIST_STREAM_CONSUMERS =
      OperationCodec.of(
          (in, format) ->
              new ListStreamConsumers(
                  in.text("StreamARN"),
                  in.text("NextToken"),
                  in.integer("MaxResults"),
                  in.timestamp("StreamCreationTimestamp", format)),
          (reply, out) -> {
            out.beginArray("Consumers");
            for (ConsumerInfo consumer : reply.consumers()) {
              out.beginObject();
              writeConsumer(consumer, out);
              out.endObject();
            }
            out.endArray();
            out.text("NextToken", reply.nextToken());
          });

  /** The reply is an empty initial response; what follows are events. */
  static final OperationCodec<ShardSubscription> SUBSCRIBE_TO_SHARD =
      OperationCodec.of(
          (in, format) -> {
            RequestFields position = in.object("StartingPosition");
            return new SubscribeToShard(
                in.text("ConsumerARN"),
                in.text("ShardId"),
                new StartingPosition(
                    position.requiredChoice("Type", StartingPosition.Type.class),
                    position.text("SequenceNumber"),
                    position.timestamp("Timestamp", format)));
          },
          (reply, out) -> {});

  private ConsumerCodecs() {}

  static void writeEvent(SubscribeToShardEvent event, WireWriter out) throws IOException {
    RecordCodecs.writeRecords(event.records(), out);
    out.text("ContinuationSequenceNumber", event.continuationSequenceNumber());
    out.number("MillisBehindLatest", event.millisBehindLatest());
    RecordCodecs.writeChildShards(event.childShards(), out);
  }

  private static void writeConsumer(ConsumerInfo consumer, WireWriter out) throws IOException {
    out.text("ConsumerName", consumer.name());
    out.text("ConsumerARN", consumer.arn());
    out.text("ConsumerStatus", consumer.status());
    out.timestamp("ConsumerCreationTimestamp", consumer.creationTimestamp());
  }
}
