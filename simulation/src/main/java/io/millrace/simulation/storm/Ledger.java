package io.millrace.simulation.storm;

import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.lease.FencingToken;
import io.millrace.consumer.lease.Lease;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import io.millrace.simulation.world.BrokenPromise;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was put, what was delivered and what was checkpointed; it refuses the first step that breaks
 * a promise.
 *
 * <p>Confined to the simulation's thread.
 */
final class Ledger {
  private final Set<Long> put = new HashSet<>();
  private final Set<Long> delivered = new HashSet<>();

  /** Accepted, and delivered by nobody yet. */
  private final Set<Long> undelivered = new LinkedHashSet<>();

  private final Map<ShardId, Track> tracks = new TreeMap<>();
  private final Map<String, Long> lastOfKey = new HashMap<>();
  private long acceptedPuts;
  private long deliveries;
  private long failedPuts;

  /** One shard as the fleet's handlers saw it. */
  private static final class Track {
    private final Set<Position> delivered = new HashSet<>();
    private @Nullable FencingToken token;
    private @Nullable Position last;
    private int covered;
  }

  // ---- producer
  // ------------------------------------------------------------------------------------

  void wasPut(long id) {
    put.add(id);
  }

  void wasAccepted(long id) {
    acceptedPuts++;
    if (!delivered.contains(id)) {
      undelivered.add(id);
    }
  }

  void wasRefused() {
    failedPuts++;
  }

  // ---- consumer
  // ------------------------------------------------------------------------------------

  /** A handler begins to handle a record. */
  void delivers(String worker, ReceivedRecord record, long id) {
    deliveries++;
    delivered.add(id);
    undelivered.remove(id);
    Track track = tracks.computeIfAbsent(record.shard(), shard -> new Track());
    FencingToken token = record.fencingToken();
    FencingToken before = track.token;
    if (before != null && token.compareTo(before) < 0) {
      throw new BrokenPromise(
          "two owners: %s delivers %s at %s after a later owner has begun",
          worker, record.shard(), record.position());
    }
    Position last = track.last;
    boolean sameOwnership = token.equals(before);
    if (sameOwnership && last != null && record.position().compareTo(last) < 0) {
      throw new BrokenPromise(
          "order: %s delivers %s at %s after %s", worker, record.shard(), record.position(), last);
    }
    track.token = token;
    track.last = record.position();
    track.delivered.add(record.position());
  }

  /**
   * With an ordered producer, records of a key come in the order in which they were put, but for
   * what a later owner repeats.
   */
  void delivered(String key, long number, boolean repeated) {
    long last = lastOfKey.getOrDefault(key, -1L);
    if (!repeated && number < last) {
      throw new BrokenPromise(
          "order: record %d of a key is first delivered after %d", number, last);
    }
    lastOfKey.put(key, Math.max(last, number));
  }

  boolean wasDelivered(long id) {
    return delivered.contains(id);
  }

  // ---- lease table
  // ---------------------------------------------------------------------------------

  /**
   * Every position that a checkpoint covers was delivered: nothing is skipped.
   *
   * @param row a row whose checkpoint has moved
   * @param stored what the shard holds by now, in order
   */
  void checkCoverage(Lease row, List<Position> stored) {
    ShardId shard = row.key().shard();
    Track track = tracks.computeIfAbsent(shard, first -> new Track());
    Position upTo = row.checkpoint().position().orElse(null);
    while (track.covered < stored.size()) {
      Position position = stored.get(track.covered);
      boolean covered = row.isFinished() || (upTo != null && position.compareTo(upTo) <= 0);
      if (!covered) {
        return;
      }
      if (!track.delivered.contains(position)) {
        throw new BrokenPromise(
            "lost: the checkpoint %s of %s covers %s, which nobody has delivered",
            row.checkpoint(), shard, position);
      }
      track.covered++;
    }
  }

  /** All positions of a shard were delivered. */
  boolean hasDelivered(ShardId shard, List<Position> positions) {
    Track track = tracks.get(shard);
    return track == null ? positions.isEmpty() : track.delivered.containsAll(positions);
  }

  // ---- sums
  // ----------------------------------------------------------------------------------------

  Set<Long> undelivered() {
    return undelivered;
  }

  long putCount() {
    return put.size();
  }

  long acceptedCount() {
    return acceptedPuts;
  }

  long failedPuts() {
    return failedPuts;
  }

  long deliveries() {
    return deliveries;
  }

  long distinctDeliveries() {
    return delivered.size();
  }
}
