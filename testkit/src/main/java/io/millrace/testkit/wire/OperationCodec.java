package io.millrace.testkit.wire;

import com.fasterxml.jackson.core.JsonParser;
import io.millrace.testkit.kinesis.call.Empty;
import io.millrace.testkit.kinesis.call.KinesisRequest;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.call.ShardSubscription;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.function.ToIntFunction;

/**
 * Reads an operation's request and writes its reply. Immutable.
 *
 * @param <R> the reply
 */
public final class OperationCodec<R> {
  private static final int SMALL_REPLY_BYTES = 512;

  private final StreamReader<R> reader;
  private final ReplyWriter<R> writer;
  private final ToIntFunction<R> size;

  private OperationCodec(StreamReader<R> reader, ReplyWriter<R> writer, ToIntFunction<R> size) {
    this.reader = reader;
    this.writer = writer;
    this.size = size;
  }

  /** Reads a request from its body as it stands on the wire. */
  interface StreamReader<R> {
    KinesisRequest<R> read(JsonParser parser, WireFormat format) throws IOException;
  }

  /** Makes a small request from its fields. */
  interface FieldsReader<R> {
    KinesisRequest<R> read(RequestFields fields, WireFormat format);
  }

  /** Writes a reply's fields. */
  interface ReplyWriter<R> {
    void write(R reply, WireWriter out) throws IOException;
  }

  static <R> OperationCodec<R> streamed(
      StreamReader<R> reader, ReplyWriter<R> writer, ToIntFunction<R> size) {
    return new OperationCodec<>(reader, writer, size);
  }

  static <R> OperationCodec<R> sized(
      FieldsReader<R> reader, ReplyWriter<R> writer, ToIntFunction<R> size) {
    return new OperationCodec<>(
        (parser, format) -> reader.read(RequestFields.read(parser), format), writer, size);
  }

  static <R> OperationCodec<R> of(FieldsReader<R> reader, ReplyWriter<R> writer) {
    return sized(reader, writer, reply -> SMALL_REPLY_BYTES);
  }

  static OperationCodec<Empty> withoutReply(FieldsReader<Empty> reader) {
    return of(reader, (reply, out) -> {});
  }

  /** The codec of an operation. */
  public static OperationCodec<?> of(Operation operation) {
    return switch (operation) {
      case CREATE_STREAM -> StreamCodecs.CREATE_STREAM;
      case DELETE_STREAM -> StreamCodecs.DELETE_STREAM;
      case LIST_STREAMS -> StreamCodecs.LIST_STREAMS;
      case DESCRIBE_STREAM -> StreamCodecs.DESCRIBE_STREAM;
      case DESCRIBE_STREAM_SUMMARY -> StreamCodecs.DESCRIBE_STREAM_SUMMARY;
      case INCREASE_STREAM_RETENTION_PERIOD -> StreamCodecs.INCREASE_STREAM_RETENTION_PERIOD;
      case DECREASE_STREAM_RETENTION_PERIOD -> StreamCodecs.DECREASE_STREAM_RETENTION_PERIOD;
      case UPDATE_STREAM_MODE -> StreamCodecs.UPDATE_STREAM_MODE;
      case UPDATE_MAX_RECORD_SIZE -> StreamCodecs.UPDATE_MAX_RECORD_SIZE;
      case UPDATE_STREAM_RECORD_DISTRIBUTION_STRATEGY ->
          StreamCodecs.UPDATE_STREAM_RECORD_DISTRIBUTION_STRATEGY;
      case UPDATE_STREAM_WARM_THROUGHPUT -> StreamCodecs.UPDATE_STREAM_WARM_THROUGHPUT;
      case DESCRIBE_LIMITS -> StreamCodecs.DESCRIBE_LIMITS;
      case LIST_SHARDS -> ShardCodecs.LIST_SHARDS;
      case SPLIT_SHARD -> ShardCodecs.SPLIT_SHARD;
      case MERGE_SHARDS -> ShardCodecs.MERGE_SHARDS;
      case UPDATE_SHARD_COUNT -> ShardCodecs.UPDATE_SHARD_COUNT;
      case PUT_RECORD -> RecordCodecs.PUT_RECORD;
      case PUT_RECORDS -> RecordCodecs.PUT_RECORDS;
      case GET_SHARD_ITERATOR -> RecordCodecs.GET_SHARD_ITERATOR;
      case GET_RECORDS -> RecordCodecs.GET_RECORDS;
      case REGISTER_STREAM_CONSUMER -> ConsumerCodecs.REGISTER_STREAM_CONSUMER;
      case DEREGISTER_STREAM_CONSUMER -> ConsumerCodecs.DEREGISTER_STREAM_CONSUMER;
      case DESCRIBE_STREAM_CONSUMER -> ConsumerCodecs.DESCRIBE_STREAM_CONSUMER;
      case LIST_STREAM_CONSUMERS -> ConsumerCodecs.LIST_STREAM_CONSUMERS;
      case SUBSCRIBE_TO_SHARD -> ConsumerCodecs.SUBSCRIBE_TO_SHARD;
      case ADD_TAGS_TO_STREAM -> AttributeCodecs.ADD_TAGS_TO_STREAM;
      case REMOVE_TAGS_FROM_STREAM -> AttributeCodecs.REMOVE_TAGS_FROM_STREAM;
      case LIST_TAGS_FOR_STREAM -> AttributeCodecs.LIST_TAGS_FOR_STREAM;
      case TAG_RESOURCE -> AttributeCodecs.TAG_RESOURCE;
      case UNTAG_RESOURCE -> AttributeCodecs.UNTAG_RESOURCE;
      case LIST_TAGS_FOR_RESOURCE -> AttributeCodecs.LIST_TAGS_FOR_RESOURCE;
      case START_STREAM_ENCRYPTION -> AttributeCodecs.START_STREAM_ENCRYPTION;
      case STOP_STREAM_ENCRYPTION -> AttributeCodecs.STOP_STREAM_ENCRYPTION;
      case ENABLE_ENHANCED_MONITORING -> AttributeCodecs.ENABLE_ENHANCED_MONITORING;
      case DISABLE_ENHANCED_MONITORING -> AttributeCodecs.DISABLE_ENHANCED_MONITORING;
    };
  }

  /** The codec of SubscribeToShard; its reply is written as an event stream, not by the codec. */
  public static OperationCodec<ShardSubscription> subscribeToShard() {
    return ConsumerCodecs.SUBSCRIBE_TO_SHARD;
  }

  /**
   * Reads a request.
   *
   * @throws WireException if the body cannot be read
   * @throws io.millrace.testkit.kinesis.model.KinesisError if a value breaks a rule
   */
  public KinesisRequest<R> read(ByteBuf body, WireFormat format) {
    return format.read(body, parser -> reader.read(parser, format));
  }

  /** About how many bytes the reply takes; only where to start from. */
  public int sizeHint(R reply) {
    return size.applyAsInt(reply);
  }

  /** Appends a reply to a buffer. */
  public void write(R reply, WireFormat format, ByteBuf target) {
    format.write(target, out -> writer.write(reply, out));
  }
}
