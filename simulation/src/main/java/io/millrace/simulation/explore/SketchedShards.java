package io.millrace.simulation.explore;

import io.millrace.consumer.ShardState;
import io.millrace.consumer.ShardStatus;
import io.millrace.consumer.internal.shard.CheckpointOutcome;
import io.millrace.consumer.internal.shard.LeasedShard;
import io.millrace.consumer.internal.shard.ShardConsumer;
import io.millrace.consumer.internal.shard.ShardConsumerFactory;
import io.millrace.consumer.internal.shard.ShardOwnership;
import io.millrace.consumer.lease.Checkpoint;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;

/**
 * A data path of which only the order of deliveries and checkpoints matters: it delivers what the
 * stream has as soon as it may, and checkpoints now and then.
 *
 * <p>Confined to the simulation's thread.
 */
final class SketchedShards implements ShardConsumerFactory {
  private final String worker;
  private final SketchedStream stream;
  private final Deliveries deliveries;
  private final Pace pace;
  private final BooleanSupplier dead;

  /**
   * How fast a data path works.
   *
   * @param poll between two looks at the shard
   * @param checkpoint between two checkpoints
   * @param drain how long what was begun takes to end
   */
  record Pace(Duration poll, Duration checkpoint, Duration drain) {}

  /**
   * The data path of a process.
   *
   * @param dead whether the process is gone
   */
  SketchedShards(
      String worker,
      SketchedStream stream,
      Deliveries deliveries,
      Pace pace,
      BooleanSupplier dead) {
    this.worker = worker;
    this.stream = stream;
    this.deliveries = deliveries;
    this.pace = pace;
    this.dead = dead;
  }

  @Override
  public ShardConsumer create(LeasedShard shard, ShardOwnership ownership, Runnable wakeup) {
    return new SketchedShard(shard, ownership);
  }

  /** One shard. */
  private final class SketchedShard implements ShardConsumer {
    private final LeasedShard leased;
    private final ShardOwnership ownership;
    private final SketchedStream.Shard shard;
    private final long pollNanos = pace.poll().toNanos();
    private ShardState state = ShardState.PROCESSING;
    private long delivered;
    private long checkpointed;
    private long nextCheckpointNanos;
    private long drainUntilNanos;
    private boolean writing;
    private boolean childrenTold;

    SketchedShard(LeasedShard leased, ShardOwnership ownership) {
      this.leased = leased;
      this.ownership = ownership;
      this.shard = stream.shard(leased.shard());
      this.delivered =
          leased.startFrom() instanceof Checkpoint.At at
              ? Long.parseLong(at.at().sequenceNumber().toString())
              : 0;
      this.checkpointed = delivered;
    }

    @Override
    public long tick(long nowNanos) {
      if (dead.getAsBoolean() || state.isFinal()) {
        return Long.MAX_VALUE;
      }
      if (state == ShardState.PROCESSING) {
        process(nowNanos);
      } else if (state == ShardState.DRAINING && nowNanos - drainUntilNanos >= 0) {
        finishDrain(nowNanos);
      }
      if (state.isFinal()) {
        return Long.MAX_VALUE;
      }
      boolean drains = state == ShardState.DRAINING && drainUntilNanos - nowNanos > 0;
      return drains ? Math.min(pollNanos, drainUntilNanos - nowNanos) : pollNanos;
    }

    private void process(long nowNanos) {
      if (!ownership.mayDeliver(nowNanos)) {
        return;
      }
      while (delivered < stream.records(shard)) {
        delivered++;
        deliveries.delivers(worker, shard, delivered, leased.fencingToken());
      }
      if (shard.isClosed()) {
        end(nowNanos);
      } else if (nowNanos - nextCheckpointNanos >= 0) {
        checkpoint(nowNanos);
      }
    }

    private void checkpoint(long nowNanos) {
      if (writing || delivered == checkpointed) {
        return;
      }
      writing = true;
      nextCheckpointNanos = nowNanos + pace.checkpoint().toNanos();
      long upTo = delivered;
      ownership
          .checkpoint(
              Position.of(SequenceNumber.of(Long.toString(upTo))),
              Optional.of(stream.arrival(shard, upTo)),
              new byte[0],
              nowNanos)
          .thenAccept(
              outcome -> {
                writing = false;
                if (outcome instanceof CheckpointOutcome.Applied) {
                  checkpointed = upTo;
                }
              });
    }

    private void end(long nowNanos) {
      if (!childrenTold) {
        childrenTold = true;
        ownership.childrenFound(shard.children, nowNanos);
      }
      if (writing) {
        return;
      }
      writing = true;
      ownership
          .ended(nowNanos)
          .thenAccept(
              outcome -> {
                writing = false;
                if (outcome instanceof CheckpointOutcome.Applied && !state.isFinal()) {
                  state = ShardState.SHARD_ENDED;
                }
              });
    }

    private void finishDrain(long nowNanos) {
      if (writing) {
        return;
      }
      if (delivered == checkpointed) {
        state = ShardState.STOPPED;
      } else {
        checkpoint(nowNanos);
      }
    }

    @Override
    public void drain(long nowNanos) {
      if (!state.isFinal() && state != ShardState.DRAINING) {
        state = ShardState.DRAINING;
        drainUntilNanos = nowNanos + pace.drain().toNanos();
      }
    }

    @Override
    public void leaseLost(long nowNanos) {
      if (!state.isFinal()) {
        state = ShardState.LEASE_LOST;
      }
    }

    @Override
    public ShardState state() {
      return state;
    }

    @Override
    public ShardStatus status(long nowNanos) {
      return new ShardStatus(
          leased.stream().arn(),
          leased.shard(),
          state,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          0,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalDouble.empty());
    }

    @Override
    public double bytesPerSecond(long nowNanos) {
      return 1_024;
    }
  }
}
