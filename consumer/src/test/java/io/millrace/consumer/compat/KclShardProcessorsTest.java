package io.millrace.consumer.compat;

import static io.millrace.consumer.internal.testing.TestRecords.aggregate;
import static io.millrace.consumer.internal.testing.TestRecords.plain;
import static io.millrace.consumer.internal.testing.TestRecords.sequence;
import static io.millrace.consumer.internal.testing.TestRecords.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.consumer.ShardState;
import io.millrace.consumer.handler.CheckpointUnavailableException;
import io.millrace.consumer.handler.Checkpointer;
import io.millrace.consumer.handler.LeaseLostException;
import io.millrace.consumer.internal.process.Processing;
import io.millrace.consumer.internal.shard.ShardConsumer;
import io.millrace.consumer.internal.testing.FakeOwnership;
import io.millrace.consumer.internal.testing.Worker;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KclShardProcessorsTest {
  private static final ShardId SHARD = new ShardId("shardId-000000000000");

  private final Worker worker = new Worker();
  private final FakeOwnership lease = new FakeOwnership();
  private final List<String> calls = new ArrayList<>();
  private final Recording processor = new Recording();

  @BeforeEach
  void setUp() {
    worker.process(new Processing.Processors(KclShardProcessors.of(() -> processor)));
  }

  @Test
  void recordsArriveTakenOutOfTheirAggregate() {
    worker.kinesis.put(SHARD, aggregate(1, 3));
    worker.grant(SHARD, lease);
    worker.settle();

    assertThat(calls).first().isEqualTo("initialize " + SHARD + " at TRIM_HORIZON/0");
    KinesisClientRecord last = processor.last.records().get(2);
    assertThat(last.sequenceNumber()).isEqualTo(sequence(1).toString());
    assertThat(last.subSequenceNumber()).isEqualTo(2);
    assertThat(last.aggregated()).isTrue();
    assertThat(last.explicitHashKey()).isNull();
    assertThat(last.data().isReadOnly()).isTrue();
    assertThat(last.partitionKey()).isEqualTo(last.received().partitionKey());
    assertThat(last.approximateArrivalTimestamp()).isEqualTo(last.received().arrival());
    assertThat(last.toString()).doesNotContain(text(last.data()), last.partitionKey());
  }

  @Test
  void batchThatThrowsComesAgainWhereTheKclWouldSkipIt() {
    processor.failures = 2;
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(10));

    assertThat(calls).filteredOn("processRecords [data1]"::equals).hasSize(3);
  }

  @Test
  void eachEndOfAnOwnershipIsToldOnce() {
    worker.kinesis.put(SHARD, plain(1));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    consumer.drain(worker.time.now());
    worker.settle();
    assertThat(calls).endsWith("shutdownRequested").hasSize(3);
    assertThat(consumer.state()).isEqualTo(ShardState.STOPPED);

    calls.clear();
    ShardConsumer other = worker.grant(SHARD, new FakeOwnership());
    worker.settle();
    other.leaseLost(worker.time.now());
    worker.settle();
    assertThat(calls).endsWith("leaseLost").doesNotContain("shutdownRequested");
  }

  @Test
  void endOfTheShardIsReportedUntilItIsCheckpointed() {
    worker.kinesis.close(SHARD);
    worker.grant(SHARD, lease);
    worker.run(Duration.ofMinutes(1));
    assertThat(calls).filteredOn("shardEnded"::equals).hasSizeGreaterThan(1);
    assertThat(lease.ended).isFalse();
  }

  @Test
  void positionsAreTheKcls() {
    FakeCheckpointer fake = new FakeCheckpointer();
    RecordProcessorCheckpointer checkpointer = new RecordProcessorCheckpointer(fake);
    worker.kinesis.put(SHARD, aggregate(1, 3));
    worker.grant(SHARD, lease);
    worker.settle();

    checkpointer.checkpoint();
    checkpointer.checkpoint(processor.last.records().get(1));
    checkpointer.checkpoint("5");
    checkpointer.checkpoint("5", 4);

    assertThat(fake.calls)
        .containsExactly(
            "last delivered",
            new Position(sequence(1), 1).toString(),
            new Position(SequenceNumber.of("5"), 0).toString(),
            new Position(SequenceNumber.of("5"), 4).toString());
  }

  @Test
  void exceptionsAreTheKcls() {
    FakeCheckpointer fake = new FakeCheckpointer();
    RecordProcessorCheckpointer checkpointer = new RecordProcessorCheckpointer(fake);
    fake.failure = new LeaseLostException(SHARD);
    assertThatThrownBy(checkpointer::checkpoint)
        .isInstanceOf(ShutdownException.class)
        .hasCause(fake.failure);
    fake.failure = new CheckpointUnavailableException("throttled");
    assertThatThrownBy(checkpointer::checkpoint)
        .isInstanceOf(ThrottlingException.class)
        .hasMessage("throttled");
    fake.failure = new IllegalArgumentException("beyond the last");
    assertThatThrownBy(checkpointer::checkpoint).isSameAs(fake.failure);
  }

  private final class Recording implements ShardRecordProcessor {
    private ProcessRecordsInput last;
    private int failures;

    @Override
    public void initialize(InitializationInput input) {
      calls.add(
          "initialize "
              + input.shardId()
              + " at "
              + input.extendedSequenceNumber().sequenceNumber()
              + "/"
              + input.extendedSequenceNumber().subSequenceNumber());
      assertThat(input.pendingCheckpointSequenceNumber()).isNull();
    }

    @Override
    public void processRecords(ProcessRecordsInput input) {
      last = input;
      calls.add("processRecords " + input.records().stream().map(r -> text(r.data())).toList());
      if (failures-- > 0) {
        throw new IllegalStateException("once more");
      }
    }

    @Override
    public void leaseLost(LeaseLostInput input) {
      calls.add("leaseLost");
    }

    @Override
    public void shardEnded(ShardEndedInput input) {
      calls.add("shardEnded");
    }

    @Override
    public void shutdownRequested(ShutdownRequestedInput input) {
      calls.add("shutdownRequested");
    }
  }

  private static final class FakeCheckpointer implements Checkpointer {
    private final List<String> calls = new ArrayList<>();
    private RuntimeException failure;

    @Override
    public void checkpoint() {
      if (failure != null) {
        throw failure;
      }
      calls.add("last delivered");
    }

    @Override
    public void checkpoint(Position position) {
      calls.add(position.toString());
    }

    @Override
    public CompletableFuture<Void> checkpointAsync(Position position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void prepare(Position position, byte[] state) {
      throw new UnsupportedOperationException();
    }
  }
}
