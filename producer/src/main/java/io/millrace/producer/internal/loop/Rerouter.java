package io.millrace.producer.internal.loop;

import io.millrace.producer.KinesisLimits;
import io.millrace.producer.ProducerSettings.Aggregation;
import io.millrace.producer.ProducerSettings.Distribution;
import io.millrace.producer.PutFailure;
import io.millrace.producer.internal.aggregate.OutgoingRecord;
import io.millrace.producer.internal.aggregate.Regrouper;
import io.millrace.producer.internal.aggregate.Regrouper.Refused;
import io.millrace.producer.internal.aggregate.Regrouper.Regrouped;
import io.millrace.producer.internal.aggregate.Routes;
import io.millrace.producer.internal.batch.Lanes;
import io.millrace.producer.internal.batch.ShardLane;
import io.millrace.producer.internal.limit.ShardLimiter;
import io.millrace.producer.internal.send.ShardDescription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Swaps a stream's routes while traffic flows, and moves records whose lane is gone.
 *
 * <p>Order of a swap: records that wait in lanes to be retired move to the new lanes while puts
 * still go to the old ones; then the old buffers are sealed, the little that came in between moves,
 * and the new routes are published. Puts that meet a sealed buffer in between look for the new
 * routes: so nothing overtakes, and nobody waits for more than the last step.
 *
 * <p>Confined to the stream's loop.
 */
final class Rerouter {
  /** Rounds of moving before the buffers are sealed; the last rounds find next to nothing. */
  private static final int OPEN_ROUNDS = 8;

  private final StreamParts parts;
  private @Nullable StreamView view;
  private @Nullable ShardLane waiting;

  Rerouter(StreamParts parts) {
    this.parts = parts;
  }

  /** Begins with one lane for all records, which sends nothing. */
  void start(long nowNanos) {
    waiting = addWaitingLane(parts.intake().routes(), nowNanos);
  }

  private ShardLane addWaitingLane(Routes routes, long nowNanos) {
    ShardLane lane = ShardLane.waiting(routes.buffers().get(0), new ShardLimiter(1, 1, nowNanos));
    parts.lanes().add(lane);
    return lane;
  }

  /** What was known of the stream holds no more: all records wait in one lane again. */
  void forget(long nowNanos) {
    if (view == null) {
      return;
    }
    view = null;
    List<ShardLane> leaving = List.copyOf(parts.lanes().all());
    Routes routes = parts.intake().waitingRoutes();
    waiting = addWaitingLane(routes, nowNanos);
    move(leaving.stream().filter(lane -> !lane.isRetired()).toList(), routes, nowNanos);
    parts.intake().publish(routes, 0);
  }

  /** The lane of records that no shard is known for; empty once the stream is described. */
  Optional<ShardLane> waitingLane() {
    return Optional.ofNullable(waiting);
  }

  /** Routes by this view from now on. */
  void apply(StreamView next, long nowNanos) {
    if (view != null && view.isLike(next)) {
      return;
    }
    view = next;
    Lanes lanes = parts.lanes();
    List<ShardLane> current = new ArrayList<>();
    Routes routes = routesFor(next, current, nowNanos);
    List<ShardLane> leaving = new ArrayList<>();
    for (ShardLane lane : lanes.all()) {
      if (!lane.isRetired() && !current.contains(lane)) {
        leaving.add(lane);
      }
    }
    for (ShardLane lane : current) {
      if (lanes.of(lane.buffer()) == null) {
        lanes.add(lane);
      }
    }
    move(leaving, routes, nowNanos);
    parts.intake().publish(routes, next.map().size());
    waiting = null;
  }

  private void move(List<ShardLane> leaving, Routes routes, long nowNanos) {
    Lanes lanes = parts.lanes();
    for (int round = 0; round < OPEN_ROUNDS; round++) {
      List<OutgoingRecord> records = new ArrayList<>();
      for (ShardLane lane : leaving) {
        lanes.drain(lane, nowNanos, records::add);
      }
      if (records.isEmpty()) {
        break;
      }
      enqueue(records, routes, false, nowNanos);
    }
    List<OutgoingRecord> rest = new ArrayList<>();
    for (ShardLane lane : leaving) {
      if (lane.inFlight() > 0 || lane.isBlocked()) {
        for (ShardLane successor : successorsOf(lane, routes)) {
          lanes.sendAfter(lane, successor, nowNanos);
        }
      }
      lanes.retire(lane, nowNanos, rest::add);
      parts.intake().retired(lane.buffer());
    }
    enqueue(rest, routes, false, nowNanos);
  }

  /** The lanes that take hash keys over; none from a lane without order. */
  private List<ShardLane> successorsOf(ShardLane leaving, Routes routes) {
    List<ShardLane> successors = new ArrayList<>();
    if (leaving.kind() != ShardLane.Kind.MANAGED) {
      for (var buffer : routes.buffers()) {
        ShardLane lane = Objects.requireNonNull(parts.lanes().of(buffer));
        if (lane.shard().isEmpty()
            || leaving.shard().isEmpty()
            || lane.shard().get().range().overlaps(leaving.shard().get().range())) {
          successors.add(lane);
        }
      }
    }
    return successors;
  }

  /** Moves records that came back, before those that wait in the lanes in force. */
  void reroute(List<OutgoingRecord> records, long nowNanos) {
    enqueue(records, parts.intake().routes(), true, nowNanos);
  }

  private void enqueue(List<OutgoingRecord> records, Routes routes, boolean first, long nowNanos) {
    if (records.isEmpty()) {
      return;
    }
    Regrouper regrouper = new Regrouper(routes, parts.intake().pool(), parts.random());
    records.forEach(regrouper::add);
    Regrouped regrouped = regrouper.finish();
    regrouped
        .moved()
        .forEach(
            (buffer, moved) -> {
              ShardLane lane = Objects.requireNonNull(parts.lanes().of(buffer));
              if (first) {
                parts.lanes().addFirst(lane, moved, nowNanos);
              } else {
                parts.lanes().addLast(lane, moved, nowNanos);
              }
            });
    for (Refused refused : regrouped.refused()) {
      parts
          .meters()
          .failed(
              parts.laneOf(refused.record()), refused.record(), PutFailure.RECORD_REFUSED.name());
      parts
          .deliveries()
          .failed(
              refused.record(),
              PutFailure.RECORD_REFUSED,
              parts.text().againstRule(refused.rule()),
              null);
    }
  }

  private Routes routesFor(StreamView next, List<ShardLane> lanes, long nowNanos) {
    boolean aggregating =
        next.distribution() == Distribution.USER_PARTITION_KEY
            && parts.intake().settings().aggregation() == Aggregation.KPL;
    // Assumed AUTO means only that nothing is aggregated: records still go by their keys.
    if (next.distribution() == Distribution.AUTO && next.distributionKnown()) {
      ShardLane lane = managedLane(next.map().size(), nowNanos);
      lanes.add(lane);
      return Routes.managed(lane.buffer(), next.maxRecordBytes());
    }
    Map<ShardDescription, ShardLane> reusable = new HashMap<>();
    for (ShardLane lane : parts.lanes().all()) {
      if (!lane.isRetired() && lane.buffer().packing().aggregating() == aggregating) {
        lane.shard().ifPresent(shard -> reusable.put(shard, lane));
      }
    }
    for (ShardDescription shard : next.map().shards()) {
      ShardLane old = reusable.get(shard);
      lanes.add(old != null ? old : shardLane(shard, aggregating, nowNanos));
    }
    return Routes.byShard(
        next.map(),
        lanes.stream().map(ShardLane::buffer).toList(),
        next.maxRecordBytes(),
        aggregating,
        next.distributionKnown());
  }

  private ShardLane shardLane(ShardDescription shard, boolean aggregating, long nowNanos) {
    return ShardLane.of(shard, parts.intake().newBuffer(aggregating), limiter(1, nowNanos));
  }

  /** The service spreads records evenly, so all shards together take what each of them takes. */
  private ShardLane managedLane(int shards, long nowNanos) {
    return ShardLane.managed(parts.intake().newBuffer(false), limiter(shards, nowNanos));
  }

  private ShardLimiter limiter(int shards, long nowNanos) {
    double rate = parts.intake().settings().shardRate() * shards;
    return new ShardLimiter(
        rate * KinesisLimits.SHARD_RECORDS_PER_SECOND,
        rate * KinesisLimits.SHARD_BYTES_PER_SECOND,
        nowNanos);
  }
}
