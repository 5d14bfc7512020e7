package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.aggregation.AggregateDecoder;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.kinesis.retrieval.AggregatorUtil;
import software.amazon.kinesis.retrieval.KinesisClientRecord;

/** The table of docs/aggregated-record-format.md: what the KCL makes of a body, and what we do. */
class OddAggregatesTest {
  private static final BigInteger HIGHEST = BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "truncated body,              0A01,                                 raw,        "
        + " MALFORMED_BODY",
    "partition key index 1 of 1,  0A01611A0508011A0178,                 error,      "
        + " PARTITION_KEY_INDEX_OUT_OF_RANGE",
    "partition key index 2^32,    0A01611A09088080808010 1A0178,        1 a,        "
        + " PARTITION_KEY_INDEX_OUT_OF_RANGE",
    "hash key index without table, 0A01611A07080010001A0178,            error,      "
        + " EXPLICIT_HASH_KEY_INDEX_OUT_OF_RANGE",
    "hash key is no number,       0A01611201781A07080010001A0178,       error,      "
        + " EXPLICIT_HASH_KEY_INVALID",
    "hash key -1,                 0A016112022D311A07080010001A0178,     nothing,    "
        + " EXPLICIT_HASH_KEY_INVALID",
    "hash key with blanks,        0A016112032037201A07080010001A0178,   error,       1 a",
    "hash key +07,                0A016112032B30371A07080010001A0178,   1 a,         1 a",
    "unused hash key is no number, 0A01611201781A0508001A0178,          1 a,         1 a",
    "no records,                  0A0161,                               nothing,     nothing",
    "table behind the record,     1A0508001A01780A0161,                 1 a,         1 a",
    "unknown field,               0A016120011A0508001A0178,             1 a,         1 a",
    "malformed UTF-8,             0A0361C3FF1A0508001A0178,             1 a\uFFFD\uFFFD, 1"
        + " a\uFFFD\uFFFD",
  })
  void isReadAsTheDocumentationSays(String name, String body, String kcl, String millrace)
      throws NoSuchAlgorithmException {
    byte[] aggregate = frame(HexFormat.of().parseHex(body.replace(" ", "")));
    assertThat(readByKcl(aggregate)).isEqualTo(kcl);
    assertThat(readByMillrace(aggregate)).isEqualTo(millrace);
  }

  /** On Java 11 and later the KCL's own report of such a record fails with an error. */
  private static String readByKcl(byte[] aggregate) {
    KinesisClientRecord record =
        KinesisClientRecord.builder()
            .partitionKey("container")
            .sequenceNumber("1")
            .approximateArrivalTimestamp(Instant.EPOCH)
            .data(ByteBuffer.wrap(aggregate))
            .build();
    List<KinesisClientRecord> members;
    try {
      members = new AggregatorUtil().deaggregate(List.of(record), BigInteger.ZERO, HIGHEST);
    } catch (NoClassDefFoundError e) {
      return "error";
    }
    if (members.isEmpty()) {
      return "nothing";
    }
    KinesisClientRecord first = members.get(0);
    return first.aggregated() ? members.size() + " " + first.partitionKey() : "raw";
  }

  private static String readByMillrace(byte[] aggregate) {
    return AggregateDecoder.decode(aggregate)
        .match(
            plain -> "raw",
            aggregated ->
                aggregated.memberCount() == 0
                    ? "nothing"
                    : aggregated.memberCount() + " " + aggregated.iterator().next().partitionKey(),
            corrupt -> corrupt.reason().name());
  }

  private static byte[] frame(byte[] body) throws NoSuchAlgorithmException {
    return ByteBuffer.allocate(body.length + 20)
        .putInt(0xF3899AC2)
        .put(body)
        .put(MessageDigest.getInstance("MD5").digest(body))
        .array();
  }
}
