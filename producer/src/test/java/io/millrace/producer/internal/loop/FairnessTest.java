package io.millrace.producer.internal.loop;

import static io.millrace.producer.internal.loop.Harness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.HashKey;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.PutResult;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.loop.FakeKinesis.FakeShard;
import io.millrace.producer.internal.loop.FakeKinesis.PutCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is in trouble does not take the others' room, time or requests. On a virtual clock. */
@Timeout(300)
@SuppressWarnings("FutureReturnValueIgnored") // the fake tells what was stored
class FairnessTest {
  private static final int SHARDS = 4;
  private static final int SECONDS = 5;
  private static final int STEP_MILLIS = 5;
  private static final int BYTES = 1_000;

  /** 600 KB/s for a healthy shard. */
  private static final int HEALTHY_PER_STEP = 3;

  /** 5 MB/s for the hot one, which takes 1 MiB/s. */
  private static final int HOT_PER_STEP = 25;

  @Test
  void healthyShardsKeepTheirThroughputBesideAHotOneWithTryPut() {
    long without = storedByTryPut(0);
    long with = storedByTryPut(HOT_PER_STEP);
    assertThat(without).as("the healthy shards alone").isGreaterThan(8_500);
    assertThat((double) with / without).as("with a hot shard beside them").isGreaterThan(0.9);
  }

  @Test
  void healthyShardsKeepTheirThroughputBesideAHotOneWithAThreadPerShard() throws Exception {
    long without = storedByThreads(0);
    long with = storedByThreads(HOT_PER_STEP);
    assertThat(without).as("the healthy shards alone").isGreaterThan(8_500);
    assertThat((double) with / without).as("with a hot shard beside them").isGreaterThan(0.9);
  }

  @Test
  void healthyStreamKeepsItsThroughputBesideOneOfManyShardsThatStandsStill() {
    long without = storedBesideStalledStream(false);
    long with = storedBesideStalledStream(true);
    assertThat(without).as("the healthy stream alone").isGreaterThan(2_500);
    assertThat((double) with / without).as("beside a stalled stream").isGreaterThan(0.9);
  }

  private static Harness limited(int shards) {
    ProducerSettings settings =
        settings().bufferBytes(8 << 20).maxBlock(Duration.ofHours(1)).build();
    Harness h = new Harness(settings, new FakeKinesis(shards), 7).described();
    ShardRates.enforce(h.kinesis);
    return h;
  }

  /** One caller for all shards, which does something else when there is no room. */
  private static long storedByTryPut(int hotPerStep) {
    Harness h = limited(SHARDS);
    for (int step = 0; step < SECONDS * 1_000 / STEP_MILLIS; step++) {
      for (int shard = 0; shard < SHARDS; shard++) {
        int count = shard == 0 ? hotPerStep : HEALTHY_PER_STEP;
        for (int i = 0; i < count; i++) {
          Optional<CompletableFuture<PutResult>> put =
              h.producer.tryPut(Harness.STREAM, recordFor(h, shard));
          if (put.isEmpty()) {
            break;
          }
        }
      }
      h.advance(Duration.ofMillis(STEP_MILLIS));
    }
    return storedHealthy(h);
  }

  /**
   * A thread per shard that blocks in put. In each step the clock waits until every thread has put
   * what it owes or waits for room, so only the virtual clock decides.
   */
  private static long storedByThreads(int hotPerStep) throws Exception {
    Harness h = limited(SHARDS);
    List<Caller> callers = new ArrayList<>();
    for (int shard = 0; shard < SHARDS; shard++) {
      Caller caller = new Caller(h, recordFor(h, shard));
      callers.add(caller);
      caller.start();
    }
    for (int step = 0; step < SECONDS * 1_000 / STEP_MILLIS; step++) {
      for (int shard = 0; shard < SHARDS; shard++) {
        callers.get(shard).owe(shard == 0 ? hotPerStep : HEALTHY_PER_STEP);
      }
      awaitQuiet(h, callers);
      for (int milli = 0; milli < STEP_MILLIS; milli++) {
        h.advance(Duration.ofMillis(1));
        awaitQuiet(h, callers);
      }
    }
    long stored = storedHealthy(h);
    h.producer.loop().close(0, false);
    h.advance(Duration.ofMillis(1));
    for (Caller caller : callers) {
      caller.end();
    }
    return stored;
  }

  @SuppressWarnings("ThreadPriorityCheck") // gives way to the threads that it waits for
  private static void awaitQuiet(Harness h, List<Caller> callers) {
    while (true) {
      int busy = 0;
      for (Caller caller : callers) {
        busy += caller.isBusy() ? 1 : 0;
      }
      if (busy == h.producer.waitingCount()) {
        return;
      }
      Thread.yield();
    }
  }

  /** Puts what it owes, one after the other. */
  private static final class Caller extends Thread {
    private final Harness h;
    private final UserRecord record;
    private int owed;
    private boolean ended;

    Caller(Harness h, UserRecord record) {
      this.h = h;
      this.record = record;
      setDaemon(true);
    }

    synchronized void owe(int more) {
      owed = Math.min(owed + more, 1_000);
      notifyAll();
    }

    synchronized boolean isBusy() {
      return owed > 0;
    }

    void end() throws InterruptedException {
      synchronized (this) {
        ended = true;
        owed = 0;
        notifyAll();
      }
      join();
    }

    private synchronized boolean awaitDebt() {
      while (owed == 0 && !ended) {
        try {
          wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
      return !ended;
    }

    private synchronized void paid() {
      owed = Math.max(0, owed - 1);
    }

    @Override
    public void run() {
      while (awaitDebt()) {
        h.producer.put(Harness.STREAM, record);
        paid();
      }
    }
  }

  private static long storedBesideStalledStream(boolean stalled) {
    FakeKinesis kinesis = new FakeKinesis(1);
    FakeKinesis other = new FakeKinesis(256);
    other.onPut = PutCall::neverAnswer;
    kinesis.others.put("stalled", other);
    ProducerSettings settings = settings().bufferBytes(8 << 20).build();
    Harness h = new Harness(settings, kinesis, 7).described();
    h.producer.whenRoomFor("stalled", 1);
    h.advance(Duration.ofSeconds(2));
    int turn = 0;
    for (int step = 0; step < 5_000 / STEP_MILLIS; step++) {
      for (int i = 0; stalled && i < 50; i++) {
        FakeShard shard = other.shards.get(turn++ % other.shards.size());
        h.producer.tryPut("stalled", record(shard.range.start()));
      }
      for (int i = 0; i < HEALTHY_PER_STEP; i++) {
        h.producer.tryPut(Harness.STREAM, record(HashKey.MIN));
      }
      h.advance(Duration.ofMillis(STEP_MILLIS));
    }
    return kinesis.seen().size();
  }

  private static long storedHealthy(Harness h) {
    return h.kinesis.seen().stream()
        .filter(record -> !record.shard().equals(h.kinesis.shards.get(0).id))
        .count();
  }

  private static UserRecord recordFor(Harness h, int shard) {
    return record(h.kinesis.shards.get(shard).range.start());
  }

  private static UserRecord record(HashKey key) {
    return UserRecord.builder()
        .partitionKey("key")
        .explicitHashKey(key)
        .data(new byte[BYTES])
        .build();
  }
}
