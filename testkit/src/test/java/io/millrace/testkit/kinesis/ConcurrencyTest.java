package io.millrace.testkit.kinesis;

import static io.millrace.testkit.kinesis.Endpoint.SHARD_0;
import static io.millrace.testkit.kinesis.Endpoint.STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.HashKey;
import io.millrace.testkit.kinesis.call.ConsumerCall;
import io.millrace.testkit.kinesis.call.RecordCall.PutEntry;
import io.millrace.testkit.kinesis.call.RecordCall.PutRecords;
import io.millrace.testkit.kinesis.call.ShardCall;
import io.millrace.testkit.kinesis.call.ShardCall.ShardFilter;
import io.millrace.testkit.kinesis.call.ShardSubscription;
import io.millrace.testkit.kinesis.call.SubscriptionStep;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import io.millrace.testkit.kinesis.model.StartingPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Writers, reshards and readers at the same time. */
@Timeout(60)
class ConcurrencyTest {
  private static final int WRITERS = 3;
  private static final int CALLS = 400;

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
    subscription.onReady(signals::release);
    int total = CALLS * 10;
    List<Callable<Integer>> work = new ArrayList<>();
    work.add(() -> write(endpoint, new SplittableRandom(7), ConcurrentHashMap.newKeySet()));
    work.add(() -> receive(subscription, signals, total));

    assertThat(run(work).get(1)).isEqualTo(total);
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

  private static int receive(ShardSubscription subscription, Semaphore signals, int total)
      throws InterruptedException {
    int received = 0;
    while (received < total) {
      SubscriptionStep step = subscription.next();
      if (step instanceof SubscriptionStep.Push push) {
        received += push.event().records().size();
      } else {
        // No clock moves here: only the signal can bring it on.
        assertThat(signals.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
      }
    }
    return received;
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
