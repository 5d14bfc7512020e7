package io.millrace.aggregation;

import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Walks through the whole codec with nothing but the codec itself on the class path: run by {@link
 * ProtobufVersionsTest} on other versions of protobuf-java.
 */
public final class CodecCheck implements Runnable {
  @Override
  public void run() {
    Headers headers =
        Headers.builder().add("text", "é").add("bytes", new byte[] {(byte) 0xFF}).build();
    AggregateEncoder encoder = new AggregateEncoder(1 << 20, ChunkPool.unpooled(64));
    for (int i = 0; i < 300; i++) {
      ByteBuffer data = ByteBuffer.wrap(new byte[i]).asReadOnlyBuffer();
      HashKey hashKey = i % 2 == 0 ? new HashKey(i, i) : null;
      require(
          encoder.tryAdd("ключ-" + i, hashKey, data, headers) == AggregateEncoder.AddResult.ADDED);
    }
    long size = encoder.sizeBytes();
    byte[] bytes = encoder.finish();
    require(bytes.length == size);
    DecodedRecord decoded = AggregateDecoder.decode(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
    require(decoded instanceof AggregatedRecord);
    int index = 0;
    for (AggregatedMember member : (AggregatedRecord) decoded) {
      require(member.partitionKey().equals("ключ-" + index));
      require(member.dataBytes() == index);
      require(member.headers().equals(headers));
      require(
          member
              .explicitHashKey()
              .equals(index % 2 == 0 ? Optional.of(new HashKey(index, index)) : Optional.empty()));
      index++;
    }
    require(index == 300);
    require(!((AggregatedRecord) decoded).isWithin(new HashRange(HashKey.MIN, HashKey.MIN)));
    requireCorrupt("0a01611a0508011a0178");
    requireCorrupt("230a");
    requireCorrupt("0affffffff0f");
  }

  private static void requireCorrupt(String body) {
    byte[] record = Aggregates.frame(HexFormat.of().parseHex(body));
    require(AggregateDecoder.decode(record) instanceof DecodedRecord.Corrupt);
  }

  private static void require(boolean condition) {
    if (!condition) {
      throw new IllegalStateException("the codec is broken");
    }
  }
}
