package io.millrace.consumer.internal.testing;

import io.millrace.consumer.internal.fetch.ChildShard;
import io.millrace.consumer.internal.shard.CheckpointOutcome;
import io.millrace.consumer.internal.shard.ShardOwnership;
import io.millrace.model.Position;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** A lease in memory that notes what is written to it. */
public final class FakeOwnership implements ShardOwnership {
  private final ArrayDeque<CheckpointOutcome> script = new ArrayDeque<>();
  private final ArrayDeque<Runnable> held = new ArrayDeque<>();
  private boolean holds;
  private int inFlight;

  /** Whether records may be delivered. */
  public volatile boolean mayDeliver = true;

  /** If they may not: whether that is known without asking a clock. */
  public volatile boolean lowered = true;

  /** Durable checkpoints, in order. */
  public final List<Position> checkpoints = new ArrayList<>();

  /** What stands beside the last of them. */
  public byte[] ahead = new byte[0];

  /** Prepared checkpoints. */
  public final List<String> prepared = new ArrayList<>();

  /** The children that were announced. */
  public final List<ChildShard> children = new ArrayList<>();

  /** How often the end of the shard was seen. */
  public int endsSeen;

  /** Whether the end came before the shard's. */
  public boolean endedEarly;

  /** Whether the end is durable. */
  public boolean ended;

  /** Why the shard was parked. */
  public Optional<String> parked = Optional.empty();

  /** How many writes were asked for. */
  public int writes;

  /** The next writes have these outcomes. */
  public void answer(CheckpointOutcome... outcomes) {
    script.addAll(List.of(outcomes));
  }

  /** The next writes have these outcomes, whatever was said before. */
  public void answerOnly(CheckpointOutcome... outcomes) {
    script.clear();
    answer(outcomes);
  }

  /** Writes wait for {@link #letGo}. */
  public void hold() {
    holds = true;
  }

  /** Writes that wait are done now. */
  public void letGo() {
    holds = false;
    while (!held.isEmpty()) {
      held.remove().run();
    }
  }

  /** The last durable checkpoint. */
  public Optional<Position> checkpoint() {
    return checkpoints.isEmpty()
        ? Optional.empty()
        : Optional.of(checkpoints.get(checkpoints.size() - 1));
  }

  private CompletionStage<CheckpointOutcome> write(Runnable effect) {
    writes++;
    if (++inFlight > 1) {
      throw new IllegalStateException("more than one write in flight");
    }
    CheckpointOutcome outcome =
        script.isEmpty() ? new CheckpointOutcome.Applied() : script.remove();
    CompletableFuture<CheckpointOutcome> stage = new CompletableFuture<>();
    Runnable finish =
        () -> {
          inFlight--;
          if (outcome instanceof CheckpointOutcome.Applied) {
            effect.run();
          }
          stage.complete(outcome);
        };
    if (holds) {
      held.add(finish);
    } else {
      finish.run();
    }
    return stage;
  }

  @Override
  public boolean mayDeliver(long nowNanos) {
    return mayDeliver;
  }

  @Override
  public boolean isHeldBack() {
    return !mayDeliver && lowered;
  }

  @Override
  public CompletionStage<CheckpointOutcome> checkpoint(
      Position position, Optional<Instant> arrival, byte[] beyond, long nowNanos) {
    Supplier<Boolean> backwards =
        () -> checkpoint().filter(last -> last.compareTo(position) > 0).isPresent();
    if (backwards.get()) {
      throw new IllegalStateException("a checkpoint goes back");
    }
    return write(
        () -> {
          ahead = beyond;
          checkpoints.add(position);
        });
  }

  @Override
  public CompletionStage<CheckpointOutcome> prepare(
      Position position, byte[] state, long nowNanos) {
    return write(() -> prepared.add(position + " " + state.length));
  }

  @Override
  public void childrenFound(List<ChildShard> found, long nowNanos) {
    endsSeen++;
    children.addAll(found);
  }

  @Override
  public void endsEarly() {
    endedEarly = true;
  }

  @Override
  public CompletionStage<CheckpointOutcome> ended(long nowNanos) {
    return write(() -> ended = true);
  }

  @Override
  public void parked(String reason, int attempts, long nowNanos) {
    parked = Optional.of(reason);
  }
}
