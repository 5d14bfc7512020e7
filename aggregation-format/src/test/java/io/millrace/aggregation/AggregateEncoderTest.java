package io.millrace.aggregation;

import static io.millrace.aggregation.Aggregates.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.aggregation.AggregateEncoder.AddResult;
import io.millrace.model.HashKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AggregateEncoderTest {
  private static final int MIB = 1 << 20;

  private final AggregateEncoder encoder = new AggregateEncoder(MIB);

  @Test
  void anEmptyEncoderHoldsTheFrameOnlyAndCannotBeFinished() {
    assertThat(encoder.sizeBytes()).isEqualTo(20);
    assertThat(encoder.memberCount()).isZero();
    assertThat(encoder.heldBytes()).isZero();
    assertThatThrownBy(encoder::finish).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(encoder::finishPlain).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 19, Integer.MAX_VALUE - 7L, Long.MAX_VALUE})
  void aMaximumSizeOutOfRangeIsRefused(long maxBytes) {
    assertThatThrownBy(() -> new AggregateEncoder(maxBytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maxBytes " + maxBytes);
  }

  @Test
  void aRecordThatFillsTheLastByteFitsAndOneByteMoreDoesNot() {
    long exact = AggregateEncoder.sizeBytesAlone("key", null, 100, Headers.NONE);
    AggregateEncoder tooSmall = new AggregateEncoder(exact - 1);
    assertThat(add(tooSmall, "key", 100)).isEqualTo(AddResult.FULL);
    assertThat(tooSmall.memberCount()).isZero();
    AggregateEncoder enough = new AggregateEncoder(exact);
    assertThat(add(enough, "key", 100)).isEqualTo(AddResult.ADDED);
    assertThat(enough.finish()).hasSize((int) exact);
  }

  @Test
  void aFullEncoderIsUnchangedByTheRecordItRefuses() {
    AggregateEncoder small = new AggregateEncoder(200);
    add(small, "first", 100);
    long size = small.sizeBytes();
    assertThat(small.tryAdd("second", HashKey.MAX, new byte[100], Headers.NONE))
        .isEqualTo(AddResult.FULL);
    assertThat(small.sizeBytes()).isEqualTo(size);
    assertThat(small.memberCount()).isEqualTo(1);
    add(small, "first", 20);
    AggregatedRecord aggregate = Aggregates.readable(small.finish());
    assertThat(aggregate.stream().map(AggregatedMember::partitionKey))
        .containsExactly("first", "first");
  }

  @Test
  void dataLongerThanAnyAggregateAreRefusedWithoutOverflow() {
    AggregateEncoder largest = new AggregateEncoder(Integer.MAX_VALUE - 8);
    assertThat(largest.sizeBytesWith("k", HashKey.MAX, Integer.MAX_VALUE, Headers.NONE))
        .isGreaterThan(Integer.MAX_VALUE);
    assertThat(AggregateEncoder.sizeBytesAlone("k", HashKey.MAX, Integer.MAX_VALUE, Headers.NONE))
        .isEqualTo(largest.sizeBytesWith("k", HashKey.MAX, Integer.MAX_VALUE, Headers.NONE));
  }

  @Test
  void aNegativeDataSizeIsRefused() {
    assertThatThrownBy(() -> encoder.sizeBytesWith("k", null, -1, Headers.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dataBytes -1");
    assertThatThrownBy(() -> AggregateEncoder.sizeBytesAlone("k", null, -1, Headers.NONE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anEncoderWithoutMemoryIsUnchangedAndGoesOnWhenThereIsSome() {
    CountingPool pool = new CountingPool(64, 2);
    AggregateEncoder scarce = new AggregateEncoder(MIB, pool);
    assertThat(add(scarce, "a", 60)).isEqualTo(AddResult.ADDED);
    assertThat(scarce.tryAdd("b", HashKey.MIN, new byte[100], Headers.NONE))
        .isEqualTo(AddResult.NO_MEMORY);
    assertThat(scarce.memberCount()).isEqualTo(1);
    assertThat(pool.lent).hasSize(2);
    pool.limit = 10;
    assertThat(scarce.tryAdd("b", HashKey.MIN, new byte[100], Headers.NONE))
        .isEqualTo(AddResult.ADDED);
    assertThat(scarce.heldBytes()).isEqualTo(64L * pool.lent.size());
    AggregatedRecord aggregate = Aggregates.readable(scarce.finish());
    assertThat(aggregate.stream().map(AggregatedMember::dataBytes)).containsExactly(60, 100);
    assertThat(pool.lent).isEmpty();
    assertThat(scarce.heldBytes()).isZero();
  }

  @Test
  void everyChunkGoesBackOnReset() {
    CountingPool pool = new CountingPool(64, 1000);
    AggregateEncoder pooled = new AggregateEncoder(MIB, pool);
    add(pooled, "a", 5000);
    pooled.reset();
    assertThat(pool.lent).isEmpty();
    assertThat(pooled.memberCount()).isZero();
    assertThat(pooled.sizeBytes()).isEqualTo(20);
    add(pooled, "a", 1);
    assertThat(pooled.finishPlain()).hasSize(1);
    assertThat(pool.lent).isEmpty();
  }

  @Test
  void aChunkThatIsTooSmallForAnyRecordIsRefused() {
    AggregateEncoder broken = new AggregateEncoder(MIB, new CountingPool(63, 1));
    assertThatThrownBy(() -> add(broken, "a", 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("63 bytes");
    assertThatThrownBy(() -> ChunkPool.unpooled(63)).hasMessageContaining("chunkBytes 63");
  }

  @Test
  void finishingLeavesAnEncoderThatGivesTheSameBytesAgain() {
    byte[] first = fill(encoder).finish();
    byte[] second = fill(encoder).finish();
    assertThat(second).isEqualTo(first);
    assertThat(encoder.memberCount()).isZero();
  }

  @Test
  void theKindOfBufferMakesNoDifferenceAndItsPositionStays() {
    byte[] padded = bytes("..0123456789012345678901234567890123456789..");
    ByteBuffer heap = ByteBuffer.wrap(padded, 2, padded.length - 4);
    ByteBuffer direct =
        ByteBuffer.allocateDirect(padded.length).put(padded).position(2).limit(padded.length - 2);
    List<ByteBuffer> kinds =
        List.of(heap, heap.slice(), heap.asReadOnlyBuffer(), direct, direct.slice());
    byte[] expected = null;
    for (ByteBuffer kind : kinds) {
      AggregateEncoder tiny = new AggregateEncoder(MIB, ChunkPool.unpooled(64));
      int position = kind.position();
      tiny.tryAdd("a", null, kind, Headers.NONE);
      tiny.tryAdd("a", null, kind, Headers.NONE);
      assertThat(kind.position()).isEqualTo(position);
      byte[] aggregate = tiny.finish();
      expected = expected == null ? aggregate : expected;
      assertThat(aggregate).isEqualTo(expected);
    }
    assertThat(Aggregates.text(Aggregates.readable(expected).iterator().next().data()))
        .isEqualTo("0123456789012345678901234567890123456789");
  }

  @Test
  void laterChangesOfTheArrayDoNotReachTheAggregate() {
    byte[] data = bytes("before");
    encoder.tryAdd("a", null, data, Headers.NONE);
    data[0] = 'X';
    assertThat(Aggregates.text(Aggregates.readable(encoder.finish()).iterator().next().data()))
        .isEqualTo("before");
  }

  @Test
  void aKeyThatUtf8CannotHoldIsRefusedAndChangesNothing() {
    add(encoder, "good", 1);
    long size = encoder.sizeBytes();
    for (String key : List.of("\uD83C", "x\uDF0A", "\uD83Cx", "\uDF0A\uD83C")) {
      assertThatThrownBy(() -> add(encoder, key, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("partition key has an unpaired surrogate");
    }
    assertThat(encoder.sizeBytes()).isEqualTo(size);
    assertThat(encoder.memberCount()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 17, 1000, 3000})
  void equalKeysAreStoredOnceHoweverManyThereAre(int keys) throws Exception {
    for (int use = 0; use < 2; use++) {
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < keys; i++) {
          encoder.tryAdd("key " + i, new HashKey(i, 0), new byte[0], Headers.NONE);
        }
      }
      var message = Aggregates.parse(encoder.finish());
      assertThat(message.getRecordsCount()).isEqualTo(2 * keys);
      assertThat(message.getPartitionKeyTableList()).hasSize(keys).doesNotHaveDuplicates();
      assertThat(message.getExplicitHashKeyTableList()).hasSize(keys).doesNotHaveDuplicates();
      assertThat(message.getRecords(keys).getPartitionKeyIndex()).isZero();
    }
  }

  @Test
  void keysThatCollideStayRightAndStoringThemTwiceIsAllTheHarm() {
    List<String> keys = collidingKeys();
    long expectedSize = encoder.sizeBytes();
    for (int round = 0; round < 2; round++) {
      for (String key : keys) {
        expectedSize = encoder.sizeBytesWith(key, null, 1, Headers.NONE);
        add(encoder, key, 1);
        assertThat(encoder.sizeBytes()).isEqualTo(expectedSize);
      }
    }
    byte[] aggregate = encoder.finish();
    assertThat(aggregate).hasSize((int) expectedSize);
    List<String> twice = new ArrayList<>(keys);
    twice.addAll(keys);
    assertThat(Aggregates.readable(aggregate).stream().map(AggregatedMember::partitionKey))
        .containsExactlyElementsOf(twice);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 63, 64, 65, 127, 128, 1000})
  void aLoneRecordLeavesAsItsDataAlone(int dataBytes) {
    byte[] data = patterned(dataBytes);
    AggregateEncoder tiny = new AggregateEncoder(MIB, ChunkPool.unpooled(64));
    Headers headers = Headers.builder().add("name", "dropped with the frame").build();
    tiny.tryAdd("some key", HashKey.MAX, data, headers);
    assertThat(tiny.finishPlain()).isEqualTo(data);
    tiny.tryAdd("a", null, data, Headers.NONE);
    assertThat(tiny.finishPlain()).isEqualTo(data);
  }

  @Test
  void onlyALoneRecordCanLeavePlain() {
    add(encoder, "a", 1);
    add(encoder, "a", 1);
    assertThatThrownBy(encoder::finishPlain)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("2 records");
    assertThat(encoder.memberCount()).isEqualTo(2);
  }

  @Test
  void anAggregateOfOneIsReadableAndHasThePredictedSize() {
    Headers headers = Headers.builder().add("traceparent", "00-4bf9").build();
    encoder.tryAdd("a", HashKey.MAX, bytes("x"), headers);
    byte[] aggregate = encoder.finish();
    assertThat(aggregate)
        .hasSize((int) AggregateEncoder.sizeBytesAlone("a", HashKey.MAX, 1, headers));
    assertThat(Aggregates.readable(aggregate).iterator().next().headers()).isEqualTo(headers);
  }

  @Test
  void textOfAnEncoderHoldsNoContent() {
    encoder.tryAdd("secret-key", null, bytes("secret-data"), Headers.NONE);
    assertThat(encoder.toString()).contains("memberCount=1").doesNotContain("secret");
  }

  private static AggregateEncoder fill(AggregateEncoder encoder) {
    for (int i = 0; i < 300; i++) {
      encoder.tryAdd(
          "key-" + i % 7, i % 3 == 0 ? new HashKey(0, i) : null, patterned(i), Headers.NONE);
    }
    return encoder;
  }

  private static AddResult add(AggregateEncoder encoder, String partitionKey, int dataBytes) {
    return encoder.tryAdd(partitionKey, null, patterned(dataBytes), Headers.NONE);
  }

  private static byte[] patterned(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 31 + length);
    }
    return bytes;
  }

  /** "Aa" and "BB" have the same hash code, and so have all their combinations. */
  private static List<String> collidingKeys() {
    List<String> keys = new ArrayList<>(List.of(""));
    for (int i = 0; i < 8; i++) {
      List<String> longer = new ArrayList<>();
      for (String key : keys) {
        longer.add(key + "Aa");
        longer.add(key + "BB");
      }
      keys = longer;
    }
    return keys;
  }

  private static final class CountingPool implements ChunkPool {
    final int chunkBytes;
    int limit;
    final List<byte[]> lent = new ArrayList<>();

    CountingPool(int chunkBytes, int limit) {
      this.chunkBytes = chunkBytes;
      this.limit = limit;
    }

    @Override
    public byte[] take() {
      if (lent.size() == limit) {
        return null;
      }
      byte[] chunk = new byte[chunkBytes];
      lent.add(chunk);
      return chunk;
    }

    @Override
    public void give(byte[] chunk) {
      assertThat(lent.removeIf(one -> one == chunk)).isTrue();
    }
  }
}
