package io.millrace.producer.internal.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.aggregation.Headers;
import io.millrace.model.HashKey;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.internal.aggregate.ShardBuffer.Appended;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShardBufferTest {
  private static final Packing PACKING = Packing.of(ProducerSettings.defaults());

  private final List<ShardBuffer> ready = new ArrayList<>();

  /** So many bytes, for one thread. */
  private static final class FixedMemory implements Memory {
    private final long capacity;
    private long used;

    FixedMemory(long capacity) {
      this.capacity = capacity;
    }

    @Override
    public boolean take(long bytes) {
      boolean fits = used + bytes <= capacity;
      used += fits ? bytes : 0;
      return fits;
    }

    @Override
    public void adopt(long bytes) {
      // Whoever waited in line has taken them here already.
    }

    @Override
    public void takeRegardless(long bytes) {
      used += bytes;
    }

    @Override
    public void release(long bytes) {
      used -= bytes;
    }

    @Override
    public long freeBytes() {
      return Math.max(0, capacity - used);
    }
  }

  private ShardBuffer buffer(Memory memory) {
    return new ShardBuffer(
        PACKING, memory, new AggregatePool(PACKING, new SpareChunks(1 << 20)), ready::add);
  }

  private static IncomingRecord record(int bytes) {
    return new IncomingRecord(
        "key",
        null,
        HashKey.ofPartitionKey("key"),
        ByteBuffer.allocate(bytes),
        Headers.NONE,
        (result, failure) -> {});
  }

  @Test
  void refusedRecordLeavesNothingBehindInTheBudget() {
    // Enough for an aggregate and the record's overhead, not for its data.
    FixedMemory memory = new FixedMemory(IncomingRecord.OPEN_AGGREGATE_BYTES + 1_000);
    ShardBuffer buffer = buffer(memory);
    assertThat(buffer.append(record(5_000), 0)).isEqualTo(Appended.SHARD_FULL);
    assertThat(memory.used).isZero();
    assertThat(buffer.heldBytes()).isZero();
    assertThat(ready).isEmpty();
  }

  @Test
  void refusedRecordsGrantStaysWithItsCaller() {
    FixedMemory memory = new FixedMemory(10_000);
    ShardBuffer buffer = buffer(memory);
    memory.takeRegardless(10_000);
    assertThat(buffer.append(record(50_000), 10_000)).isEqualTo(Appended.SHARD_FULL);
    assertThat(memory.used).isEqualTo(10_000);
    assertThat(buffer.heldBytes()).isZero();
  }

  @Test
  void whatAGrantLeavesOverPaysForTheNextRecords() {
    FixedMemory memory = new FixedMemory(40_000);
    ShardBuffer buffer = buffer(memory);
    memory.takeRegardless(40_000);
    assertThat(buffer.append(record(100), 40_000)).isEqualTo(Appended.DONE);
    for (int i = 0; i < 20; i++) {
      assertThat(buffer.append(record(100), 0)).isEqualTo(Appended.DONE);
    }
    List<OutgoingRecord> closed = new ArrayList<>();
    buffer.collectAll(0, closed::add);
    assertThat(closed).hasSize(1);
    assertThat(memory.used).as("the rest is back").isEqualTo(closed.get(0).chargedBytes());
  }
}
