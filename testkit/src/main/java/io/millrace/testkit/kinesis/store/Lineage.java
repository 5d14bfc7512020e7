package io.millrace.testkit.kinesis.store;

import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import io.millrace.testkit.kinesis.model.ChildShard;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * A stream's shards, open and closed, and how they came from each other. Thread-safe: its lock
 * makes each change one step; readers take none. Under the lock only shards' own locks are taken.
 *
 * <p>Each step of a change has a time stamp of its own, later than all before, even where the clock
 * stands still: so exactly one generation of shards is open at any time, and numbers of children
 * are above their parents'.
 */
public final class Lineage {
  private final CoreSettings settings;
  private final long streamSalt;
  private final ConcurrentSkipListMap<Integer, ShardState> shards = new ConcurrentSkipListMap<>();
  private final Queue<ShardState> unsignalled = new ConcurrentLinkedQueue<>();
  private volatile ShardTable open = ShardTable.EMPTY;
  private int nextIndex;
  private long lastStampMillis;

  Lineage(CoreSettings settings, long streamSalt, long createdMillis) {
    this.settings = settings;
    this.streamSalt = streamSalt;
    this.lastStampMillis = createdMillis - 1;
  }

  /** When a change happens: both times of the clock. */
  public record Moment(long millis, long nanos) {}

  /** The open shards. */
  public ShardTable open() {
    return open;
  }

  /** All shards kept, in order of their ids. */
  public Collection<ShardState> all() {
    return shards.values();
  }

  /** A shard by the number in its id. */
  public Optional<ShardState> find(int index) {
    return Optional.ofNullable(shards.get(index));
  }

  /** Lays out a new stream: equal ranges over all hash keys. */
  public synchronized void create(int count, Moment now) {
    // Not the clock: a stream that took time to create would have had no shards at its own trim
    // horizon.
    long stamp = ++lastStampMillis;
    List<ShardState> first = new ArrayList<>();
    for (HashRange range : HashRange.FULL.partition(count)) {
      first.add(add(range, List.of(), stamp, now));
    }
    open = new ShardTable(first);
  }

  /**
   * Splits an open shard.
   *
   * @param newStart the first key of the upper child
   */
  public synchronized void split(ShardState parent, HashKey newStart, Moment now) {
    long stamp = nextStamp(now);
    List<ShardState> children = new ArrayList<>();
    for (HashRange range : parent.range().splitAt(newStart)) {
      children.add(add(range, List.of(parent.shardId()), stamp + 1, now));
    }
    replace(List.of(parent), children, stamp);
  }

  /**
   * Merges two open shards with adjacent ranges; the first is the child's parent, the second the
   * adjacent one.
   */
  public synchronized ShardState merge(ShardState parent, ShardState adjacent, Moment now) {
    long stamp = nextStamp(now);
    HashRange range = parent.range().merge(adjacent.range());
    ShardState child = add(range, List.of(parent.shardId(), adjacent.shardId()), stamp + 1, now);
    replace(List.of(parent, adjacent), List.of(child), stamp);
    return child;
  }

  /**
   * Reshards to equal ranges as UpdateShardCount does: cuts shards at the new bounds, then merges
   * the pieces within each new range; pieces that live for a moment only are part of the lineage.
   */
  public synchronized void scaleTo(int count, Moment now) {
    List<HashRange> targets = HashRange.FULL.partition(count);
    for (HashRange target : targets) {
      ShardState across = open.route(target.start());
      if (across.range().start().compareTo(target.start()) < 0) {
        split(across, target.start(), now);
      }
    }
    for (HashRange target : targets) {
      Queue<ShardState> pieces = new ArrayDeque<>();
      open.shards().stream().filter(s -> target.contains(s.range())).forEach(pieces::add);
      ShardState merged = pieces.remove();
      while (!pieces.isEmpty()) {
        merged = merge(merged, pieces.remove(), now);
      }
    }
  }

  /** Waits until a change that is under way shows in {@link #open}. */
  public synchronized ShardTable settledOpen() {
    return open;
  }

  /** Forgets closed shards whose records are all beyond retention. */
  public void expire(long horizonMillis) {
    shards.values().removeIf(shard -> shard.closedMillis() < horizonMillis);
  }

  /** Signals the shards that were closed since; never under a lock. */
  public void signalClosed() {
    for (ShardState shard = unsignalled.poll(); shard != null; shard = unsignalled.poll()) {
      shard.signal();
    }
  }

  private void replace(List<ShardState> parents, List<ShardState> children, long stamp) {
    List<ChildShard> successors =
        children.stream()
            .map(
                child ->
                    new ChildShard(
                        child.shardId(),
                        parents.stream().map(ShardState::shardId).toList(),
                        child.range().start().toString(),
                        child.range().end().toString()))
            .toList();
    // Children take records only once the table shows them, and that is after their parents' end.
    parents.forEach(parent -> parent.close(stamp, successors));
    List<ShardState> nowOpen = new ArrayList<>(open.shards());
    nowOpen.removeAll(parents);
    nowOpen.addAll(children);
    open = new ShardTable(nowOpen);
    unsignalled.addAll(parents);
  }

  private ShardState add(HashRange range, List<String> parentIds, long stamp, Moment now) {
    ShardState shard =
        new ShardState(
            nextIndex++,
            range,
            parentIds,
            stamp,
            new ShardState.Origin(settings, streamSalt, now.nanos()));
    shards.put(shard.index(), shard);
    return shard;
  }

  /** A stamp for the parents' end; the one after it is for the children's begin. */
  private long nextStamp(Moment now) {
    long stamp = Math.max(now.millis(), lastStampMillis + 1);
    lastStampMillis = stamp;
    return stamp;
  }
}
