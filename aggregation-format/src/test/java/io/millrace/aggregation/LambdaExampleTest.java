package io.millrace.aggregation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** The example of the package's documentation, as it stands there. */
class LambdaExampleTest {
  static void forEachUserRecord(
      String partitionKey, ByteBuffer data, BiConsumer<String, ByteBuffer> consumer) {
    DecodedRecord record = AggregateDecoder.decode(data);
    if (record instanceof DecodedRecord.Plain plain) {
      consumer.accept(partitionKey, plain.data());
    } else if (record instanceof AggregatedRecord aggregated) {
      aggregated.forEach(member -> consumer.accept(member.partitionKey(), member.data()));
    } else if (record instanceof DecodedRecord.Corrupt corrupt) {
      throw new IllegalStateException("unreadable aggregate: " + corrupt.reason());
    }
  }

  @Test
  void aPlainRecordIsGivenWithItsOwnKey() {
    assertThat(read("key", Aggregates.bytes("data"))).containsExactly("key=data");
  }

  @Test
  void theMembersOfAnAggregateAreGivenWithTheirs() {
    AggregateEncoder encoder = new AggregateEncoder(51_200);
    encoder.tryAdd("x", null, Aggregates.bytes("1"), Headers.NONE);
    encoder.tryAdd("y", null, Aggregates.bytes("2"), Headers.NONE);
    assertThat(read("a", encoder.finish())).containsExactly("x=1", "y=2");
  }

  @Test
  void anUnreadableAggregateIsAnError() {
    byte[] corrupt =
        Aggregates.frame(Aggregates.body().addRecords(Aggregates.record(0, "x")).build());
    assertThatThrownBy(() -> read("a", corrupt))
        .hasMessage("unreadable aggregate: PARTITION_KEY_INDEX_OUT_OF_RANGE");
  }

  private static List<String> read(String partitionKey, byte[] data) {
    List<String> seen = new ArrayList<>();
    forEachUserRecord(
        partitionKey,
        ByteBuffer.wrap(data),
        (key, userData) -> seen.add(key + "=" + Aggregates.text(userData)));
    return seen;
  }
}
