package io.millrace.aggregation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.HashKey;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The two aggregates that the description of the format spells out byte by byte. */
class KnownBytesTest {
  private static final String TWO_KEYS =
      "F3899AC20A01610A01621A0908001A0568656C6C6F1A0908011A05776F726C64"
          + "7CF45228CD79941B056E6743990BF8AB";
  private static final String ONE_EXPLICIT_HASH_KEY =
      "F3899AC20A0161120234321A07080010001A01781A0508001A0179" + "626DCE29A4AED826398138CBBD4AF33D";

  @Test
  void twoKeysAreEncodedByteForByte() {
    AggregateEncoder encoder = new AggregateEncoder(1024);
    encoder.tryAdd("a", null, bytes("hello"), Headers.NONE);
    encoder.tryAdd("b", null, bytes("world"), Headers.NONE);
    assertThat(encoder.sizeBytes()).isEqualTo(48);
    assertThat(hex(encoder.finish())).isEqualTo(TWO_KEYS);
  }

  @Test
  void anExplicitHashKeyOnOneRecordIsEncodedByteForByte() {
    AggregateEncoder encoder = new AggregateEncoder(1024);
    encoder.tryAdd("a", HashKey.parse("42"), bytes("x"), Headers.NONE);
    encoder.tryAdd("a", null, bytes("y"), Headers.NONE);
    assertThat(hex(encoder.finish())).isEqualTo(ONE_EXPLICIT_HASH_KEY);
  }

  @Test
  void twoKeysAreDecoded() {
    DecodedRecord record = AggregateDecoder.decode(HexFormat.of().parseHex(TWO_KEYS));
    assertThat(record).isInstanceOf(AggregatedRecord.class);
    List<AggregatedMember> members = ((AggregatedRecord) record).stream().toList();
    assertThat(members).hasSize(2);
    assertThat(members.get(0).partitionKey()).isEqualTo("a");
    assertThat(UTF_8.decode(members.get(0).data()).toString()).isEqualTo("hello");
    assertThat(members.get(1).partitionKey()).isEqualTo("b");
    assertThat(UTF_8.decode(members.get(1).data()).toString()).isEqualTo("world");
    assertThat(members.get(1).hashKey()).isEqualTo(HashKey.ofPartitionKey("b"));
    assertThat(members.get(1).subSequenceNumber()).isEqualTo(1);
  }

  @Test
  void anExplicitHashKeyOnOneRecordIsDecoded() {
    DecodedRecord record = AggregateDecoder.decode(HexFormat.of().parseHex(ONE_EXPLICIT_HASH_KEY));
    List<AggregatedMember> members = ((AggregatedRecord) record).stream().toList();
    assertThat(members.get(0).explicitHashKey()).contains(HashKey.parse("42"));
    assertThat(members.get(0).hashKey()).hasToString("42");
    assertThat(members.get(1).explicitHashKey()).isEmpty();
    assertThat(members.get(1).hashKey()).isEqualTo(HashKey.ofPartitionKey("a"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().withUpperCase().formatHex(bytes);
  }
}
