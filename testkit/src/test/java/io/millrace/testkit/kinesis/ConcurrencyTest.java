package io.millrace.testkit.kinesis;

import static io.millrace.testkit.kinesis.Endpoint.SHARD_0;
import static io.millrace.testkit.kinesis.Endpoint.STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.HashKey;
import io.millrace.testkit.kinesis.call.AttributeCall;
import io.millrace.testkit.kinesis.call.ConsumerCall;
import io.millrace.testkit.kinesis.call.RecordCall.PutEntry;
import io.millrace.testkit.kinesis.call.RecordCall.PutRecords;
import io.millrace.testkit.kinesis.call.ShardCall;
import io.millrace.testkit.kinesis.call.ShardCall.ShardFilter;
import io.millrace.testkit.kinesis.call.ShardSubscription;
import io.millrace.testkit.kinesis.call.SubscriptionStep;
import io.millrace.testkit.kinesis.model.EncryptionType;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import io.millrace.testkit.kinesis.model.StartingPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Writers, reshards and readers at the same time. */
@Timeout(300)
class ConcurrencyTest {
  private static final int WRITERS = 3;
  private static final int CALLS = 400;
  private static final int ROUNDS = 20_000;
  private static final int CHANGES = 500_000;
  private static final int SPINS = 1_000;

  @Test
  void nothingIsLostOrMisplacedWhileShardsSplitAndMerge() throws Exception {
    Endpoint endpoint = Endpoint.withShards(2);
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    List<Callable<Integer>> work = new ArrayList<>();
    for (int writer = 0; writer < WRITERS; writer++) {
      long seed = writer;
      work.add(() -> write(endpoint, new SplittableRandom(seed), acknowledged));
    }
    work.add(() -> reshard(endpoint));

    run(work);

    List<String> stored = new ArrayList<>();
    endpoint
        .core
        .records("orders")
        .forEach(
            (shardId, records) -> {
              List<String> numbers = records.stream().map(KinesisRecord::sequenceNumber).toList();
              assertThat(numbers).isSorted();
              numbers.forEach(number -> stored.add(shardId + "/" + number));
            });
    assertThat(stored).hasSize(WRITERS * CALLS * 10);
    assertThat(Set.copyOf(stored)).hasSameSizeAs(stored).isEqualTo(Set.copyOf(acknowledged));
  }

  @Test
  void streamIsNeverMissingWhileItChanges() throws Exception {
    Endpoint endpoint = Endpoint.withShards(1);
    AtomicBoolean changing = new AtomicBoolean(true);
    CountDownLatch asking = new CountDownLatch(1);
    List<Callable<Integer>> work = new ArrayList<>();
    // Each call takes the stream to UPDATING and back.
    work.add(() -> changeAndChangeBack(endpoint, asking, changing));
    work.add(() -> askForIterators(endpoint, asking, changing));

    assertThat(run(work)).allSatisfy(calls -> assertThat(calls).isPositive());
  }

  @Test
  void subscriberHearsOfEveryRecordWithoutPolling() throws Exception {
    Endpoint endpoint = Endpoint.withShards(1);
    String arn =
        endpoint
            .call(new ConsumerCall.RegisterStreamConsumer(endpoint.streamArn(), "app", Map.of()))
            .consumer()
            .arn();
    ShardSubscription subscription =
        endpoint.call(
            new ConsumerCall.SubscribeToShard(arn, SHARD_0, StartingPosition.trimHorizon()));
    Semaphore signals = new Semaphore(0);
    AtomicInteger received = new AtomicInteger();
    subscription.onReady(signals::release);
    List<Callable<Integer>> work = new ArrayList<>();
    // One record at a time, the next one only after it was received: a lost signal can't be made up
    // for by a later one.
    work.add(() -> writeOneByOne(endpoint, received));
    work.add(() -> receive(subscription, signals, received));

    assertThat(run(work)).containsExactly(ROUNDS, ROUNDS);
  }

  private static int write(Endpoint endpoint, SplittableRandom random, Set<String> acknowledged) {
    for (int call = 0; call < CALLS; call++) {
      List<PutEntry> entries = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        HashKey key = new HashKey(random.nextLong(), random.nextLong());
        entries.add(new PutEntry(Endpoint.data("x"), "k", key.toString()));
      }
      endpoint
          .call(new PutRecords(STREAM, entries))
          .results()
          .forEach(result -> acknowledged.add(result.shardId() + "/" + result.sequenceNumber()));
    }
    return CALLS;
  }

  private static int reshard(Endpoint endpoint) {
    for (int i = 0; i < 100; i++) {
      int open = endpoint.shardIds(ShardFilter.of(ShardFilter.Type.AT_LATEST)).size();
      int target = open < 16 ? open * 2 - 1 : open / 2 + 1;
      endpoint.call(new ShardCall.UpdateShardCount(STREAM, Math.max(2, target), "UNIFORM_SCALING"));
    }
    return 100;
  }

  private static int changeAndChangeBack(
      Endpoint endpoint, CountDownLatch asking, AtomicBoolean changing)
      throws InterruptedException {
    try {
      asking.await();
      for (int i = 0; i < CHANGES; i++) {
        endpoint.call(
            i % 2 == 0
                ? new AttributeCall.StartStreamEncryption(STREAM, EncryptionType.KMS, "alias/key")
                : new AttributeCall.StopStreamEncryption(STREAM, EncryptionType.KMS, "alias/key"));
      }
    } finally {
      changing.set(false);
    }
    return CHANGES;
  }

  private static int askForIterators(
      Endpoint endpoint, CountDownLatch asking, AtomicBoolean changing) {
    int calls = 0;
    while (changing.get()) {
      endpoint.iterator(SHARD_0, StartingPosition.trimHorizon());
      calls++;
      asking.countDown();
    }
    return calls;
  }

  @SuppressWarnings("ThreadPriorityCheck") // gives way to the threads that it waits for
  private static int writeOneByOne(Endpoint endpoint, AtomicInteger received) {
    for (int round = 0; round < ROUNDS; round++) {
      endpoint.putTexts("x");
      // Spins, so that the next record comes while the reader looks for more; on a busy machine the
      // reader needs this CPU.
      for (int spins = 0; received.get() <= round; spins++) {
        if (spins < SPINS) {
          Thread.onSpinWait();
        } else {
          Thread.yield();
        }
      }
      for (int pause = round % 200; pause > 0; pause--) {
        Thread.onSpinWait();
      }
    }
    return ROUNDS;
  }

  private static int receive(
      ShardSubscription subscription, Semaphore signals, AtomicInteger received)
      throws InterruptedException {
    while (received.get() < ROUNDS) {
      SubscriptionStep step = subscription.next();
      if (step instanceof SubscriptionStep.Push push) {
        received.addAndGet(push.event().records().size());
      } else {
        // No clock moves here: only the signal can bring it on.
        boolean signalled = signals.tryAcquire(90, TimeUnit.SECONDS);
        if (!signalled) {
          received.set(Integer.MAX_VALUE);
        }
        assertThat(signalled).as("signalled").isTrue();
      }
    }
    return received.get();
  }

  private static List<Integer> run(List<Callable<Integer>> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(work.size());
    try {
      List<Integer> results = new ArrayList<>();
      for (Future<Integer> done : threads.invokeAll(work)) {
        results.add(done.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }
}
