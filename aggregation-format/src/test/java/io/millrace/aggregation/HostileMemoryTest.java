package io.millrace.aggregation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Input decides what decoding costs: by its bytes, never by the numbers it claims. */
class HostileMemoryTest {
  private static final int MIB = 1 << 20;

  @Test
  void claimedLengthsAllocateNothing() {
    assertThat(allocatedBy(Aggregates.frame(HexFormat.of().parseHex("0affffffff07"))))
        .isLessThan(DecoderFuzzer.FIXED_ALLOCATION_BYTES);
    assertThat(allocatedBy(Aggregates.frame(HexFormat.of().parseHex("1affffffff0708001a00"))))
        .isLessThan(DecoderFuzzer.FIXED_ALLOCATION_BYTES);
  }

  @Test
  void aTableBombAllocatesNothing() {
    byte[] bomb = new byte[4 * MIB];
    for (int i = 0; i < bomb.length; i += 2) {
      bomb[i] = 0x0A;
    }
    assertThat(allocatedBy(Aggregates.frame(bomb)))
        .isLessThan(DecoderFuzzer.FIXED_ALLOCATION_BYTES);
  }

  @Test
  void millionsOfEmptyRecordsAllocateNothingUntilTheyAreAskedFor() {
    byte[] record = HexFormat.of().parseHex("1a0408001a00");
    ByteBuffer body = ByteBuffer.allocate(4 * MIB).put(HexFormat.of().parseHex("0a0161"));
    while (body.remaining() >= record.length) {
      body.put(record);
    }
    byte[] aggregate = Aggregates.frame(Arrays.copyOf(body.array(), body.position()));
    assertThat(Aggregates.readable(aggregate).memberCount()).isGreaterThan(690_000);
    assertThat(allocatedBy(aggregate)).isLessThan(DecoderFuzzer.FIXED_ALLOCATION_BYTES);
  }

  @Test
  void theIndexOfAFullyUsedTableIsSmallerThanTheInput() {
    var body = Aggregates.body();
    for (int i = 0; i < 100_000; i++) {
      body.addPartitionKeyTable("").addRecords(Aggregates.record(i, ""));
    }
    byte[] aggregate = Aggregates.frame(body.build());
    assertThat(allocatedBy(aggregate)).isLessThan(aggregate.length);
  }

  private static long allocatedBy(byte[] input) {
    // The first decoding also loads classes.
    DecoderFuzzer.allocatedBy(input);
    return DecoderFuzzer.allocatedBy(input);
  }
}
