package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.aggregation.AggregateDecoder;
import io.millrace.aggregation.AggregateEncoder;
import io.millrace.aggregation.AggregatedRecord;
import io.millrace.aggregation.Headers;
import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import software.amazon.kinesis.retrieval.AggregatorUtil;
import software.amazon.kinesis.retrieval.KinesisClientRecord;

/** The KCL's own de-aggregation on what our encoder writes. */
class KclReadsOurAggregatesTest {
  private static final Headers HEADERS =
      Headers.builder()
          .add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
          .add("schema-id", new byte[] {0, (byte) 0xFF})
          .build();

  private final AggregateEncoder encoder = new AggregateEncoder(1 << 20);

  @Test
  void everyMemberArrivesWithItsKeysAndDataAndWithoutItsHeaders() {
    add("a", null, "1", Headers.NONE);
    add("é水\uD83C\uDF0A", HashKey.MIN, "2", HEADERS);
    add("k".repeat(256), HashKey.MAX, "3", Headers.NONE);
    add("a", null, "", HEADERS);
    assertThat(read(encoder.finish(), HashRange.FULL))
        .extracting(
            KinesisClientRecord::partitionKey,
            KinesisClientRecord::explicitHashKey,
            record -> StandardCharsets.UTF_8.decode(record.data()).toString(),
            KinesisClientRecord::subSequenceNumber,
            KinesisClientRecord::aggregated)
        .containsExactly(
            tuple("a", null, "1", 0L, true),
            tuple("é水\uD83C\uDF0A", "0", "2", 1L, true),
            tuple("k".repeat(256), HashKey.MAX.toString(), "3", 2L, true),
            tuple("a", null, "", 3L, true));
  }

  @Test
  void anAggregateOfOneIsReadAsOneUserRecord() {
    add("a", null, "alone", HEADERS);
    assertThat(read(encoder.finish(), HashRange.FULL)).hasSize(1);
  }

  /** Producer and consumers must agree on the range check, or records vanish. */
  @Test
  void theKclKeepsAnAggregateExactlyWhenAllItsMembersAreWithinTheShard() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
    int kept = 0;
    for (int round = 0; round < 500; round++) {
      HashKey somewhere = HashKey.ofPartitionKey("round " + round);
      for (int i = random.nextInt(3); i >= 0; i--) {
        HashKey hashKey = random.nextBoolean() ? null : new HashKey(random.nextLong(), i);
        add("key " + random.nextInt(1000), hashKey, "x", Headers.NONE);
      }
      byte[] aggregate = encoder.finish();
      HashRange range = HashRange.FULL.splitAt(somewhere).get(random.nextInt(2));
      boolean within = ((AggregatedRecord) AggregateDecoder.decode(aggregate)).isWithin(range);
      assertThat(read(aggregate, range).isEmpty()).isEqualTo(!within);
      kept += within ? 1 : 0;
    }
    assertThat(kept).isBetween(50, 450);
  }

  private void add(String partitionKey, HashKey explicitHashKey, String data, Headers headers) {
    byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
    assertThat(encoder.tryAdd(partitionKey, explicitHashKey, bytes, headers))
        .isEqualTo(AggregateEncoder.AddResult.ADDED);
  }

  private static List<KinesisClientRecord> read(byte[] aggregate, HashRange range) {
    KinesisClientRecord record =
        KinesisClientRecord.builder()
            .partitionKey("a")
            .sequenceNumber("1")
            .approximateArrivalTimestamp(Instant.EPOCH)
            .data(ByteBuffer.wrap(aggregate))
            .build();
    return new AggregatorUtil()
        .deaggregate(
            List.of(record),
            new BigInteger(range.start().toString()),
            new BigInteger(range.end().toString()));
  }
}
