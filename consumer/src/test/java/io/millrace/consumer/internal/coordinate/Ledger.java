package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.lease.FencingToken;
import io.millrace.model.ShardId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was delivered, by whom and when; it keeps the first delivery that breaks a promise: a record
 * skipped, a child before its parents, an owner after a later one.
 */
final class Ledger {
  private final FakeStream stream;
  private final Map<ShardId, Track> tracks = new TreeMap<>();
  private final Map<ShardId, Long> firstAllowed = new HashMap<>();
  @Nullable String broken;
  long deliveries;
  long duplicates;

  /** One shard's deliveries. */
  static final class Track {
    long first;
    long highest;
    long firstNanos = -1;
    long lastNanos = -1;
    long greatestGapNanos;
    FencingToken token = new FencingToken(0, 0);
    final List<String> owners = new ArrayList<>();
  }

  Ledger(FakeStream stream) {
    this.stream = stream;
  }

  FakeStream stream() {
    return stream;
  }

  /** From which record on the shard has to be delivered; 1 unless said otherwise. */
  void startsAt(ShardId shard, long number) {
    firstAllowed.merge(shard, number, Math::min);
  }

  void delivered(ShardId shard, long number, String worker, FencingToken token, long nowNanos) {
    Track track = tracks.computeIfAbsent(shard, s -> new Track());
    deliveries++;
    if (token.compareTo(track.token) < 0) {
      broken(worker + " delivers " + shard + "/" + number + " after a later owner: two owners");
    }
    long next = track.firstNanos < 0 ? firstAllowed.getOrDefault(shard, 1L) : track.highest + 1;
    if (number > next) {
      broken(worker + " delivers " + shard + "/" + number + " and skips from " + next);
    }
    for (ShardId parent : stream.shards.get(shard).parents) {
      if (!isComplete(parent)) {
        broken(
            worker
                + " delivers "
                + shard
                + "/"
                + number
                + " before the end of its parent "
                + parent);
      }
    }
    if (number <= track.highest) {
      duplicates++;
    }
    track.highest = Math.max(track.highest, number);
    track.token = token;
    if (track.owners.isEmpty() || !track.owners.get(track.owners.size() - 1).equals(worker)) {
      track.owners.add(worker);
    }
    if (track.firstNanos < 0) {
      track.firstNanos = nowNanos;
      track.first = number;
    } else {
      track.greatestGapNanos = Math.max(track.greatestGapNanos, nowNanos - track.lastNanos);
    }
    track.lastNanos = nowNanos;
  }

  private void broken(String promise) {
    if (broken == null) {
      broken = promise;
    }
  }

  private boolean isComplete(ShardId shard) {
    FakeStream.Shard known = stream.shards.get(shard);
    if (firstAllowed.containsKey(shard)) {
      return true;
    }
    long all = known.records(Long.MAX_VALUE);
    return known.isClosed() && (all == 0 || highest(shard) >= all);
  }

  long highest(ShardId shard) {
    Track track = tracks.get(shard);
    return track == null ? 0 : track.highest;
  }

  long firstDelivered(ShardId shard) {
    return track(shard).first;
  }

  Track track(ShardId shard) {
    return tracks.computeIfAbsent(shard, s -> new Track());
  }

  /** The lease table was made anew, and with it the tokens. */
  void forgetToken(ShardId shard) {
    track(shard).token = new FencingToken(0, 0);
  }

  void resetGaps() {
    tracks.values().forEach(track -> track.greatestGapNanos = 0);
  }

  /** The greatest pause of any shard that is still open, the one that lasts included. */
  long greatestGapNanos(long nowNanos) {
    long greatest = 0;
    for (FakeStream.Shard shard : stream.shards.values()) {
      Track track = track(shard.id);
      greatest = Math.max(greatest, track.greatestGapNanos);
      if (!shard.isClosed() && track.firstNanos >= 0) {
        greatest = Math.max(greatest, nowNanos - track.lastNanos);
      }
    }
    return greatest;
  }

  /** Whether every record that there is, but those of the last {@code lagNanos}, was delivered. */
  boolean isUpToDate(long nowNanos, long lagNanos) {
    for (FakeStream.Shard shard : stream.shards.values()) {
      if (highest(shard.id) < shard.records(nowNanos - lagNanos)) {
        return false;
      }
    }
    return true;
  }
}
