package io.millrace.consumer.internal.process;

import static io.millrace.consumer.internal.testing.TestRecords.aggregate;
import static io.millrace.consumer.internal.testing.TestRecords.plain;
import static io.millrace.consumer.internal.testing.TestRecords.sequence;
import static io.millrace.consumer.internal.testing.TestRecords.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.ShardState;
import io.millrace.consumer.StallReason;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.internal.shard.ShardConsumer;
import io.millrace.consumer.internal.testing.FakeOwnership;
import io.millrace.consumer.internal.testing.Worker;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ParallelDeliveryTest {
  private static final ShardId SHARD = new ShardId("shardId-000000000000");

  private final Worker worker = new Worker();
  private final FakeOwnership lease = new FakeOwnership();

  /** Calls that the test completes. */
  private final Map<String, CompletableFuture<Void>> open = new LinkedHashMap<>();

  private final List<String> started = new ArrayList<>();

  private CompletionStage<Void> handle(ReceivedRecord record) {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    String text = text(record.data());
    started.add(text);
    open.put(text, stage);
    return stage;
  }

  private void finish(String text) {
    open.remove(text).complete(null);
    worker.settle();
  }

  private void parallel(int calls, KeyOrder order) {
    worker.parallelism = calls;
    worker.order = order;
    worker.process(new Processing.Handler(new UserCode.AsyncRecords(this::handle)));
  }

  @Test
  void callsInFlightAreLimitedPerShard() {
    parallel(3, KeyOrder.UNORDERED);
    worker.kinesis.put(SHARD, aggregate(1, 10));
    worker.grant(SHARD, lease);
    worker.settle();
    assertThat(open).hasSize(3);
    finish("1/1");
    assertThat(open).hasSize(3);
    assertThat(started).hasSize(4);
  }

  @Test
  void withoutParallelismTheNextRecordWaitsForTheStage() {
    parallel(1, KeyOrder.PER_KEY);
    worker.kinesis.put(SHARD, aggregate(1, 3));
    worker.grant(SHARD, lease);
    worker.settle();
    assertThat(started).containsExactly("1/0");
    finish("1/0");
    assertThat(started).containsExactly("1/0", "1/1");
  }

  @Test
  void checkpointStaysBehindTheSlowestRecord() {
    parallel(4, KeyOrder.UNORDERED);
    worker.kinesis.put(SHARD, aggregate(1, 4));
    worker.grant(SHARD, lease);
    worker.settle();
    finish("1/0");
    finish("1/2");
    finish("1/3");
    worker.run(Duration.ofSeconds(6));
    assertThat(lease.checkpoint()).contains(new Position(sequence(1), 0));
    finish("1/1");
    worker.run(Duration.ofSeconds(6));
    assertThat(lease.checkpoint()).contains(new Position(sequence(1), 3));
  }

  @Test
  void lookingAheadOfAStuckRecordIsBounded() {
    worker.settings =
        worker.settings.toBuilder().maxUnacknowledgedRecords(2_000).batchMaxRecords(100).build();
    parallel(8, KeyOrder.UNORDERED);
    for (int i = 0; i < 100; i++) {
      worker.kinesis.put(SHARD, aggregate(i, 100));
    }
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(2));
    String stuck = started.get(0);
    for (int i = 0; i < 60_000 && open.size() > 1; i++) {
      String next = open.keySet().stream().filter(text -> !text.equals(stuck)).findFirst().get();
      open.remove(next).complete(null);
      worker.settle();
    }
    assertThat(open).containsOnlyKeys(stuck);
    assertThat(started.size()).isBetween(2_000, 2_000 + 64 * 100);
    finish(stuck);
    assertThat(started.size()).isGreaterThan(2_001);
  }

  @Test
  void stageThatNeverCompletesFailsAtTheTimeLimit() {
    worker.settings = worker.settings.toBuilder().handlerTimeout(Duration.ofSeconds(10)).build();
    parallel(1, KeyOrder.PER_KEY);
    worker.kinesis.put(SHARD, plain(1));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(9));
    assertThat(started).hasSize(1);
    assertThat(consumer.status(worker.time.now()).stall())
        .get()
        .isInstanceOf(StallReason.HandlerBusy.class);
    CompletableFuture<Void> first = open.get("data1");
    worker.run(Duration.ofSeconds(5));
    assertThat(started).containsExactly("data1", "data1");
    first.complete(null);
    worker.run(Duration.ofSeconds(6));
    assertThat(lease.checkpoint()).as("the late outcome is ignored").isEmpty();
  }

  @Test
  void drainWaitsForStagesInFlight() {
    parallel(2, KeyOrder.UNORDERED);
    worker.kinesis.put(SHARD, aggregate(1, 5));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    consumer.drain(worker.time.now());
    worker.settle();
    assertThat(consumer.state()).isEqualTo(ShardState.DRAINING);
    finish("1/0");
    finish("1/1");
    assertThat(started).hasSize(2);
    assertThat(consumer.state()).isEqualTo(ShardState.STOPPED);
    assertThat(lease.checkpoint()).contains(new Position(sequence(1), 1));
  }

  @Test
  void outcomesAfterTheLeaseIsLostChangeNothing() {
    parallel(2, KeyOrder.UNORDERED);
    worker.kinesis.put(SHARD, aggregate(1, 5));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settle();
    consumer.leaseLost(worker.time.now());
    finish("1/0");
    open.remove("1/1").completeExceptionally(new IllegalStateException("late"));
    worker.run(Duration.ofMinutes(1));
    assertThat(started).hasSize(2);
    assertThat(lease.writes).isZero();
    assertThat(worker.heldBytes()).isZero();
  }

  @Test
  void refusingExecutorDelaysAndLosesNothing() {
    parallel(2, KeyOrder.PER_KEY);
    worker.kinesis.put(SHARD, aggregate(1, 2));
    worker.threads.refuse(true);
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(1));
    assertThat(started).isEmpty();
    worker.threads.refuse(false);
    worker.run(Duration.ofMillis(200));
    assertThat(started).hasSize(2);
  }

  @Test
  void executorThatRunsTasksOnTheCallersThreadIsRefused() {
    worker.executor = Runnable::run;
    parallel(1, KeyOrder.PER_KEY);
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(1));
    assertThat(started).as("user code on the worker loop").isEmpty();
  }

  @Test
  void executorThatThrowsAnythingDelaysAndLosesNothing() {
    boolean[] broken = {true};
    worker.executor =
        task -> {
          if (broken[0]) {
            throw new IllegalStateException("of the application's own making");
          }
          worker.threads.execute(task);
        };
    parallel(1, KeyOrder.PER_KEY);
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(1));
    broken[0] = false;
    worker.run(Duration.ofMillis(200));
    assertThat(started).hasSize(1);
  }

  @Test
  void queueForAThreadIsShown() {
    parallel(1, KeyOrder.PER_KEY);
    worker.kinesis.put(SHARD, plain(1));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.settleLoop();
    worker.time.advance(Duration.ofSeconds(1));
    worker.settleLoop();
    assertThat(consumer.status(worker.time.now()).stall())
        .get()
        .isInstanceOf(StallReason.WaitingForThread.class);
  }

  /**
   * Any order of successes, failures and time: every record acknowledged once, keys in order, one
   * at a time.
   */
  @Property(tries = 60)
  void keysKeepTheirOrderUnderFailuresInAnyInterleaving(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Worker world = new Worker();
    FakeOwnership owner = new FakeOwnership();
    Map<ReceivedRecord, CompletableFuture<Void>> calls = new LinkedHashMap<>();
    Map<String, List<Long>> doneByKey = new LinkedHashMap<>();
    List<String> violations = new ArrayList<>();
    world.parallelism = 1 + random.nextInt(8);
    world.process(
        new Processing.Handler(
            new UserCode.AsyncRecords(
                record -> {
                  if (calls.keySet().stream()
                      .anyMatch(other -> other.partitionKey().equals(record.partitionKey()))) {
                    violations.add("two at a time");
                  }
                  CompletableFuture<Void> stage = new CompletableFuture<>();
                  calls.put(record, stage);
                  return stage;
                })));
    int total = 80;
    for (int i = 0; i < total; i++) {
      world.kinesis.put(SHARD, plain(i, "k" + random.nextInt(6), "d"));
    }
    world.grant(SHARD, owner);
    int acknowledged = 0;
    for (int step = 0; step < 20_000 && acknowledged < total; step++) {
      world.settle();
      if (calls.isEmpty() || random.nextInt(10) == 0) {
        world.run(Duration.ofMillis(random.nextInt(500)));
        continue;
      }
      List<ReceivedRecord> running = List.copyOf(calls.keySet());
      ReceivedRecord next = running.get(random.nextInt(running.size()));
      CompletableFuture<Void> stage = calls.remove(next);
      if (random.nextInt(4) == 0) {
        stage.completeExceptionally(new IllegalStateException("at random"));
      } else {
        acknowledged++;
        doneByKey
            .computeIfAbsent(next.partitionKey(), key -> new ArrayList<>())
            .add(Long.parseLong(next.position().sequenceNumber().toString().substring(22)));
        stage.complete(null);
      }
    }
    world.run(Duration.ofSeconds(6));
    assertThat(violations).isEmpty();
    assertThat(acknowledged).isEqualTo(total);
    assertThat(doneByKey.values())
        .allSatisfy(done -> assertThat(done).isSorted().doesNotHaveDuplicates());
    assertThat(owner.checkpoint()).contains(new Position(sequence(total - 1), 0));
    assertThat(world.heldBytes()).isZero();
  }
}
