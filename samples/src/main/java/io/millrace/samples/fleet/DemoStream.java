package io.millrace.samples.fleet;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/** The stream that the events go through, and the changes to its shards. */
public final class DemoStream {
  public static final int SHARDS = 4;

  private final KinesisAsyncClient kinesis;
  private final String name;

  public DemoStream(KinesisAsyncClient kinesis, String name) {
    this.kinesis = kinesis;
    this.name = name;
  }

  public String name() {
    return name;
  }

  public void create() throws InterruptedException {
    kinesis.createStream(r -> r.streamName(name).shardCount(SHARDS)).join();
    awaitActive();
  }

  public void delete() {
    kinesis.deleteStream(r -> r.streamName(name).enforceConsumerDeletion(true)).join();
  }

  /** Splits the shard with the widest range in its middle; returns what it did. */
  public String splitWidest() throws InterruptedException {
    Shard widest = openShards().stream().max(Comparator.comparing(DemoStream::width)).orElseThrow();
    BigInteger middle = start(widest).add(width(widest).shiftRight(1)).add(BigInteger.ONE);
    kinesis
        .splitShard(
            r ->
                r.streamName(name)
                    .shardToSplit(widest.shardId())
                    .newStartingHashKey(middle.toString()))
        .join();
    awaitActive();
    return "split " + number(widest) + " into " + children(widest);
  }

  /** Merges the two neighbours whose ranges are the narrowest together; returns what it did. */
  public String mergeNarrowest() throws InterruptedException {
    List<Shard> shards = openShards();
    int best = 0;
    for (int i = 1; i + 1 < shards.size(); i++) {
      if (pairWidth(shards, i).compareTo(pairWidth(shards, best)) < 0) {
        best = i;
      }
    }
    Shard left = shards.get(best);
    Shard right = shards.get(best + 1);
    kinesis
        .mergeShards(
            r ->
                r.streamName(name)
                    .shardToMerge(left.shardId())
                    .adjacentShardToMerge(right.shardId()))
        .join();
    awaitActive();
    return "merged " + number(left) + " and " + number(right) + " into " + children(left);
  }

  public int openShardCount() {
    return openShards().size();
  }

  /** Whether the stream is there; empty if so, else why not. */
  public Optional<String> missing() {
    try {
      kinesis.describeStreamSummary(r -> r.streamName(name)).join();
      return Optional.empty();
    } catch (CompletionException e) {
      return Optional.of(Reason.of(e));
    }
  }

  private String children(Shard parent) {
    return String.join(
        " and ",
        openShards().stream()
            .filter(
                s ->
                    parent.shardId().equals(s.parentShardId())
                        || parent.shardId().equals(s.adjacentParentShardId()))
            .map(DemoStream::number)
            .toList());
  }

  private List<Shard> openShards() {
    return kinesis
        .listShards(r -> r.streamName(name).shardFilter(f -> f.type(ShardFilterType.AT_LATEST)))
        .join()
        .shards()
        .stream()
        .sorted(Comparator.comparing(DemoStream::start))
        .toList();
  }

  private void awaitActive() throws InterruptedException {
    while (kinesis
            .describeStreamSummary(r -> r.streamName(name))
            .join()
            .streamDescriptionSummary()
            .streamStatus()
        != StreamStatus.ACTIVE) {
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private static BigInteger pairWidth(List<Shard> shards, int left) {
    return width(shards.get(left)).add(width(shards.get(left + 1)));
  }

  private static BigInteger width(Shard shard) {
    return new BigInteger(shard.hashKeyRange().endingHashKey()).subtract(start(shard));
  }

  private static BigInteger start(Shard shard) {
    return new BigInteger(shard.hashKeyRange().startingHashKey());
  }

  private static String number(Shard shard) {
    return "shard " + Integer.parseInt(shard.shardId().substring("shardId-".length()));
  }
}
