package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.internal.fetch.ChildShard;
import io.millrace.consumer.internal.fetch.KinesisFault;
import io.millrace.consumer.internal.fetch.Reply;
import io.millrace.consumer.internal.fetch.StreamPort;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.model.HashRange;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/**
 * A stream whose shards get a record each 20 ms, on virtual time. Record n of a shard is at
 * sequence number n, from 1.
 */
final class FakeStream implements StreamPort {
  static final long RECORD_NANOS = Duration.ofMillis(20).toNanos();
  static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  private final LongSupplier nowNanos;
  final Map<ShardId, Shard> shards = new TreeMap<>();
  private StreamIdentity identity;
  private int pageSize = 1_000;
  private int firstShard;
  private final Set<ShardId> unlisted = new HashSet<>();
  boolean exists = true;
  int listCalls;

  /** A shard. */
  static final class Shard {
    final ShardId id;
    final HashRange range;
    final Set<ShardId> parents;
    final long openedNanos;
    long closedNanos = -1;
    final List<ChildShard> children = new ArrayList<>();

    Shard(ShardId id, HashRange range, Set<ShardId> parents, long openedNanos) {
      this.id = id;
      this.range = range;
      this.parents = parents;
      this.openedNanos = openedNanos;
    }

    /** How many records there are at a time. */
    long records(long nowNanos) {
      long end = closedNanos < 0 ? nowNanos : Math.min(nowNanos, closedNanos);
      return Math.max(0, (end - openedNanos) / RECORD_NANOS);
    }

    /** When a record arrived. */
    Instant arrival(long number) {
      return EPOCH.plusNanos(openedNanos + number * RECORD_NANOS);
    }

    boolean isClosed() {
      return closedNanos >= 0;
    }
  }

  FakeStream(int shardCount, LongSupplier nowNanos) {
    this("clicks", 0, shardCount, nowNanos);
  }

  /** A stream whose shards are numbered from {@code firstShard}, so that no other one has them. */
  FakeStream(String name, int firstShard, int shardCount, LongSupplier nowNanos) {
    this.nowNanos = nowNanos;
    this.firstShard = firstShard;
    this.identity =
        new StreamIdentity("arn:aws:kinesis:us-east-1:123456789012:stream/" + name, EPOCH);
    for (HashRange range : HashRange.FULL.partition(shardCount)) {
      add(range, Set.of());
    }
  }

  private Shard add(HashRange range, Set<ShardId> parents) {
    ShardId id = new ShardId("shardId-%012d".formatted(firstShard + shards.size()));
    Shard shard = new Shard(id, range, parents, nowNanos.getAsLong());
    shards.put(id, shard);
    return shard;
  }

  void pageSize(int size) {
    pageSize = size;
  }

  void recreate() {
    identity = new StreamIdentity(identity.arn(), EPOCH.plusSeconds(3_600));
  }

  /** The stream is another account's. */
  void belongsTo(String account) {
    identity = new StreamIdentity(identity.arn().replace("123456789012", account), EPOCH);
  }

  /** The shard has expired: the service lists it no more, but its children still name it. */
  void expire(ShardId shard) {
    unlisted.add(shard);
  }

  boolean isNamed(String nameOrArn) {
    return exists && (nameOrArn.equals(identity.name()) || nameOrArn.equals(identity.arn()));
  }

  StreamIdentity identity() {
    return identity;
  }

  List<ShardId> split(int number) {
    Shard parent = shards.get(new ShardId("shardId-%012d".formatted(number)));
    parent.closedNanos = nowNanos.getAsLong();
    List<ShardId> children = new ArrayList<>();
    for (HashRange range : parent.range.splitAt(parent.range.splitPoint().orElseThrow())) {
      Shard child = add(range, Set.of(parent.id));
      parent.children.add(new ChildShard(child.id, child.parents, child.range));
      children.add(child.id);
    }
    return children;
  }

  ShardId merge(int first, int second) {
    Shard one = shards.get(new ShardId("shardId-%012d".formatted(first)));
    Shard two = shards.get(new ShardId("shardId-%012d".formatted(second)));
    one.closedNanos = nowNanos.getAsLong();
    two.closedNanos = nowNanos.getAsLong();
    Shard child = add(one.range.merge(two.range), Set.of(one.id, two.id));
    ChildShard named = new ChildShard(child.id, child.parents, child.range);
    one.children.add(named);
    two.children.add(named);
    return child.id;
  }

  long nowNanos() {
    return nowNanos.getAsLong();
  }

  Instant wallTime() {
    return EPOCH.plusNanos(nowNanos.getAsLong());
  }

  @Override
  public CompletionStage<Reply<StreamDescription>> describeStream(String nameOrArn) {
    if (!isNamed(nameOrArn)) {
      return CompletableFuture.completedFuture(
          new Reply.Failed<>(
              new KinesisFault(
                  KinesisFault.Kind.NOT_FOUND, "ResourceNotFoundException", "not found")));
    }
    return CompletableFuture.completedFuture(
        new Reply.Ok<>(new StreamDescription(identity, true, Duration.ofHours(24))));
  }

  @Override
  public CompletionStage<Reply<ShardPage>> listShards(
      String streamArn, Optional<String> nextToken) {
    listCalls++;
    int from = nextToken.map(Integer::parseInt).orElse(0);
    List<ShardListing> all = new ArrayList<>();
    for (Shard shard : shards.values()) {
      if (!unlisted.contains(shard.id)) {
        all.add(new ShardListing(shard.id, shard.parents, shard.range, shard.isClosed()));
      }
    }
    int to = Math.min(all.size(), from + pageSize);
    Optional<String> next = to < all.size() ? Optional.of("" + to) : Optional.empty();
    return CompletableFuture.completedFuture(
        new Reply.Ok<>(new ShardPage(all.subList(from, to), next, wallTime())));
  }
}
