package io.millrace.integration.endpoint;

import java.math.BigInteger;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilter;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/** A stream that lives as long as one test. Calls return when the stream is ACTIVE again. */
public final class TestStream implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private final KinesisAsyncClient kinesis;
  private final String name;
  private final String arn;

  private TestStream(KinesisAsyncClient kinesis, String name) {
    this.kinesis = kinesis;
    this.name = name;
    this.arn = awaitActive().streamARN();
  }

  /** Creates a stream with a name of its own. */
  public static TestStream create(KinesisAsyncClient kinesis, int shards) {
    String name = TestNames.next();
    get(kinesis.createStream(r -> r.streamName(name).shardCount(shards)));
    return new TestStream(kinesis, name);
  }

  public String name() {
    return name;
  }

  public String arn() {
    return arn;
  }

  /** Shards that accept records, in the order of their hash ranges. */
  public List<Shard> openShards() {
    return get(
            kinesis.listShards(
                r ->
                    r.streamName(name)
                        .shardFilter(
                            ShardFilter.builder().type(ShardFilterType.AT_LATEST).build())))
        .shards()
        .stream()
        .sorted(Comparator.comparing(TestStream::start))
        .toList();
  }

  /** Every shard that still has a record of itself, closed ones too. */
  public List<Shard> allShards() {
    return get(kinesis.listShards(r -> r.streamName(name))).shards();
  }

  /** Splits a shard in the middle of its range. */
  public void split(Shard shard) {
    BigInteger middle = start(shard).add(end(shard)).shiftRight(1).add(BigInteger.ONE);
    get(
        kinesis.splitShard(
            r ->
                r.streamName(name)
                    .shardToSplit(shard.shardId())
                    .newStartingHashKey(middle.toString())));
    awaitActive();
  }

  /** Merges two shards with adjacent ranges. */
  public void merge(Shard shard, Shard adjacent) {
    get(
        kinesis.mergeShards(
            r ->
                r.streamName(name)
                    .shardToMerge(shard.shardId())
                    .adjacentShardToMerge(adjacent.shardId())));
    awaitActive();
  }

  @Override
  public void close() {
    try {
      // A stream that is UPDATING can't be deleted.
      awaitActive();
      get(kinesis.deleteStream(r -> r.streamName(name).enforceConsumerDeletion(true)));
    } catch (ResourceNotFoundException alreadyGone) {
      // A test may delete its stream itself.
    }
  }

  /** Waits until the stream is ACTIVE. */
  public StreamDescriptionSummary awaitActive() {
    StreamDescriptionSummary[] last = new StreamDescriptionSummary[1];
    await(
        "stream is ACTIVE",
        () -> {
          last[0] =
              get(kinesis.describeStreamSummary(r -> r.streamName(name)))
                  .streamDescriptionSummary();
          return last[0].streamStatus() == StreamStatus.ACTIVE;
        });
    return last[0];
  }

  /** Asks until it is so; fails with what it waited for. */
  public static void await(String what, BooleanSupplier condition) {
    await(what, LIMIT, condition);
  }

  /** Asks until it is so; fails with what it waited for. */
  public static void await(String what, Duration limit, BooleanSupplier condition) {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new AssertionError("not within " + limit + ": " + what);
      }
      try {
        TimeUnit.MILLISECONDS.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting: " + what, e);
      }
    }
  }

  /** The reply, or the service's own exception. */
  public static <T> T get(CompletableFuture<T> reply) {
    try {
      return reply.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  public static BigInteger start(Shard shard) {
    return new BigInteger(shard.hashKeyRange().startingHashKey());
  }

  public static BigInteger end(Shard shard) {
    return new BigInteger(shard.hashKeyRange().endingHashKey());
  }
}
