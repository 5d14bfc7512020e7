package io.millrace.aggregation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.millrace.aggregation.AggregateEncoder.AddResult;
import io.millrace.aggregation.reference.Record;
import io.millrace.model.HashKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The running size against that of the generated messages, and against the bytes themselves. */
class EncodedSizeTest {
  private static final int MEMBERS = 100_000;
  private static final byte[] DATA = {1};

  @Test
  void isExactAfterEachOfAHundredThousandRecordsWithKeysOfTheirOwn() throws Exception {
    AggregateEncoder encoder = new AggregateEncoder(64 << 20);
    var reference = io.millrace.aggregation.reference.AggregatedRecord.newBuilder();
    long expected = 20;
    for (int i = 0; i < MEMBERS; i++) {
      String key = "k" + i;
      HashKey hashKey = i % 2 == 0 ? new HashKey(0, i) : null;
      Record.Builder record =
          Record.newBuilder().setPartitionKeyIndex(i).setData(ByteString.copyFrom(DATA));
      expected += CodedOutputStream.computeStringSize(1, key);
      reference.addPartitionKeyTable(key);
      if (hashKey != null) {
        record.setExplicitHashKeyIndex(i / 2);
        expected += CodedOutputStream.computeStringSize(2, hashKey.toString());
        reference.addExplicitHashKeyTable(hashKey.toString());
      }
      expected += CodedOutputStream.computeMessageSize(3, record.build());
      reference.addRecords(record);
      assertThat(encoder.sizeBytesWith(key, hashKey, DATA.length, Headers.NONE))
          .isEqualTo(expected);
      assertThat(encoder.tryAdd(key, hashKey, DATA, Headers.NONE)).isEqualTo(AddResult.ADDED);
      assertThat(encoder.sizeBytes()).isEqualTo(expected);
    }
    byte[] aggregate = encoder.finish();
    assertThat(aggregate).isEqualTo(Aggregates.frame(reference.build()));
    assertThat(Aggregates.readable(aggregate).memberCount()).isEqualTo(MEMBERS);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 126, 127, 128, 129, 16_383, 16_384, 16_385, MEMBERS})
  void isExactForAnyNumberOfMembers(int members) {
    AggregateEncoder encoder = new AggregateEncoder(64 << 20);
    for (int i = 0; i < members; i++) {
      encoder.tryAdd("key " + i, null, DATA, Headers.NONE);
    }
    long size = encoder.sizeBytes();
    assertThat(encoder.finish()).hasSize((int) size);
  }

  /** Around these lengths a varint grows: that of the data, of the record or of a key. */
  @ParameterizedTest
  @ValueSource(ints = {127, 128, 16_383, 16_384, 2_097_151, 2_097_152})
  void isExactAroundTheLengthsAtWhichVarintsGrow(int boundary) {
    AggregateEncoder encoder = new AggregateEncoder(64 << 20);
    for (int length = boundary - 12; length <= boundary + 1; length++) {
      encoder.tryAdd("a", HashKey.MAX, new byte[length], Headers.NONE);
      if (boundary < 2_000_000) {
        encoder.tryAdd("k".repeat(length), null, DATA, Headers.NONE);
        encoder.tryAdd("é".repeat(length / 2), null, DATA, Headers.NONE);
      }
      if (length % 4 == 0) {
        long size = encoder.sizeBytes();
        assertThat(encoder.finish()).hasSize((int) size);
      }
    }
  }
}
