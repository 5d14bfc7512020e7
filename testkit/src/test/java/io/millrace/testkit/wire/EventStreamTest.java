package io.millrace.testkit.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.kinesis.call.ConsumerCall.SubscribeToShardEvent;
import io.millrace.testkit.kinesis.model.EncryptionType;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.eventstream.Message;

/** Our messages as the SDK's own decoder reads them, checksums included. */
class EventStreamTest {
  private final EventStream messages = new EventStream(WireFormat.JSON, ByteBufAllocator.DEFAULT);

  private static Message decode(ByteBuf encoded) {
    try {
      return Message.decode(encoded.nioBuffer());
    } finally {
      encoded.release();
    }
  }

  @Test
  void initialResponseIsAnEmptyObject() {
    Message message = decode(messages.initialResponse());

    assertThat(message.getHeaders().get(":message-type").getString()).isEqualTo("event");
    assertThat(message.getHeaders().get(":event-type").getString()).isEqualTo("initial-response");
    assertThat(message.getHeaders().get(":content-type").getString())
        .isEqualTo("application/x-amz-json-1.1");
    assertThat(new String(message.getPayload(), UTF_8)).isEqualTo("{}");
  }

  @Test
  void eventHoldsRecordsAndContinuation() {
    KinesisRecord record =
        new KinesisRecord(
            "17",
            Instant.parse("2026-02-03T04:05:06.7Z"),
            ByteBuffer.wrap(new byte[] {0, 1, 2, 3}, 1, 3),
            "key",
            EncryptionType.NONE);

    Message message =
        decode(messages.event(new SubscribeToShardEvent(List.of(record), "18", 9, List.of())));

    assertThat(message.getHeaders().get(":event-type").getString())
        .isEqualTo("SubscribeToShardEvent");
    assertThat(new String(message.getPayload(), UTF_8))
        .isEqualTo(
            "{\"Records\":[{\"SequenceNumber\":\"17\",\"ApproximateArrivalTimestamp\":1770091506.700,"
                + "\"Data\":\"AQID\",\"PartitionKey\":\"key\"}],"
                + "\"ContinuationSequenceNumber\":\"18\",\"MillisBehindLatest\":9}");
  }

  @Test
  void exceptionNamesItsTypeInTheHeader() {
    Message message =
        decode(messages.exception(new KinesisError(ErrorCode.INTERNAL_FAILURE, "sorry")));

    assertThat(message.getHeaders().get(":message-type").getString()).isEqualTo("exception");
    assertThat(message.getHeaders().get(":exception-type").getString())
        .isEqualTo("InternalFailureException");
    assertThat(new String(message.getPayload(), UTF_8)).isEqualTo("{\"message\":\"sorry\"}");
  }

  @Test
  void largeEventKeepsItsChecksums() {
    KinesisRecord record =
        new KinesisRecord(
            "1", Instant.EPOCH, ByteBuffer.allocate(1 << 20), "k", EncryptionType.NONE);

    Message message =
        decode(
            messages.event(
                new SubscribeToShardEvent(List.of(record, record, record), "18", 9, List.of())));

    assertThat(message.getPayload().length).isGreaterThan(4 << 20);
  }
}
