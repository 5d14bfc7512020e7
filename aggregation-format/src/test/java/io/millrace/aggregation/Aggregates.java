package io.millrace.aggregation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.aggregation.reference.Record;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/** Builds and opens aggregates by the generated reference messages, independently of the codec. */
final class Aggregates {
  private Aggregates() {}

  /** Puts magic number and checksum around a body, whatever it holds. */
  static byte[] frame(byte[] body) {
    return ByteBuffer.allocate(body.length + 20)
        .putInt(0xF3899AC2)
        .put(body)
        .put(md5(body))
        .array();
  }

  static byte[] frame(io.millrace.aggregation.reference.AggregatedRecord body) {
    return frame(body.toByteArray());
  }

  /** What the generated parser reads between magic number and checksum. */
  static io.millrace.aggregation.reference.AggregatedRecord parse(byte[] aggregate)
      throws com.google.protobuf.InvalidProtocolBufferException {
    return io.millrace.aggregation.reference.AggregatedRecord.parseFrom(
        ByteString.copyFrom(aggregate, 4, aggregate.length - 20));
  }

  static io.millrace.aggregation.reference.AggregatedRecord.Builder body(String... partitionKeys) {
    return io.millrace.aggregation.reference.AggregatedRecord.newBuilder()
        .addAllPartitionKeyTable(List.of(partitionKeys));
  }

  static Record record(long partitionKeyIndex, String data) {
    return Record.newBuilder()
        .setPartitionKeyIndex(partitionKeyIndex)
        .setData(ByteString.copyFromUtf8(data))
        .build();
  }

  static Record record(long partitionKeyIndex, long explicitHashKeyIndex, String data) {
    return record(partitionKeyIndex, data).toBuilder()
        .setExplicitHashKeyIndex(explicitHashKeyIndex)
        .build();
  }

  static AggregatedRecord readable(byte[] aggregate) {
    DecodedRecord decoded = AggregateDecoder.decode(aggregate);
    assertThat(decoded).isInstanceOf(AggregatedRecord.class);
    return (AggregatedRecord) decoded;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }

  static String text(ByteBuffer buffer) {
    return new String(bytes(buffer), StandardCharsets.UTF_8);
  }

  static byte[] md5(byte[] bytes) {
    try {
      return MessageDigest.getInstance("MD5").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
