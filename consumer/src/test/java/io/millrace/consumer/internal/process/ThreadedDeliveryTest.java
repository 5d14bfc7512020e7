package io.millrace.consumer.internal.process;

import static io.millrace.consumer.internal.testing.TestRecords.aggregate;
import static io.millrace.consumer.internal.testing.TestRecords.plain;
import static io.millrace.consumer.internal.testing.TestRecords.sequence;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.ShardState;
import io.millrace.consumer.handler.BatchResult;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.internal.fetch.KinesisRecord;
import io.millrace.consumer.internal.shard.ShardConsumer;
import io.millrace.consumer.internal.testing.FakeOwnership;
import io.millrace.consumer.internal.testing.Worker;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.MDC;

/**
 * The same on real handler threads: what must hold under every schedule. Time stays virtual and
 * moves only when nothing else does, so a lost wake-up shows as a record that never comes.
 */
@Timeout(300)
class ThreadedDeliveryTest {
  private static final ShardId SHARD = new ShardId("shardId-000000000000");

  private final Worker worker = new Worker();
  private final FakeOwnership lease = new FakeOwnership();
  private final Queue<Position> order = new ConcurrentLinkedQueue<>();
  private final AtomicInteger calls = new AtomicInteger();
  private ExecutorService pool;

  @BeforeEach
  void setUp() {
    pool = HandlerThreads.pool(8);
    worker.executor = pool;
  }

  @AfterEach
  void tearDown() {
    pool.shutdownNow();
  }

  /** Turns the loop; moves time on by so much when it has nothing to do. */
  @SuppressWarnings("ThreadPriorityCheck") // gives way to the threads that it waits for
  private void pump(BooleanSupplier done, Duration step) {
    while (!done.getAsBoolean()) {
      assertThat(Thread.interrupted()).as("the test's time is over").isFalse();
      if (!worker.turnLoop()) {
        worker.time.advance(step);
        Thread.yield();
      }
    }
  }

  private static List<KinesisRecord> someRecords(int count) {
    List<KinesisRecord> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      records.add(i % 3 == 0 ? aggregate(i, i % 50) : plain(i, "k" + i % 17, "d" + i));
    }
    records.add(plain(count));
    return records;
  }

  private static long users(List<KinesisRecord> records) {
    long users = 0;
    for (int i = 0; i < records.size() - 1; i++) {
      users += i % 3 == 0 ? i % 50 : 1;
    }
    return users + 1;
  }

  private void flaky(ReceivedRecord record) {
    if (calls.incrementAndGet() % 11 == 0) {
      throw new IllegalStateException("now and then");
    }
    order.add(record.position());
  }

  @Test
  void shardOrderHoldsOnRealThreadsWithFailures() {
    List<KinesisRecord> records = someRecords(300);
    worker.onRecord(this::flaky);
    worker.kinesis.put(SHARD, records);
    worker.grant(SHARD, lease);
    Position last = new Position(sequence(300), 0);
    pump(() -> lease.checkpoint().filter(last::equals).isPresent(), Duration.ofMillis(10));
    assertThat(List.copyOf(order)).isSorted().doesNotHaveDuplicates();
    assertThat(order).hasSize((int) users(records));
    worker.settleLoop();
    assertThat(worker.heldBytes()).isZero();
  }

  @Test
  void keysKeepTheirOrderOnRealThreadsWithFailures() {
    List<KinesisRecord> records = someRecords(300);
    Map<String, Position> lastOfKey = new ConcurrentHashMap<>();
    Map<String, Thread> inKey = new ConcurrentHashMap<>();
    Queue<String> violations = new ConcurrentLinkedQueue<>();
    worker.parallelism = 8;
    worker.onRecord(
        record -> {
          String key = record.partitionKey();
          if (inKey.put(key, Thread.currentThread()) != null) {
            violations.add("two at a time");
          }
          try {
            flaky(record);
            Position before = lastOfKey.put(key, record.position());
            if (before != null && before.compareTo(record.position()) >= 0) {
              violations.add("order");
            }
          } finally {
            inKey.remove(key);
          }
        });
    worker.kinesis.put(SHARD, records);
    worker.grant(SHARD, lease);
    Position last = new Position(sequence(300), 0);
    pump(() -> lease.checkpoint().filter(last::equals).isPresent(), Duration.ofMillis(10));
    assertThat(violations).isEmpty();
    assertThat(order).hasSize((int) users(records)).doesNotHaveDuplicates();
  }

  @Test
  void unorderedBatchesWithPartialFailuresAreAllProcessedOnce() {
    List<KinesisRecord> records = someRecords(300);
    worker.parallelism = 6;
    worker.order = KeyOrder.UNORDERED;
    worker.settings = worker.settings.toBuilder().batchMaxRecords(20).build();
    worker.process(
        new Processing.Handler(
            new UserCode.Batches(
                batch -> {
                  if (calls.incrementAndGet() % 7 == 0) {
                    throw new IllegalStateException("a whole batch");
                  }
                  List<Position> failed = new ArrayList<>();
                  for (ReceivedRecord record : batch.records()) {
                    if (calls.incrementAndGet() % 5 == 0) {
                      failed.add(record.position());
                    } else {
                      order.add(record.position());
                    }
                  }
                  return BatchResult.failed(failed);
                })));
    worker.kinesis.put(SHARD, records);
    worker.grant(SHARD, lease);
    Position last = new Position(sequence(300), 0);
    pump(() -> lease.checkpoint().filter(last::equals).isPresent(), Duration.ofMillis(10));
    assertThat(order).hasSize((int) users(records)).doesNotHaveDuplicates();
  }

  @Test
  void manyShardsShareAFewThreads() {
    int shards = 200;
    worker.onRecord(this::flaky);
    List<FakeOwnership> leases = new ArrayList<>();
    for (int i = 0; i < shards; i++) {
      ShardId shard = new ShardId("shardId-" + i);
      worker.kinesis.put(shard, aggregate(0, 30), plain(1));
      leases.add(new FakeOwnership());
      worker.grant(shard, leases.get(i));
    }
    Position last = new Position(sequence(1), 0);
    pump(
        () -> leases.stream().allMatch(one -> one.checkpoint().filter(last::equals).isPresent()),
        Duration.ofMillis(10));
    assertThat(order).hasSize(shards * 31);
  }

  @Test
  void lostLeaseInterruptsTheHandlerAndLeavesItsThreadClean() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CompletableFuture<Boolean> wasInterrupted = new CompletableFuture<>();
    worker.onRecord(
        record -> {
          entered.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            wasInterrupted.complete(true);
            throw e;
          }
        });
    worker.kinesis.put(SHARD, plain(1));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    pump(() -> entered.getCount() == 0, Duration.ZERO);
    consumer.leaseLost(worker.time.now());
    assertThat(wasInterrupted.join()).isTrue();
    assertThat(lease.writes).isZero();
    for (int i = 0; i < 8; i++) {
      assertThat(pool.submit(() -> Thread.currentThread().isInterrupted()).get()).isFalse();
    }
  }

  @Test
  void blockedHandlerIsInterruptedAtItsTimeLimitAndItsRecordDeliveredAgain() {
    worker.settings = worker.settings.toBuilder().handlerTimeout(Duration.ofSeconds(5)).build();
    AtomicBoolean blocks = new AtomicBoolean(true);
    CountDownLatch entered = new CountDownLatch(1);
    worker.onRecord(
        record -> {
          entered.countDown();
          if (blocks.getAndSet(false)) {
            new CountDownLatch(1).await();
          }
          order.add(record.position());
        });
    worker.kinesis.put(SHARD, plain(1), plain(2));
    worker.grant(SHARD, lease);
    pump(() -> entered.getCount() == 0, Duration.ZERO);
    pump(() -> order.size() == 2, Duration.ofMillis(50));
    assertThat(order).containsExactly(new Position(sequence(1), 0), new Position(sequence(2), 0));
  }

  @Test
  void handlerThatIgnoresItsInterruptKeepsItsRecordAndNoOtherShardWaits() {
    worker.settings = worker.settings.toBuilder().handlerTimeout(Duration.ofSeconds(2)).build();
    ShardId other = new ShardId("shardId-000000000001");
    AtomicBoolean release = new AtomicBoolean();
    CountDownLatch entered = new CountDownLatch(1);
    AtomicInteger others = new AtomicInteger();
    worker.onRecord(
        record -> {
          if (record.shard().equals(other)) {
            others.incrementAndGet();
            return;
          }
          entered.countDown();
          while (!release.get()) {
            // Deliberate: it clears the interrupt and goes on.
            boolean unused = Thread.interrupted();
          }
          order.add(record.position());
        });
    worker.kinesis.put(SHARD, plain(1), plain(2));
    ShardConsumer stuck = worker.grant(SHARD, lease);
    worker.grant(other, new FakeOwnership());
    pump(() -> entered.getCount() == 0, Duration.ZERO);
    worker.kinesis.put(other, someRecords(30));
    pump(() -> others.get() == users(someRecords(30)), Duration.ofMillis(100));
    pump(() -> worker.time.elapsed().toSeconds() > 10, Duration.ofMillis(100));
    assertThat(stuck.status(worker.time.now()).longestCall())
        .get()
        .satisfies(age -> assertThat(age).isGreaterThan(Duration.ofSeconds(9)));
    assertThat(lease.checkpoints).isEmpty();
    release.set(true);
    pump(() -> order.size() == 2, Duration.ofMillis(10));
    assertThat(order).containsExactly(new Position(sequence(1), 0), new Position(sequence(2), 0));
  }

  @Test
  void handlerThatRunsOutOfMemoryGetsItsRecordAgain() {
    AtomicInteger left = new AtomicInteger(3);
    worker.onRecord(
        record -> {
          if (record.position().equals(new Position(sequence(2), 0))
              && left.getAndDecrement() > 0) {
            long[] tooMuch = new long[Integer.MAX_VALUE];
            throw new AssertionError("got " + tooMuch.length);
          }
          order.add(record.position());
        });
    worker.kinesis.put(SHARD, plain(1), plain(2), plain(3));
    worker.grant(SHARD, lease);
    pump(() -> order.size() == 3, Duration.ofMillis(10));
    assertThat(left.get()).isNegative();
    assertThat(order)
        .containsExactly(
            new Position(sequence(1), 0),
            new Position(sequence(2), 0),
            new Position(sequence(3), 0));
  }

  @Test
  void drainWaitsForAHandlerThatIgnoresInterrupts() {
    CountDownLatch entered = new CountDownLatch(1);
    AtomicBoolean release = new AtomicBoolean();
    worker.onRecord(
        record -> {
          entered.countDown();
          while (!release.get()) {
            Thread.onSpinWait();
          }
        });
    worker.kinesis.put(SHARD, plain(1), plain(2));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    pump(() -> entered.getCount() == 0, Duration.ZERO);
    consumer.drain(worker.time.now());
    worker.settleLoop();
    assertThat(consumer.state()).isEqualTo(ShardState.DRAINING);
    release.set(true);
    pump(() -> consumer.state() == ShardState.STOPPED, Duration.ZERO);
    assertThat(lease.checkpoints).containsExactly(new Position(sequence(1), 0));
  }

  @Test
  void handlersRunOnNamedDaemonThreadsWithTheShardInTheirLogContext() {
    CompletableFuture<Map<String, String>> context = new CompletableFuture<>();
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    worker.onRecord(
        record -> {
          context.complete(MDC.getCopyOfContextMap());
          thread.complete(Thread.currentThread());
        });
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease);
    pump(thread::isDone, Duration.ZERO);
    assertThat(thread.join().getName()).startsWith("millrace-handler-");
    assertThat(thread.join().isDaemon()).isTrue();
    assertThat(context.join())
        .containsEntry("millrace.application", "app")
        .containsEntry("millrace.shard", SHARD.value())
        .containsKey("millrace.stream");
  }
}
