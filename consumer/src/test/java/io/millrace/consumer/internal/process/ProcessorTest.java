package io.millrace.consumer.internal.process;

import static io.millrace.consumer.internal.testing.TestRecords.aggregate;
import static io.millrace.consumer.internal.testing.TestRecords.plain;
import static io.millrace.consumer.internal.testing.TestRecords.sequence;
import static io.millrace.consumer.internal.testing.TestRecords.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.consumer.ShardState;
import io.millrace.consumer.StallReason;
import io.millrace.consumer.handler.CheckpointUnavailableException;
import io.millrace.consumer.handler.Checkpointer;
import io.millrace.consumer.handler.LeaseLostException;
import io.millrace.consumer.handler.RecordBatch;
import io.millrace.consumer.handler.ShardProcessor;
import io.millrace.consumer.handler.ShardStart;
import io.millrace.consumer.internal.shard.CheckpointOutcome;
import io.millrace.consumer.internal.shard.ShardConsumer;
import io.millrace.consumer.internal.testing.FakeOwnership;
import io.millrace.consumer.internal.testing.Worker;
import io.millrace.consumer.lease.FencingToken;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProcessorTest {
  private static final ShardId SHARD = new ShardId("shardId-000000000000");

  private final Worker worker = new Worker();
  private final FakeOwnership lease = new FakeOwnership();
  private final List<String> calls = new ArrayList<>();
  private final Recording processor = new Recording();

  /** What the test changes about one call. */
  private interface Twist {
    void apply(Checkpointer checkpointer) throws Exception;
  }

  private final class Recording implements ShardProcessor {
    private ShardStart start;
    private Checkpointer checkpointer;
    private int failInitialize;
    private Twist onRecords = c -> {};
    private Twist onEnd = c -> {};
    private Twist onShutdown = c -> {};

    @Override
    public void initialize(ShardStart from) {
      calls.add("initialize");
      start = from;
      if (failInitialize-- > 0) {
        throw new IllegalStateException("not ready");
      }
    }

    @Override
    public void records(RecordBatch batch, Checkpointer c) throws Exception {
      checkpointer = c;
      calls.add("records " + batch.records().stream().map(r -> text(r.data())).toList());
      onRecords.apply(c);
    }

    @Override
    public void shardEnded(Checkpointer c) throws Exception {
      calls.add("shardEnded");
      onEnd.apply(c);
    }

    @Override
    public void shutdownRequested(Checkpointer c) throws Exception {
      calls.add("shutdownRequested");
      onShutdown.apply(c);
    }

    @Override
    public void leaseLost() {
      calls.add("leaseLost");
    }
  }

  @BeforeEach
  void setUp() {
    worker.process(new Processing.Processors(() -> processor));
  }

  @Test
  void lifecycleBeginsWithInitializeAndRepeatsItUntilItSucceeds() {
    processor.failInitialize = 3;
    worker.kinesis.put(SHARD, plain(1));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    assertThat(consumer.state()).isEqualTo(ShardState.STARTING);
    assertThat(worker.kinesis.positions).isEmpty();
    assertThat(consumer.status(worker.time.now()).stall())
        .get()
        .isInstanceOf(StallReason.Retrying.class);
    worker.run(Duration.ofSeconds(10));
    assertThat(calls)
        .containsExactly("initialize", "initialize", "initialize", "initialize", "records [data1]");
    assertThat(processor.start.fencingToken()).isEqualTo(new FencingToken(1, 7));
    assertThat(consumer.status(worker.time.now()).stall()).isEmpty();
  }

  @Test
  void nothingIsCheckpointedUnlessTheProcessorAsks() {
    worker.kinesis.put(SHARD, aggregate(1, 3));
    worker.grant(SHARD, lease);
    worker.run(Duration.ofMinutes(1));
    assertThat(lease.writes).isZero();
    assertThat(worker.heldBytes()).as("memory is free once the batch returned").isZero();

    CompletableFuture<Void> done =
        processor.checkpointer.checkpointAsync(new Position(sequence(1), 1));
    worker.settle();
    assertThat(done).isCompleted();
    assertThat(lease.checkpoints).containsExactly(new Position(sequence(1), 1));
  }

  @Test
  void checkpointBeyondTheLastDeliveredOrBeforeTheLastOneIsRefused() {
    worker.kinesis.put(SHARD, aggregate(1, 3));
    worker.grant(SHARD, lease);
    worker.settle();
    Checkpointer c = processor.checkpointer;
    assertThatThrownBy(() -> c.checkpointAsync(new Position(sequence(1), 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("last delivered");
    CompletableFuture<Void> unused = c.checkpointAsync(new Position(sequence(1), 1));
    worker.settle();
    assertThatThrownBy(() -> c.checkpointAsync(new Position(sequence(1), 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("last checkpoint");
  }

  @Test
  void checkpointsThatWaitAreWrittenAsOne() {
    worker.kinesis.put(SHARD, aggregate(1, 5));
    worker.grant(SHARD, lease);
    worker.settle();
    lease.hold();
    List<CompletableFuture<Void>> done = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      done.add(processor.checkpointer.checkpointAsync(new Position(sequence(1), i)));
      worker.settle();
    }
    lease.letGo();
    worker.settle();
    assertThat(done).allMatch(CompletableFuture::isDone);
    assertThat(lease.checkpoints)
        .containsExactly(new Position(sequence(1), 0), new Position(sequence(1), 4));
  }

  @Test
  void checkpointThatALaterOneCoversIsNotWrittenBackwards() {
    worker.kinesis.put(SHARD, aggregate(1, 5));
    worker.grant(SHARD, lease);
    worker.settle();
    lease.hold();
    CompletableFuture<Void> late =
        processor.checkpointer.checkpointAsync(new Position(sequence(1), 4));
    worker.settle();
    CompletableFuture<Void> early =
        processor.checkpointer.checkpointAsync(new Position(sequence(1), 2));
    lease.letGo();
    worker.settle();
    assertThat(late).isCompleted();
    assertThat(early).isCompleted();
    assertThat(lease.checkpoints).containsExactly(new Position(sequence(1), 4));
  }

  @Test
  void unavailableStoreIsToldAndTheLeaseIsKept() {
    worker.kinesis.put(SHARD, plain(1));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    lease.answer(new CheckpointOutcome.Unavailable("throttled"));
    CompletableFuture<Void> done =
        processor.checkpointer.checkpointAsync(new Position(sequence(1), 0));
    worker.settle();
    assertThat(done)
        .isCompletedExceptionally()
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withCauseInstanceOf(CheckpointUnavailableException.class);
    assertThat(consumer.state()).isEqualTo(ShardState.PROCESSING);
  }

  @Test
  void failedBatchIsDeliveredAgainAndTheNextOneWaits() {
    int[] left = {2};
    processor.onRecords =
        c -> {
          if (left[0]-- > 0) {
            throw new IllegalStateException("once more");
          }
        };
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease);
    worker.settle();
    worker.kinesis.put(SHARD, plain(2));
    worker.run(Duration.ofSeconds(10));
    assertThat(calls)
        .containsExactly(
            "initialize",
            "records [data1]",
            "records [data1]",
            "records [data1]",
            "records [data2]");
  }

  @Test
  void shardEndsWhenTheProcessorCheckpointsItsEnd() {
    CompletableFuture<Void> accepted = new CompletableFuture<>();
    worker.kinesis.put(SHARD, plain(1));
    worker.kinesis.close(SHARD);
    onOwnThread(ShardProcessor::shardEnded, accepted);
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    pumpUntilDone(accepted);
    assertThat(lease.ended).isTrue();
    assertThat(consumer.state()).isEqualTo(ShardState.SHARD_ENDED);
    assertThat(calls).containsExactly("initialize", "records [data1]", "shardEnded");
  }

  /**
   * A method of the processor that blocks on the checkpointer needs a thread of its own beside the
   * test's loop.
   */
  private interface Method {
    void call(ShardProcessor processor, Checkpointer checkpointer) throws Exception;
  }

  private void onOwnThread(Method method, CompletableFuture<Void> done) {
    ShardProcessor defaults = (batch, checkpointer) -> {};
    processor.onEnd =
        c -> {
          Thread thread =
              new Thread(
                  () -> {
                    try {
                      method.call(defaults, c);
                      done.complete(null);
                    } catch (Exception e) {
                      done.completeExceptionally(e);
                    }
                  });
          thread.setDaemon(true);
          thread.start();
        };
  }

  private void pumpUntilDone(CompletableFuture<Void> done) {
    while (!done.isDone()) {
      worker.settle();
      Thread.onSpinWait();
    }
    worker.settle();
  }

  @Test
  void endThatIsNotCheckpointedIsReportedAgain() {
    worker.kinesis.close(SHARD);
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofMinutes(2));
    assertThat(lease.ended).isFalse();
    assertThat(consumer.state()).isEqualTo(ShardState.ENDING);
    assertThat(calls.stream().filter("shardEnded"::equals).count()).isGreaterThan(3);
    assertThat(consumer.status(worker.time.now()).stall())
        .get()
        .isInstanceOf(StallReason.Retrying.class);
  }

  @Test
  void shutdownMayCheckpointOnceMore() {
    worker.kinesis.put(SHARD, plain(1), plain(2));
    processor.onShutdown =
        c -> {
          CompletableFuture<Void> unused = c.checkpointAsync(new Position(sequence(2), 0));
        };
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    consumer.drain(worker.time.now());
    worker.settle();
    assertThat(consumer.state()).isEqualTo(ShardState.STOPPED);
    assertThat(lease.checkpoints).containsExactly(new Position(sequence(2), 0));
    assertThat(calls).endsWith("shutdownRequested").hasSize(3);
  }

  @Test
  void callOfTheLifecycleIsInterruptedAtItsTimeLimit() throws Exception {
    worker.settings = worker.settings.toBuilder().handlerTimeout(Duration.ofSeconds(5)).build();
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    ExecutorService pool = HandlerThreads.pool(1);
    worker.executor = pool;
    try {
      worker.process(
          new Processing.Processors(
              () ->
                  new ShardProcessor() {
                    @Override
                    public void initialize(ShardStart start) throws InterruptedException {
                      try {
                        new CountDownLatch(1).await();
                      } catch (InterruptedException e) {
                        interrupted.complete(true);
                        throw e;
                      }
                    }

                    @Override
                    public void records(RecordBatch batch, Checkpointer c) {}
                  }));
      ShardConsumer consumer = worker.grant(SHARD, lease);
      worker.settleLoop();
      assertThat(consumer.status(worker.time.now()).longestCall()).isPresent();
      for (int i = 0; i < 10_000_000 && !interrupted.isDone(); i++) {
        worker.time.advance(Duration.ofMillis(100));
        worker.turnLoop();
        Thread.onSpinWait();
      }
      assertThat(interrupted).isCompletedWithValue(true);
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void failingShutdownReleasesAnyway() {
    processor.onShutdown =
        c -> {
          throw new IllegalStateException("no");
        };
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    consumer.drain(worker.time.now());
    worker.settle();
    assertThat(consumer.state()).isEqualTo(ShardState.STOPPED);
  }

  @Test
  void processorThatWasNeverReadyIsNotToldToShutDown() {
    processor.failInitialize = 100;
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(5));
    consumer.drain(worker.time.now());
    worker.settle();
    assertThat(consumer.state()).isEqualTo(ShardState.STOPPED);
    assertThat(calls).containsOnly("initialize");
  }

  @Test
  void lostLeaseIsToldAfterTheRunningCallAndFailsLaterCheckpoints() {
    ShardConsumer[] consumer = new ShardConsumer[1];
    processor.onRecords =
        c -> {
          consumer[0].leaseLost(worker.time.now());
          calls.add("records returns");
        };
    worker.kinesis.put(SHARD, plain(1));
    consumer[0] = worker.grant(SHARD, lease);
    worker.settle();
    assertThat(calls)
        .containsExactly("initialize", "records [data1]", "records returns", "leaseLost");
    assertThatThrownBy(() -> processor.checkpointer.checkpoint(new Position(sequence(1), 0)))
        .isInstanceOf(LeaseLostException.class);
    assertThat(lease.writes).isZero();
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void checkpointInFlightWhenTheLeaseIsLostIsAnswered() {
    worker.kinesis.put(SHARD, plain(1));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    lease.hold();
    CompletableFuture<Void> done =
        processor.checkpointer.checkpointAsync(new Position(sequence(1), 0));
    worker.settle();
    consumer.leaseLost(worker.time.now());
    worker.settle();
    assertThat(done)
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withCauseInstanceOf(LeaseLostException.class);
  }

  @Test
  void preparedStateIsWrittenAndBoundedInSize() {
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease);
    worker.settle();
    assertThatThrownBy(
            () ->
                processor.checkpointer.prepare(
                    new Position(sequence(1), 0), new byte[100 * 1024 + 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("102401");
    CompletableFuture<Void> prepared =
        CompletableFuture.runAsync(
            () -> processor.checkpointer.prepare(new Position(sequence(1), 0), new byte[7]));
    pumpUntilDone(prepared);
    assertThat(lease.prepared).containsExactly(new Position(sequence(1), 0) + " 7");
  }
}
