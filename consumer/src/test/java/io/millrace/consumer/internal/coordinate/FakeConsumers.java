package io.millrace.consumer.internal.coordinate;

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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/** Shard consumers that deliver a {@link FakeStream} to a {@link Ledger}, as fast as they may. */
final class FakeConsumers implements ShardConsumerFactory {
  private static final long POLL_NANOS = Duration.ofMillis(50).toNanos();

  private final String worker;
  private final Function<LeasedShard, Ledger> ledgers;
  final List<FakeConsumer> made = new ArrayList<>();
  long checkpointNanos = Duration.ofSeconds(1).toNanos();
  long drainNanos = Duration.ofMillis(30).toNanos();
  double growth;
  boolean checkpoints = true;

  /** One call of the application's code is under way, for each shard. */
  boolean handlersBusy;

  int lostLeases;

  FakeConsumers(String worker, Function<LeasedShard, Ledger> ledgers) {
    this.worker = worker;
    this.ledgers = ledgers;
  }

  @Override
  public ShardConsumer create(LeasedShard shard, ShardOwnership ownership, Runnable wakeup) {
    FakeConsumer consumer = new FakeConsumer(shard, ownership);
    made.add(consumer);
    return consumer;
  }

  /** One shard consumer. */
  final class FakeConsumer implements ShardConsumer {
    final LeasedShard leased;
    final ShardOwnership ownership;
    private final Ledger ledger;
    private final FakeStream stream;
    private final FakeStream.Shard shard;
    private ShardState state = ShardState.PROCESSING;
    private long delivered;
    private long checkpointed;
    private long lastCheckpointNanos = Long.MIN_VALUE;
    private long drainUntilNanos;
    private boolean writing;
    private boolean childrenTold;

    FakeConsumer(LeasedShard leased, ShardOwnership ownership) {
      this.leased = leased;
      this.ownership = ownership;
      this.ledger = ledgers.apply(leased);
      this.stream = ledger.stream();
      this.shard = stream.shards.get(leased.shard());
      this.delivered = startBefore();
      this.checkpointed = delivered;
    }

    private long startBefore() {
      if (leased.startFrom() instanceof Checkpoint.At at) {
        return Long.parseLong(at.at().sequenceNumber().toString());
      }
      if (leased.startTimestamp().isEmpty()) {
        return 0;
      }
      Instant start = leased.startTimestamp().get();
      long before = 0;
      while (shard.arrival(before + 1).isBefore(start)) {
        before++;
      }
      ledger.startsAt(shard.id, before + 1);
      return before;
    }

    @Override
    public long tick(long nowNanos) {
      if (state == ShardState.PROCESSING && !handlersBusy) {
        process(nowNanos);
      } else if (state == ShardState.DRAINING && nowNanos - drainUntilNanos >= 0) {
        finishDrain(nowNanos);
      }
      boolean drains = state == ShardState.DRAINING && drainUntilNanos - nowNanos > 0;
      return drains ? Math.min(POLL_NANOS, drainUntilNanos - nowNanos) : POLL_NANOS;
    }

    private void process(long nowNanos) {
      if (!ownership.mayDeliver(nowNanos)) {
        return;
      }
      // The stream has a time of its own: this worker's clock may drift.
      long streamNanos = stream.nowNanos();
      while (delivered < shard.records(streamNanos)) {
        delivered++;
        ledger.delivered(shard.id, delivered, worker, leased.fencingToken(), streamNanos);
      }
      if (shard.isClosed() && delivered >= shard.records(streamNanos)) {
        end(nowNanos);
      } else if (lastCheckpointNanos == Long.MIN_VALUE
          || nowNanos - lastCheckpointNanos >= checkpointNanos) {
        checkpoint(nowNanos);
      }
    }

    private void checkpoint(long nowNanos) {
      if (!checkpoints || writing || delivered == checkpointed || delivered == 0) {
        return;
      }
      writing = true;
      lastCheckpointNanos = nowNanos;
      long upTo = delivered;
      ownership
          .checkpoint(
              Position.of(SequenceNumber.of("" + upTo)),
              Optional.of(shard.arrival(upTo)),
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
        drainUntilNanos = nowNanos + drainNanos;
      }
    }

    @Override
    public void leaseLost(long nowNanos) {
      if (!state.isFinal()) {
        state = ShardState.LEASE_LOST;
        lostLeases++;
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
      return 1_024 + growth * (nowNanos / 1_000_000_000.0);
    }
  }
}
