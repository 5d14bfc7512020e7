package io.millrace.benchmarks.fleet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;

/**
 * Puts a record into every open shard at a steady rate, each with a number of its own. Thread-safe.
 */
final class Traffic implements AutoCloseable {
  private static final Duration LAST_PUTS = Duration.ofSeconds(10);
  private static final int ENTRIES_PER_REQUEST = 500;

  private final KinesisAsyncClient kinesis;
  private final String stream;
  private final Deliveries deliveries;
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "traffic");
            thread.setDaemon(true);
            return thread;
          });
  private final AtomicInteger numbers = new AtomicInteger();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile Map<String, String> hashKeys = Map.of();

  Traffic(KinesisAsyncClient kinesis, String stream, Deliveries deliveries) {
    this.kinesis = kinesis;
    this.stream = stream;
    this.deliveries = deliveries;
    lookForShards();
  }

  /** Looks which shards are open; to be called after each reshard. */
  void lookForShards() {
    Map<String, String> open = new HashMap<>();
    String token = null;
    do {
      ListShardsResponse page = kinesis.listShards(openShards(token)).join();
      page.shards().forEach(s -> open.put(s.shardId(), s.hashKeyRange().startingHashKey()));
      token = page.nextToken();
    } while (token != null);
    hashKeys = open;
  }

  private ListShardsRequest openShards(@Nullable String token) {
    return token == null
        ? ListShardsRequest.builder()
            .streamName(stream)
            .shardFilter(f -> f.type(ShardFilterType.AT_LATEST))
            .build()
        : ListShardsRequest.builder().nextToken(token).build();
  }

  /** The open shard with the lowest id. */
  Shard firstShard() {
    return kinesis.listShards(openShards(null)).join().shards().stream()
        .min(Comparator.comparing(Shard::shardId))
        .orElseThrow();
  }

  /** How many shards it puts into. */
  int shardCount() {
    return hashKeys.size();
  }

  /** Begins to put so many records per second into each shard. */
  void start(double perSecondAndShard) {
    long periodMicros = (long) (1e6 / perSecondAndShard);
    var unused = ticker.scheduleAtFixedRate(this::putOne, 0, periodMicros, TimeUnit.MICROSECONDS);
  }

  /** Puts one record into each shard. */
  void putOne() {
    List<PutRecordsRequestEntry> entries = new ArrayList<>();
    List<Integer> ids = new ArrayList<>();
    for (String hashKey : hashKeys.values()) {
      int id = numbers.getAndIncrement();
      ids.add(id);
      entries.add(
          PutRecordsRequestEntry.builder()
              .partitionKey("k" + id)
              .explicitHashKey(hashKey)
              .data(SdkBytes.fromUtf8String(Integer.toString(id)))
              .build());
      if (entries.size() == ENTRIES_PER_REQUEST) {
        put(entries, ids);
        entries = new ArrayList<>();
        ids = new ArrayList<>();
      }
    }
    if (!entries.isEmpty()) {
      put(entries, ids);
    }
  }

  private void put(List<PutRecordsRequestEntry> entries, List<Integer> ids) {
    inFlight.incrementAndGet();
    CompletableFuture<PutRecordsResponse> reply =
        kinesis.putRecords(r -> r.streamName(stream).records(entries));
    var unused =
        reply.whenComplete(
            (response, error) -> {
              if (error != null) {
                failure.compareAndSet(null, error);
              } else {
                for (int i = 0; i < ids.size(); i++) {
                  // A refused one was never stored, and nobody will miss it.
                  if (response.records().get(i).errorCode() == null) {
                    deliveries.stored(ids.get(i));
                  }
                }
              }
              inFlight.decrementAndGet();
            });
  }

  /** Puts no more; returns when every put has its outcome. */
  void stop() throws InterruptedException {
    // Not at once: a put that is just being sent would be interrupted, and fail.
    ticker.shutdown();
    Clock.await("the last puts are sent", LAST_PUTS, ticker::isTerminated);
    Clock.await("the last puts are settled", LAST_PUTS, () -> inFlight.get() == 0);
    Throwable first = failure.get();
    if (first != null) {
      throw new IllegalStateException("a put failed", first);
    }
  }

  @Override
  public void close() {
    ticker.shutdownNow();
  }
}
