package io.millrace.consumer.internal.shard;

import io.millrace.consumer.handler.CheckpointUnavailableException;
import io.millrace.consumer.handler.LeaseLostException;
import io.millrace.consumer.internal.process.CheckpointRequest;
import io.millrace.consumer.internal.process.ShardCheckpointer;
import io.millrace.consumer.lease.PendingCheckpoint;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes to the lease of one ownership, one at a time: what the schedule wants, and what a
 * processor asks for, in the order in which it asks. Checkpoints that wait behind each other are
 * written as one.
 *
 * <p>Confined to the worker loop.
 */
final class LeaseWriter {
  private static final Logger log = LoggerFactory.getLogger(LeaseWriter.class);
  private static final int MAX_WAITING = 10_000;
  private static final byte[] NOTHING_AHEAD = new byte[0];

  private final ShardId shard;
  private final ShardOwnership ownership;
  private final Mailbox mailbox;
  private final ArrayDeque<CheckpointRequest> requests = new ArrayDeque<>();
  private boolean inFlight;

  /** Who waits for the write in flight. */
  private List<CompletableFuture<Void>> waiting = List.of();

  /** What becomes of a write. */
  @FunctionalInterface
  interface Done {
    void with(CheckpointOutcome outcome, long nowNanos);
  }

  LeaseWriter(ShardId shard, ShardOwnership ownership, Mailbox mailbox) {
    this.shard = shard;
    this.ownership = ownership;
    this.mailbox = mailbox;
  }

  /** Whether a write is in flight or wanted. */
  boolean isBusy() {
    return inFlight || !requests.isEmpty();
  }

  /** Writes a checkpoint; only when nothing is in flight. */
  void checkpoint(
      Position position, Optional<Instant> arrival, byte[] ahead, long nowNanos, Done done) {
    send(() -> ownership.checkpoint(position, arrival, ahead, nowNanos), done);
  }

  /** Writes the end of the shard; only when nothing is in flight. */
  void end(long nowNanos, Done done) {
    send(() -> ownership.ended(nowNanos), done);
  }

  private void send(Supplier<CompletionStage<CheckpointOutcome>> write, Done done) {
    inFlight = true;
    CompletionStage<CheckpointOutcome> stage;
    try {
      stage = write.get();
    } catch (RuntimeException e) {
      stage = CompletableFuture.failedFuture(e);
    }
    stage.whenComplete(
        (outcome, defect) ->
            mailbox.post(
                now -> {
                  inFlight = false;
                  done.with(outcome == null ? failed(defect) : outcome, now);
                }));
  }

  private CheckpointOutcome failed(@Nullable Throwable defect) {
    log.error("a write to the lease of {} failed: this is a defect", shard, defect);
    return new CheckpointOutcome.Unavailable(
        defect == null ? "no outcome" : defect.getClass().getName());
  }

  /** Takes a request of the processor. */
  void request(CheckpointRequest request) {
    if (requests.size() >= MAX_WAITING) {
      request
          .done()
          .completeExceptionally(
              new CheckpointUnavailableException(
                  MAX_WAITING + " checkpoints of " + shard + " wait already: the limit"));
      return;
    }
    requests.add(request);
  }

  /**
   * Writes the next request, if nothing is in flight.
   *
   * @param checkpointer is told of durable checkpoints
   * @param ended is told what became of the end of the shard
   */
  void writeNext(ShardCheckpointer checkpointer, Done ended, long nowNanos) {
    if (inFlight || requests.isEmpty()) {
      return;
    }
    CheckpointRequest first = requests.remove();
    waiting = new ArrayList<>(List.of(first.done()));
    if (first instanceof CheckpointRequest.Commit commit) {
      Position position = takeCommits(commit.position());
      if (checkpointer.lastCheckpoint().filter(last -> last.compareTo(position) > 0).isPresent()) {
        // A later one was written meanwhile, and covers it.
        answer(new CheckpointOutcome.Applied());
        writeNext(checkpointer, ended, nowNanos);
        return;
      }
      checkpoint(
          position,
          Optional.empty(),
          NOTHING_AHEAD,
          nowNanos,
          (outcome, now) -> {
            if (outcome instanceof CheckpointOutcome.Applied) {
              checkpointer.checkpointed(position);
            }
            answer(outcome);
          });
    } else if (first instanceof CheckpointRequest.Prepare prepare) {
      PendingCheckpoint pending = prepare.pending();
      Position position = pending.checkpoint().position().orElseThrow();
      send(
          () -> ownership.prepare(position, pending.state(), nowNanos),
          (outcome, now) -> answer(outcome));
    } else if (first instanceof CheckpointRequest.End) {
      end(
          nowNanos,
          (outcome, now) -> {
            ended.with(outcome, now);
            answer(outcome);
          });
    }
  }

  /** Takes all checkpoints that wait directly behind; the highest position. */
  private Position takeCommits(Position first) {
    Position highest = first;
    while (requests.peek() instanceof CheckpointRequest.Commit next) {
      requests.remove();
      waiting.add(next.done());
      highest = next.position().compareTo(highest) > 0 ? next.position() : highest;
    }
    return highest;
  }

  private void answer(CheckpointOutcome outcome) {
    @Nullable RuntimeException failure = failureOf(outcome);
    List<CompletableFuture<Void>> answered = waiting;
    waiting = List.of();
    for (CompletableFuture<Void> done : answered) {
      if (failure == null) {
        done.complete(null);
      } else {
        done.completeExceptionally(failure);
      }
    }
  }

  private @Nullable RuntimeException failureOf(CheckpointOutcome outcome) {
    if (outcome instanceof CheckpointOutcome.LeaseLost) {
      return new LeaseLostException(shard);
    }
    return outcome instanceof CheckpointOutcome.Unavailable unavailable
        ? new CheckpointUnavailableException(unavailable.reason())
        : null;
  }

  /** The ownership is over: nothing more is written, and nobody waits. */
  void close() {
    answer(new CheckpointOutcome.LeaseLost());
    requests.forEach(next -> next.done().completeExceptionally(new LeaseLostException(shard)));
    requests.clear();
  }
}
