package io.millrace.producer.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.HashKey;
import io.millrace.producer.ProducerInterceptor;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutResult;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.settle.CallbackPool;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A producer on a virtual clock: the test's thread is the loop's thread and the callbacks' thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // futures are kept in a list
final class Harness {
  static final String STREAM = "clicks";

  /** Close to the wrap, so that every test crosses it. */
  private long nowNanos = Long.MAX_VALUE - 1_000_000_000L;

  final FakeKinesis kinesis;
  final ProducerCore producer;
  final Queue<Runnable> callbacks = new ArrayDeque<>();
  final List<CompletableFuture<PutResult>> futures = new ArrayList<>();
  boolean runsCallbacks = true;

  Harness(ProducerSettings settings, FakeKinesis kinesis, long seed) {
    this(settings, kinesis, seed, List.of());
  }

  /** A producer whose callbacks run on threads of their own. */
  static Harness withCallbackThreads(ProducerSettings.Builder settings, int shards) {
    return new Harness(
        settings.build(), new FakeKinesis(shards), 1, List.of(), Harness::ownThreads);
  }

  private static CallbackPool ownThreads(Harness h) {
    return new CallbackPool(
        null,
        4,
        task -> {
          Thread thread = new Thread(task, "callbacks-of-the-test");
          thread.setDaemon(true);
          return thread;
        });
  }

  Harness(
      ProducerSettings settings,
      FakeKinesis kinesis,
      long seed,
      List<ProducerInterceptor> interceptors) {
    this(
        settings,
        kinesis,
        seed,
        interceptors,
        h -> new CallbackPool(h.callbacks::add, 1, Thread::new));
  }

  private Harness(
      ProducerSettings settings,
      FakeKinesis kinesis,
      long seed,
      List<ProducerInterceptor> interceptors,
      Function<Harness, CallbackPool> callbacks) {
    this.kinesis = kinesis;
    kinesis.nowNanos = nowNanos;
    kinesis.others.values().forEach(other -> other.nowNanos = nowNanos);
    this.producer =
        new ProducerCore(
            new ProducerConfig(settings, Map.of(), interceptors),
            kinesis,
            callbacks.apply(this),
            null,
            new SplittableRandom(seed));
  }

  Harness(ProducerSettings.Builder settings, int shards) {
    this(settings.build(), new FakeKinesis(shards), 1);
  }

  static ProducerSettings.Builder settings() {
    return ProducerSettings.builder().linger(Duration.ofMillis(20));
  }

  /** A producer that has loaded its map and settled one record. */
  Harness warm() {
    put("warm-up", "warm-up");
    advance(Duration.ofSeconds(2));
    assertThat(futures.get(0)).isCompleted();
    futures.clear();
    kinesis.puts.clear();
    for (FakeKinesis.FakeShard shard : kinesis.shards) {
      shard.records.clear();
    }
    return this;
  }

  /** A producer that has loaded its map. */
  Harness described() {
    producer.whenRoomFor(STREAM, 1);
    advance(Duration.ofSeconds(2));
    return this;
  }

  CompletableFuture<PutResult> put(String key, String data) {
    return put(UserRecord.of(key, data.getBytes(StandardCharsets.UTF_8)));
  }

  CompletableFuture<PutResult> put(UserRecord record) {
    CompletableFuture<PutResult> future = producer.tryPut(STREAM, record).orElseThrow();
    futures.add(future);
    return future;
  }

  /** A key whose records go to another shard than those of this one. */
  String keyOfAnotherShard(String key) {
    FakeKinesis.FakeShard shard = kinesis.shardOf(HashKey.ofPartitionKey(key));
    for (int i = 0; ; i++) {
      String other = "other-" + i;
      if (!shard.range.contains(HashKey.ofPartitionKey(other))) {
        return other;
      }
    }
  }

  /** Moves the clock, stopping wherever something is due. */
  void advance(Duration by) {
    long end = nowNanos + by.toNanos();
    for (int steps = 0; ; steps++) {
      assertThat(steps).as("steps within " + by + ": a busy loop?").isLessThan(2_000_000);
      long idle = step();
      long next = Math.min(idle, kinesis.nanosUntilNext());
      if (end - nowNanos <= 0 && next > 0) {
        return;
      }
      nowNanos += Math.min(next, Math.max(0, end - nowNanos));
    }
  }

  /** The clock jumps, and nothing runs in between: the machine was suspended, or time was set. */
  void jump(Duration by) {
    nowNanos += by.toNanos();
  }

  /** Ticks once without moving the clock. */
  long step() {
    kinesis.runDue(nowNanos);
    long idle = producer.loop().tick(nowNanos);
    boolean ran = runCallbacks();
    return ran ? 0 : idle;
  }

  boolean runCallbacks() {
    boolean ran = false;
    while (runsCallbacks && !callbacks.isEmpty()) {
      callbacks.poll().run();
      ran = true;
    }
    return ran;
  }

  long now() {
    return nowNanos;
  }

  static PutFailedException failureOf(CompletableFuture<?> future) {
    assertThat(future).isCompletedExceptionally();
    return PutFailedException.in(future.handle((r, f) -> f).join()).orElseThrow();
  }

  /** Everything that was accepted has its outcome and gave its bytes back. */
  void assertSettled() {
    assertThat(futures).allMatch(CompletableFuture::isDone);
    assertThat(producer.status().records()).isZero();
    assertThat(producer.status().bytes()).isZero();
  }
}
