package io.millrace.simulation.explore;

import io.millrace.consumer.internal.fetch.ChildShard;
import io.millrace.consumer.internal.fetch.KinesisFault;
import io.millrace.consumer.internal.fetch.Reply;
import io.millrace.consumer.internal.fetch.StreamPort;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.model.HashRange;
import io.millrace.model.ShardId;
import io.millrace.simulation.world.Lineages;
import io.millrace.simulation.world.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A stream of which only shards, their lineage and the number of their records matter: an open
 * shard gets one at a steady rate until the stream falls silent. Record n of a shard is at sequence
 * number n, from 1.
 *
 * <p>Confined to the simulation's thread.
 */
final class SketchedStream implements StreamPort, Lineages {
  static final String NAME = "clicks";
  private static final StreamIdentity IDENTITY =
      new StreamIdentity(
          "arn:aws:kinesis:us-east-1:123456789012:stream/" + NAME,
          Instant.parse("2026-01-01T00:00:00Z"));
  private static final int PAGE = 1_000;

  private final VirtualTime time;
  private final long recordNanos;
  private final long silentNanos;
  private final Map<ShardId, Shard> shards = new TreeMap<>();

  /** A shard. */
  static final class Shard {
    final ShardId id;
    final HashRange range;
    final Set<ShardId> parents;
    final List<ChildShard> children = new ArrayList<>();
    private final long openedNanos;
    private long closedNanos = -1;

    Shard(ShardId id, HashRange range, Set<ShardId> parents, long openedNanos) {
      this.id = id;
      this.range = range;
      this.parents = parents;
      this.openedNanos = openedNanos;
    }

    boolean isClosed() {
      return closedNanos >= 0;
    }
  }

  /**
   * Opens a stream.
   *
   * @param recordInterval between two records of a shard
   * @param silentAfter when the last record comes
   */
  SketchedStream(VirtualTime time, int shards, Duration recordInterval, Duration silentAfter) {
    this.time = time;
    this.recordNanos = recordInterval.toNanos();
    this.silentNanos = silentAfter.toNanos();
    for (HashRange range : HashRange.FULL.partition(shards)) {
      add(range, Set.of());
    }
  }

  private Shard add(HashRange range, Set<ShardId> parents) {
    ShardId id = new ShardId(String.format("shardId-%012d", shards.size()));
    Shard shard = new Shard(id, range, parents, time.nowNanos());
    shards.put(id, shard);
    return shard;
  }

  Shard shard(ShardId id) {
    Shard shard = shards.get(id);
    if (shard == null) {
      throw new IllegalArgumentException("there is no shard " + id);
    }
    return shard;
  }

  /** All shards, in the order in which they were made. */
  List<Shard> shards() {
    return List.copyOf(shards.values());
  }

  /** How many records a shard has by now. */
  long records(Shard shard) {
    long end = Math.min(time.nowNanos(), silentNanos);
    if (shard.isClosed()) {
      end = Math.min(end, shard.closedNanos);
    }
    return Math.max(0, (end - shard.openedNanos) / recordNanos);
  }

  /** When a record came. */
  Instant arrival(Shard shard, long number) {
    return Instant.parse("2026-01-01T00:00:00Z")
        .plusNanos(shard.openedNanos + number * recordNanos);
  }

  /** Splits the first open shard in the middle. */
  void split() {
    Shard parent = open().get(0);
    parent.closedNanos = time.nowNanos();
    for (HashRange range : parent.range.splitAt(parent.range.splitPoint().orElseThrow())) {
      Shard child = add(range, Set.of(parent.id));
      parent.children.add(new ChildShard(child.id, child.parents, child.range));
    }
  }

  /** Merges the first two open shards that touch, if there are any. */
  void merge() {
    List<Shard> open = open();
    for (Shard one : open) {
      for (Shard two : open) {
        if (one != two && one.range.isAdjacentTo(two.range)) {
          one.closedNanos = time.nowNanos();
          two.closedNanos = time.nowNanos();
          Shard child = add(one.range.merge(two.range), Set.of(one.id, two.id));
          ChildShard named = new ChildShard(child.id, child.parents, child.range);
          one.children.add(named);
          two.children.add(named);
          return;
        }
      }
    }
  }

  private List<Shard> open() {
    return shards.values().stream().filter(shard -> !shard.isClosed()).toList();
  }

  @Override
  public Set<ShardId> parentsOf(ShardId shard) {
    return shard(shard).parents;
  }

  @Override
  public Set<ShardId> childrenOf(ShardId shard) {
    Set<ShardId> children = new TreeSet<>();
    shard(shard).children.forEach(child -> children.add(child.shard()));
    return children;
  }

  @Override
  public CompletionStage<Reply<StreamDescription>> describeStream(String nameOrArn) {
    if (!nameOrArn.equals(NAME) && !nameOrArn.equals(IDENTITY.arn())) {
      return CompletableFuture.completedStage(
          new Reply.Failed<>(
              new KinesisFault(
                  KinesisFault.Kind.NOT_FOUND, "ResourceNotFoundException", nameOrArn)));
    }
    return CompletableFuture.completedStage(
        new Reply.Ok<>(new StreamDescription(IDENTITY, true, Duration.ofHours(24))));
  }

  @Override
  public CompletionStage<Reply<ShardPage>> listShards(
      String streamArn, Optional<String> nextToken) {
    int from = nextToken.map(Integer::parseInt).orElse(0);
    List<ShardListing> all = new ArrayList<>();
    for (Shard shard : shards.values()) {
      all.add(new ShardListing(shard.id, shard.parents, shard.range, shard.isClosed()));
    }
    int to = Math.min(all.size(), from + PAGE);
    Optional<String> next = to < all.size() ? Optional.of(Integer.toString(to)) : Optional.empty();
    return CompletableFuture.completedStage(
        new Reply.Ok<>(new ShardPage(all.subList(from, to), next, time.now())));
  }
}
