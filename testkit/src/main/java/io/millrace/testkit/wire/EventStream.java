package io.millrace.testkit.wire;

import io.millrace.testkit.kinesis.call.ConsumerCall.SubscribeToShardEvent;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * The messages of a SubscribeToShard answer in the {@code application/vnd.amazon.eventstream}
 * format: a prelude of two lengths with its checksum, headers, payload, and a checksum over
 * everything. Thread-safe, as it keeps nothing.
 */
public final class EventStream {
  /** The content type of the answer as a whole. */
  public static final String CONTENT_TYPE = "application/vnd.amazon.eventstream";

  private static final int PRELUDE_BYTES = 12;
  private static final int CHECKSUM_BYTES = 4;
  private static final int HEADER_TYPE_STRING = 7;
  private static final int SMALL_MESSAGE_BYTES = 512;

  private final WireFormat format;
  private final ByteBufAllocator alloc;

  /**
   * Makes an encoder.
   *
   * @param format the format of the payloads
   * @param alloc where messages are allocated
   */
  public EventStream(WireFormat format, ByteBufAllocator alloc) {
    this.format = format;
    this.alloc = alloc;
  }

  /** The message that opens an answer; the SDK waits for it. */
  public ByteBuf initialResponse() {
    return message(SMALL_MESSAGE_BYTES, "event", "initial-response", out -> {});
  }

  /** Records for the subscriber. */
  public ByteBuf event(SubscribeToShardEvent event) {
    return message(
        RecordCodecs.sizeOf(event.records()) + SMALL_MESSAGE_BYTES,
        "event",
        "SubscribeToShardEvent",
        out -> ConsumerCodecs.writeEvent(event, out));
  }

  /** The error that ends a stream. */
  public ByteBuf exception(KinesisError error) {
    // Within a stream the service's model calls this one by another name than in a response.
    String type =
        error.code() == ErrorCode.INTERNAL_FAILURE
            ? "InternalFailureException"
            : error.code().wireName();
    return message(
        SMALL_MESSAGE_BYTES, "exception", type, out -> out.text("message", error.detail()));
  }

  private ByteBuf message(int sizeHint, String kind, String type, WireFormat.Writer payload) {
    ByteBuf out = alloc.heapBuffer(sizeHint);
    out.writeZero(PRELUDE_BYTES);
    header(out, ":" + kind + "-type", type);
    header(out, ":content-type", format.contentType());
    header(out, ":message-type", kind);
    int headerBytes = out.writerIndex() - PRELUDE_BYTES;
    format.write(out, payload);
    out.setInt(0, out.writerIndex() + CHECKSUM_BYTES);
    out.setInt(4, headerBytes);
    out.setInt(8, checksum(out, PRELUDE_BYTES - CHECKSUM_BYTES));
    out.writeInt(checksum(out, out.writerIndex()));
    return out;
  }

  private static void header(ByteBuf out, String name, String value) {
    out.writeByte(name.length());
    out.writeCharSequence(name, StandardCharsets.US_ASCII);
    out.writeByte(HEADER_TYPE_STRING);
    out.writeShort(value.length());
    out.writeCharSequence(value, StandardCharsets.US_ASCII);
  }

  private static int checksum(ByteBuf bytes, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes.array(), bytes.arrayOffset(), length);
    return (int) crc.getValue();
  }
}
