package io.millrace.producer.internal.loop;

import static io.millrace.producer.internal.loop.Harness.failureOf;
import static io.millrace.producer.internal.loop.Harness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.Ordering;
import io.millrace.producer.ProducerSettings.WhenShardFull;
import io.millrace.producer.PutFailure;
import io.millrace.producer.PutResult;
import io.millrace.producer.UnsentRecord;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.loop.FakeKinesis.PutCall;
import io.millrace.producer.internal.loop.FakeKinesis.SeenRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Puts from many threads, while the test's thread is the loop on a virtual clock. */
@Timeout(300)
@SuppressWarnings("FutureReturnValueIgnored") // outcomes are collected elsewhere
class ProducerThreadsTest {
  private final List<Thread> threads = new ArrayList<>();

  @Test
  void waitingPutsFailWithNoRoomWhenTheirTimeIsOver() throws InterruptedException {
    Harness h = full(settings().maxBlock(Duration.ofSeconds(60)));
    ConcurrentLinkedQueue<CompletableFuture<PutResult>> results = new ConcurrentLinkedQueue<>();
    start(64, i -> results.add(h.producer.put(Harness.STREAM, "key", new byte[1_000])));
    await(() -> h.producer.waitingCount() == 64);
    h.advance(Duration.ofSeconds(59));
    assertThat(results).isEmpty();
    h.advance(Duration.ofSeconds(1));
    join();
    assertThat(results).hasSize(64);
    assertThat(results)
        .allSatisfy(f -> assertThat(failureOf(f).reason()).isEqualTo(PutFailure.NO_ROOM));
    assertThat(failureOf(results.peek())).hasMessageContaining("maxBlock");
  }

  @Test
  void waitingPutsGetInWhenThereIsRoomAgain() throws InterruptedException {
    Harness h = full(settings().maxBlock(Duration.ofHours(1)));
    ConcurrentLinkedQueue<CompletableFuture<PutResult>> results = new ConcurrentLinkedQueue<>();
    start(64, i -> results.add(h.producer.put(Harness.STREAM, "key-" + i, new byte[1_000])));
    await(() -> h.producer.waitingCount() == 64);
    h.kinesis.onPut = PutCall::store;
    h.advance(Duration.ofMinutes(3));
    // A thread that was let in may have to wait once more, for its chunk.
    await(
        () -> {
          h.advance(Duration.ofMillis(1));
          return results.size() == 64;
        });
    join();
    h.advance(Duration.ofMinutes(3));
    assertThat(results).allMatch(f -> f.isDone() && !f.isCompletedExceptionally());
    h.assertSettled();
  }

  @Test
  void anInterruptedPutFailsAndKeepsTheFlag() throws InterruptedException {
    Harness h = full(settings());
    AtomicBoolean flag = new AtomicBoolean();
    ConcurrentLinkedQueue<CompletableFuture<PutResult>> results = new ConcurrentLinkedQueue<>();
    start(
        1,
        i -> {
          results.add(h.producer.put(Harness.STREAM, "key", new byte[1_000]));
          flag.set(Thread.currentThread().isInterrupted());
        });
    await(() -> h.producer.waitingCount() == 1);
    threads.get(0).interrupt();
    join();
    assertThat(failureOf(results.peek()).reason()).isEqualTo(PutFailure.INTERRUPTED);
    assertThat(flag).isTrue();
    h.kinesis.onPut = PutCall::store;
    h.advance(Duration.ofMinutes(5));
    h.assertSettled();
  }

  @Test
  void closeTurnsWaitingPutsAway() throws InterruptedException {
    Harness h = full(settings());
    ConcurrentLinkedQueue<CompletableFuture<PutResult>> results = new ConcurrentLinkedQueue<>();
    start(8, i -> results.add(h.producer.put(Harness.STREAM, "key", new byte[1_000])));
    await(() -> h.producer.waitingCount() == 8);
    CompletableFuture<?> closed = h.producer.loop().close(0, true);
    h.advance(Duration.ofMillis(1));
    join();
    assertThat(closed).isCompleted();
    assertThat(results)
        .hasSize(8)
        .allSatisfy(f -> assertThat(failureOf(f).reason()).isEqualTo(PutFailure.CLOSED));
    h.assertSettled();
  }

  @Test
  void aPutFromACallbackNeverWaits() {
    Harness h = new Harness(settings().bufferBytes(1 << 20), 1).warm();
    List<CompletableFuture<PutResult>> nested = new ArrayList<>();
    h.put("first", "1")
        .thenRun(
            () -> {
              for (int i = 0; i < 2_000; i++) {
                nested.add(h.producer.put(Harness.STREAM, "key", new byte[1_000]));
              }
            });
    h.kinesis.onPut = call -> h.kinesis.puts.size() == 1 ? call.store() : call.neverAnswer();
    h.advance(Duration.ofMillis(100));
    assertThat(nested).hasSize(2_000);
    assertThat(failureOf(nested.get(1_999)).reason()).isEqualTo(PutFailure.NO_ROOM);
    assertThat(failureOf(nested.get(1_999))).hasMessageContaining("callback");
    assertThat(nested.get(0)).isNotDone();
  }

  @Test
  void aFullShardFailsAtOnceWhenAskedToWhileOthersTakeRecords() {
    Harness h =
        new Harness(settings().bufferBytes(1 << 20).whenShardFull(WhenShardFull.FAIL), 2).warm();
    h.kinesis.onPut = PutCall::neverAnswer;
    CompletableFuture<PutResult> last;
    do {
      last = h.producer.put(Harness.STREAM, "hot", new byte[1_000]);
    } while (!last.isDone());
    assertThat(failureOf(last).reason()).isEqualTo(PutFailure.NO_ROOM);
    assertThat(failureOf(last)).hasMessageContaining("whenShardFull");
    assertThat(h.producer.put(Harness.STREAM, h.keyOfAnotherShard("hot"), new byte[1_000]))
        .isNotDone();
  }

  @Test
  void putsFromManyThreadsDuringReshardsAllGetTheirOutcomeInOrderPerKey()
      throws InterruptedException {
    ProducerSettings settings =
        settings().ordering(Ordering.PER_KEY).linger(Duration.ZERO).aggregateMaxBytes(500).build();
    Harness h = new Harness(settings, new FakeKinesis(2), 5);
    AtomicInteger done = new AtomicInteger();
    int perThread = 3_000;
    start(
        6,
        thread -> {
          for (int i = 0; i < perThread; i++) {
            String data = "key-" + thread + ":" + i;
            h.producer
                .put(
                    Harness.STREAM,
                    UserRecord.of("key-" + thread, data.getBytes(StandardCharsets.UTF_8)))
                .whenComplete((r, f) -> done.incrementAndGet());
          }
        });
    SplittableRandom random = new SplittableRandom(1);
    for (int round = 0; done.get() < 6 * perThread; round++) {
      if (round % 50 == 10 && h.kinesis.openShards().size() < 12) {
        List<Integer> open = new ArrayList<>();
        for (int i = 0; i < h.kinesis.shards.size(); i++) {
          if (h.kinesis.shards.get(i).open) {
            open.add(i);
          }
        }
        h.kinesis.split(open.get(random.nextInt(open.size())));
      }
      h.advance(Duration.ofMillis(20));
    }
    join();
    assertThat(h.producer.status().records()).isZero();
    assertThat(h.producer.status().bytes()).isZero();
    List<SeenRecord> seen = new ArrayList<>(h.kinesis.seen());
    assertThat(seen).extracting(SeenRecord::data).hasSize(6 * perThread).doesNotHaveDuplicates();
    seen.sort(Comparator.comparing(SeenRecord::sequenceNumber).thenComparing(SeenRecord::sub));
    Map<String, Integer> last = new HashMap<>();
    for (SeenRecord record : seen) {
      int number = Integer.parseInt(record.data().split(":", -1)[1]);
      assertThat(number).isEqualTo(last.getOrDefault(record.key(), -1) + 1);
      last.put(record.key(), number);
    }
  }

  @Test
  void stalledCallbackDelaysTheOutcomesOfItsShardOnlyAndNoSending() throws InterruptedException {
    Harness h = Harness.withCallbackThreads(settings().linger(Duration.ZERO), 2).described();
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch stalled = new CountDownLatch(1);
    h.put("hot", "1")
        .thenRun(
            () -> {
              stalled.countDown();
              awaitUninterruptibly(release);
            });
    h.advance(Duration.ofMillis(100));
    stalled.await();
    CompletableFuture<PutResult> behind = h.put("hot", "2");
    CompletableFuture<PutResult> beside = h.put(h.keyOfAnotherShard("hot"), "3");
    h.advance(Duration.ofMillis(100));
    await(beside::isDone);
    assertThat(h.kinesis.seen()).extracting(SeenRecord::data).contains("1", "2", "3");
    assertThat(behind).isNotDone();
    release.countDown();
    await(behind::isDone);
    await(() -> h.producer.status().records() == 0);
    h.assertSettled();
  }

  @Test
  void closeDoesNotOutlastItsTimeForAStalledCallback() throws InterruptedException {
    Harness h = Harness.withCallbackThreads(settings().linger(Duration.ZERO), 1).described();
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch stalled = new CountDownLatch(1);
    h.put("hot", "1")
        .thenRun(
            () -> {
              stalled.countDown();
              awaitUninterruptibly(release);
            });
    h.advance(Duration.ofMillis(100));
    stalled.await();
    CompletableFuture<PutResult> behind = h.put("hot", "2");
    CompletableFuture<?> closed = h.producer.loop().close(Duration.ofSeconds(5).toNanos(), true);
    h.advance(Duration.ofMillis(4_900));
    assertThat(closed).isNotDone();
    h.advance(Duration.ofMillis(200));
    assertThat(closed).isCompleted();
    release.countDown();
    await(behind::isDone);
    assertThat(behind.join().attempts()).hasSize(1);
  }

  @Test
  void interruptedCloseStopsWaitingAndKeepsTheFlag() throws InterruptedException {
    Harness h = full(settings());
    AtomicBoolean flag = new AtomicBoolean();
    ConcurrentLinkedQueue<UnsentRecord> unsent = new ConcurrentLinkedQueue<>();
    start(
        1,
        i -> {
          unsent.addAll(h.producer.close(Duration.ofHours(1)));
          flag.set(Thread.currentThread().isInterrupted());
        });
    await(() -> h.producer.loop().isClosing());
    h.advance(Duration.ofSeconds(1));
    assertThat(threads.get(0).isAlive()).isTrue();
    threads.get(0).interrupt();
    await(
        () -> {
          h.advance(Duration.ofMillis(1));
          return !threads.get(0).isAlive();
        });
    assertThat(flag).isTrue();
    assertThat(unsent).hasSameSizeAs(h.futures);
    h.assertSettled();
  }

  @Test
  void interruptOfTheLoopsThreadNeitherEndsItNorLetsItSpin() {
    Harness h = new Harness(settings(), 1);
    Runner runner =
        new Runner(
            h.producer.loop(),
            task -> {
              Thread thread = new Thread(task);
              thread.setDaemon(true);
              threads.add(thread);
              return thread;
            });
    h.producer.wakeBy(runner::wake);
    runner.start();
    Thread loop = threads.get(0);
    await(
        () ->
            loop.getState() == Thread.State.WAITING
                || loop.getState() == Thread.State.TIMED_WAITING);
    loop.interrupt();
    await(() -> !loop.isInterrupted());
    assertThat(loop.isAlive()).isTrue();
    assertThat(h.producer.close(Duration.ZERO)).isEmpty();
    await(() -> !loop.isAlive());
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** A producer whose budget is used up by records without an answer. */
  private static Harness full(ProducerSettings.Builder settings) {
    Harness h =
        new Harness(
                settings
                    .bufferBytes(1 << 20)
                    .requestTimeout(Duration.ofMinutes(2))
                    .deliveryTimeout(Duration.ofHours(1)),
                4)
            .warm();
    h.kinesis.onPut = PutCall::neverAnswer;
    int refused = 0;
    for (int key = 0; refused < 200; key++) {
      var put =
          h.producer.tryPut(Harness.STREAM, UserRecord.of("key-" + key % 100, new byte[1_000]));
      if (put.isPresent()) {
        h.futures.add(put.get());
        refused = 0;
      } else if (++refused == 100) {
        // What leaves gives the slack of its chunks back: fill that, too.
        h.advance(Duration.ofMillis(100));
      }
    }
    return h;
  }

  private interface Body {
    void run(int index);
  }

  private void start(int count, Body body) {
    for (int i = 0; i < count; i++) {
      int index = i;
      Thread thread = new Thread(() -> body.run(index));
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
  }

  private void join() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // gives way to the threads that it waits for
  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.yield();
    }
  }

  @Test
  void aCloseInACallbackDoesNotWaitForItself() {
    Harness h = Harness.withCallbackThreads(settings().linger(Duration.ZERO), 1).described();
    CompletableFuture<List<UnsentRecord>> closed =
        h.put("a", "1").thenApply(result -> h.producer.close(Duration.ofMinutes(1)));
    h.advance(Duration.ofMillis(100));
    // The clock stands still: a close that waits would wait for ever.
    await(
        () -> {
          h.step();
          return closed.isDone();
        });
    assertThat(closed.join()).isEmpty();
    await(() -> h.producer.status().records() == 0);
    h.assertSettled();
  }
}
