package io.millrace.simulation;

import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.FencingToken;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
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
  private final Set<Long> accepted = new HashSet<>();
  private final Set<Long> delivered = new HashSet<>();
  private final Map<ShardId, Track> tracks = new TreeMap<>();
  private final Map<LeaseKey, Checkpoint> checkpoints = new HashMap<>();
  private final Map<String, Long> lastOfKey = new HashMap<>();
  private long deliveries;
  private long failedPuts;

  /** One shard as the fleet's handlers saw it. */
  private static final class Track {
    private final Set<Position> delivered = new HashSet<>();
    private @Nullable FencingToken token;
    private @Nullable Position last;
  }

  // ---- producer
  // ------------------------------------------------------------------------------------

  void wasPut(long id) {
    put.add(id);
  }

  void wasAccepted(long id) {
    accepted.add(id);
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

  /** Looks at the lease table after a step. */
  void observe(List<Lease> leases) {
    for (Lease lease : leases) {
      Checkpoint before = checkpoints.put(lease.key(), lease.checkpoint());
      if (before != null && lease.checkpoint().precedes(before)) {
        throw new BrokenPromise(
            "the checkpoint of %s goes back from %s to %s",
            lease.key(), before, lease.checkpoint());
      }
    }
  }

  /** Every position that a checkpoint covers was delivered: nothing is skipped. */
  void checkCoverage(List<Lease> leases, Map<ShardId, List<Position>> stored) {
    for (Lease lease : leases) {
      ShardId shard = lease.key().shard();
      Track track = tracks.get(shard);
      for (Position position : stored.getOrDefault(shard, List.of())) {
        boolean covered =
            lease.isFinished()
                || lease
                    .checkpoint()
                    .position()
                    .filter(at -> position.compareTo(at) <= 0)
                    .isPresent();
        if (covered && (track == null || !track.delivered.contains(position))) {
          throw new BrokenPromise(
              "lost: the checkpoint %s of %s covers %s, which nobody has delivered",
              lease.checkpoint(), shard, position);
        }
      }
    }
  }

  /** All positions of a shard were delivered. */
  boolean hasDelivered(ShardId shard, List<Position> positions) {
    Track track = tracks.get(shard);
    return track == null ? positions.isEmpty() : track.delivered.containsAll(positions);
  }

  // ---- sums
  // ----------------------------------------------------------------------------------------

  List<Long> undelivered() {
    List<Long> missing = new ArrayList<>(accepted);
    missing.removeAll(delivered);
    return missing;
  }

  long putCount() {
    return put.size();
  }

  long acceptedCount() {
    return accepted.size();
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
