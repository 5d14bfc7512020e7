package io.millrace.consumer.internal.discover;

import io.millrace.consumer.StartAt;
import io.millrace.consumer.internal.fetch.StreamPort.ShardListing;
import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.Lease;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which rows a stream lacks, and where they start: pure, from a listing of its shards and the rows
 * that there are.
 *
 * <ul>
 *   <li>A shard lacks its row if neither it nor any of its descendants has one. An ancestor of a
 *       row is done: its row is never created again.
 *   <li>The first start creates rows for all shards; from LATEST only for those that are open or
 *       have an open child, as the others had their last record before.
 *   <li>A row below an existing row starts at the trim horizon: nothing of a shard is older than
 *       what its parents had. Only where that row is itself still at its starting time, so is the
 *       new one.
 *   <li>Rows come in generations, parents first: the child gate takes a missing row for a finished
 *       one, so a child's row must never be there before its parents'.
 * </ul>
 */
final class Lineage {
  /** How far before its own time LATEST starts: clocks of the service's hosts differ. */
  static final Duration LATEST_MARGIN = Duration.ofSeconds(2);

  private final ConsumedStream stream;
  private final Map<ShardId, Lease> rows;
  private final TreeMap<ShardId, ShardListing> shards = new TreeMap<>();
  private final Map<ShardId, List<ShardId>> children = new HashMap<>();
  private final Map<ShardId, Boolean> hasRowBelow = new HashMap<>();

  private Lineage(
      ConsumedStream stream, Collection<ShardListing> listing, Map<ShardId, Lease> rows) {
    this.stream = stream;
    this.rows = rows;
    for (ShardListing shard : listing) {
      shards.put(shard.shard(), shard);
      for (ShardId parent : shard.parents()) {
        children.computeIfAbsent(parent, p -> new ArrayList<>()).add(shard.shard());
      }
    }
    // A row may know a relation that the listing lost, as shards leave it when they expire.
    for (Lease row : rows.values()) {
      for (ShardId parent : row.parents()) {
        children.computeIfAbsent(parent, p -> new ArrayList<>()).add(row.key().shard());
      }
    }
  }

  /**
   * The rows to create, in generations: all of one before any of the next.
   *
   * @param listing all shards of the stream
   * @param rows the rows that there are, by a consistent listing
   * @param serviceTime the service's own time when it began to list
   */
  static List<List<Lease>> rowsToCreate(
      ConsumedStream stream,
      Collection<ShardListing> listing,
      Map<ShardId, Lease> rows,
      Instant serviceTime) {
    return new Lineage(stream, listing, rows).generations(serviceTime);
  }

  private List<List<Lease>> generations(Instant serviceTime) {
    Optional<Instant> storedStart =
        rows.values().stream()
            .flatMap(row -> row.startTimestamp().stream())
            .min(Comparator.naturalOrder());
    boolean openOnly = stream.startAt().kind() == StartAt.Kind.LATEST && storedStart.isEmpty();
    TreeMap<Integer, List<Lease>> byDepth = new TreeMap<>();
    TreeMap<ShardId, ShardListing> lacking = new TreeMap<>();
    for (ShardListing shard : shards.values()) {
      if (!hasRowAtOrBelow(shard.shard(), new HashSet<>())) {
        boolean related = nearestRowAbove(shard.shard(), new HashSet<>()) != null;
        if (related || !openOnly || mayGetRecordsFromNowOn(shard)) {
          lacking.put(shard.shard(), shard);
        }
      }
    }
    Map<ShardId, Integer> depths = new HashMap<>();
    for (ShardListing shard : lacking.values()) {
      byDepth
          .computeIfAbsent(depth(shard, lacking, depths), depth -> new ArrayList<>())
          .add(newRow(shard, serviceTime, storedStart));
    }
    return List.copyOf(byDepth.values());
  }

  /**
   * Whether the shard is open, or has an open child: then it may have closed since the time at
   * which LATEST starts. If it closed before, reading it from that time ends at once.
   */
  private boolean mayGetRecordsFromNowOn(ShardListing shard) {
    if (!shard.closed()) {
      return true;
    }
    for (ShardId child : children.getOrDefault(shard.shard(), List.of())) {
      ShardListing listed = shards.get(child);
      if (listed != null && !listed.closed()) {
        return true;
      }
    }
    return false;
  }

  private boolean hasRowAtOrBelow(ShardId shard, Set<ShardId> path) {
    Boolean known = hasRowBelow.get(shard);
    if (known != null) {
      return known;
    }
    if (!path.add(shard)) {
      return false;
    }
    boolean found = rows.containsKey(shard);
    for (ShardId child : children.getOrDefault(shard, List.of())) {
      found = found || hasRowAtOrBelow(child, path);
    }
    hasRowBelow.put(shard, found);
    return found;
  }

  private @Nullable Lease nearestRowAbove(ShardId shard, Set<ShardId> visited) {
    ShardListing listed = shards.get(shard);
    if (listed == null || !visited.add(shard)) {
      return null;
    }
    TreeSet<ShardId> parents = new TreeSet<>(listed.parents());
    for (ShardId parent : parents) {
      if (rows.containsKey(parent)) {
        return rows.get(parent);
      }
    }
    for (ShardId parent : parents) {
      Lease above = nearestRowAbove(parent, visited);
      if (above != null) {
        return above;
      }
    }
    return null;
  }

  private static int depth(
      ShardListing shard, Map<ShardId, ShardListing> lacking, Map<ShardId, Integer> known) {
    Integer found = known.get(shard.shard());
    if (found != null) {
      return found;
    }
    known.put(shard.shard(), 0);
    int depth = 0;
    for (ShardId parent : shard.parents()) {
      ShardListing lackingParent = lacking.get(parent);
      if (lackingParent != null) {
        depth = Math.max(depth, 1 + depth(lackingParent, lacking, known));
      }
    }
    known.put(shard.shard(), depth);
    return depth;
  }

  private Lease newRow(ShardListing shard, Instant serviceTime, Optional<Instant> storedStart) {
    Lease above = nearestRowAbove(shard.shard(), new HashSet<>());
    if (above == null) {
      return row(shard, serviceTime, storedStart);
    }
    boolean atStart =
        above.checkpoint() == Sentinel.AT_TIMESTAMP || above.checkpoint() == Sentinel.LATEST;
    return atStart && above.startTimestamp().isPresent()
        ? row(shard, Sentinel.AT_TIMESTAMP, above.startTimestamp().get())
        : row(shard, Sentinel.TRIM_HORIZON, null);
  }

  private Lease row(ShardListing shard, Instant serviceTime, Optional<Instant> storedStart) {
    return switch (stream.startAt().kind()) {
      case TRIM_HORIZON -> row(shard, Sentinel.TRIM_HORIZON, null);
      case LATEST ->
          row(shard, Sentinel.LATEST, storedStart.orElse(serviceTime.minus(LATEST_MARGIN)));
      case TIMESTAMP ->
          row(
              shard,
              Sentinel.AT_TIMESTAMP,
              storedStart.orElseGet(() -> stream.startAt().timestamp().orElseThrow()));
    };
  }

  private Lease row(ShardListing shard, Checkpoint checkpoint, @Nullable Instant start) {
    return Lease.builder(stream.key(shard.shard()), checkpoint)
        .startTimestamp(start)
        .parents(shard.parents())
        .hashRange(shard.hashRange())
        .stream(stream.identity())
        .build();
  }
}
