package io.millrace.simulation.explore;

import io.millrace.consumer.lease.FencingToken;
import io.millrace.consumer.lease.Lease;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import io.millrace.simulation.explore.SketchedStream.Shard;
import io.millrace.simulation.world.BrokenPromise;
import io.millrace.simulation.world.TableChecks;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which records of each shard were delivered: none is skipped, children come after their parents,
 * and no checkpoint covers what nobody has delivered.
 *
 * <p>Confined to the simulation's thread.
 */
final class Deliveries {
  private final SketchedStream stream;
  private final TableChecks tables;
  private final Map<ShardId, Long> highest = new HashMap<>();
  private @Nullable BrokenPromise broken;

  Deliveries(SketchedStream stream) {
    this.stream = stream;
    this.tables = new TableChecks(stream, this::progressed);
  }

  /** What looks at the tables after each write. */
  TableChecks tables() {
    return tables;
  }

  /** Throws what was broken in a worker's own code, which would take it for a defect. */
  void check() {
    if (broken != null) {
      throw broken;
    }
  }

  /** A record is delivered. */
  void delivers(String worker, Shard shard, long number, FencingToken token) {
    try {
      see(worker, shard, number, token);
    } catch (BrokenPromise e) {
      broken = broken == null ? e : broken;
      throw e;
    }
  }

  private void see(String worker, Shard shard, long number, FencingToken token) {
    Position position = Position.of(SequenceNumber.of(Long.toString(number)));
    tables.delivers(worker, shard.id, position, token);
    long before = highest(shard.id);
    if (number > before + 1) {
      throw new BrokenPromise("%s delivers %s/%d after %d", worker, shard.id, number, before);
    }
    if (before == 0) {
      for (ShardId parent : shard.parents) {
        if (!isComplete(stream.shard(parent))) {
          throw new BrokenPromise(
              "%s delivers %s before its parent %s is done", worker, shard.id, parent);
        }
      }
    }
    highest.put(shard.id, Math.max(before, number));
  }

  private long highest(ShardId shard) {
    return highest.getOrDefault(shard, 0L);
  }

  private boolean isComplete(Shard shard) {
    return highest(shard.id) >= stream.records(shard);
  }

  /** Whether all that the stream has by now is delivered. */
  boolean areComplete() {
    for (Shard shard : stream.shards()) {
      if (!isComplete(shard)) {
        return false;
      }
    }
    return true;
  }

  private void progressed(Lease row) {
    Shard shard = stream.shard(row.key().shard());
    long covered =
        row.isFinished()
            ? stream.records(shard)
            : row.checkpoint()
                .position()
                .map(at -> Long.parseLong(at.sequenceNumber().toString()))
                .orElse(0L);
    if (covered > highest(shard.id)) {
      throw new BrokenPromise(
          "lost: %s is checkpointed at %s, and delivered up to %d",
          row.key(), row.checkpoint(), highest(shard.id));
    }
  }
}
