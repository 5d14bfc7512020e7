package io.millrace.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.handler.RecordBatch;
import io.millrace.model.HashKey;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReceivedRecordsTest {
  @Test
  void recordIsWhatWasBuilt() {
    byte[] data = {1, 2, 3};
    ReceivedRecord record =
        ReceivedRecords.builder().stream("orders")
            .shard(new ShardId("shardId-000000000007"))
            .position(new Position(SequenceNumber.of("42"), 3))
            .partitionKey("k")
            .explicitHashKey(HashKey.parse("9"))
            .arrival(Instant.EPOCH.plusSeconds(1))
            .data(data)
            .header("h", "one")
            .header("h", "two")
            .aggregated(true)
            .attempt(2)
            .build();
    data[0] = 9;

    assertThat(record.copy()).containsExactly(1, 2, 3);
    assertThat(record.data().isReadOnly()).isTrue();
    assertThat(record.sizeBytes()).isEqualTo(3);
    assertThat(record.position()).isEqualTo(new Position(SequenceNumber.of("42"), 3));
    assertThat(record.headers().size()).isEqualTo(2);
    assertThat(record.headers().text("h")).contains("two");
    assertThat(record.explicitHashKey()).contains(HashKey.parse("9"));
    assertThat(record.attempt()).isEqualTo(2);
    assertThat(record.aggregated()).isTrue();
  }

  @Test
  void readingOneBufferLeavesTheNextAlone() {
    ReceivedRecord record = ReceivedRecords.of("k", "text");
    record.data().get();

    assertThat(record.data().position()).isZero();
  }

  @Test
  void textFormHasNeitherKeyNorData() {
    assertThat(ReceivedRecords.of("secret-key", "secret-data").toString()).doesNotContain("secret");
  }

  @Test
  void batchIsOfOneShardInOrder() {
    ReceivedRecord first = ReceivedRecords.builder().sequenceNumber("1").build();
    ReceivedRecord second = ReceivedRecords.builder().sequenceNumber("2").build();
    ReceivedRecord elsewhere =
        ReceivedRecords.builder().sequenceNumber("3").shard(new ShardId("other")).build();

    RecordBatch batch = ReceivedRecords.batch(first, second);
    assertThat(batch.records()).containsExactly(first, second);
    assertThat(batch.shard()).isEqualTo(first.shard());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ReceivedRecords.batch(second, first))
        .withMessageContaining("positions must ascend");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ReceivedRecords.batch(first, elsewhere))
        .withMessageContaining("of another shard");
    assertThatIllegalArgumentException().isThrownBy(() -> ReceivedRecords.batch(List.of()));
  }

  @Test
  void attemptStartsAtOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ReceivedRecords.builder().attempt(0))
        .withMessage("attempt is 0: it must be 1 or more");
  }
}
