package io.millrace.consumer.internal.hold;

import io.millrace.consumer.internal.loop.Backoff;
import io.millrace.consumer.internal.loop.Failures;
import io.millrace.consumer.internal.member.SelfFence;
import io.millrace.consumer.lease.Holding;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.WriteId;
import io.millrace.consumer.lease.WriteOutcome;
import java.util.ArrayDeque;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The writes of one lease's holder: one in flight, the others wait in order, each until it is
 * written, lost or given up.
 *
 * <p>A write keeps its {@link WriteId} over all its attempts. An attempt without an answer is
 * resolved by a consistent read: the row carries the id, or is as it was and the attempt is
 * repeated under the same condition, or is somebody else's. Because each applied write moves the
 * counter, at most one attempt is applied, however late another arrives. A write that was given up
 * may still land; the next one finds a counter that only this owner can have moved, and goes on
 * from there. Confined to the loop.
 */
final class LeaseWriter {
  private final HoldParts parts;
  private final Owner me;
  private final Observer observer;
  private final SelfFence fence;
  private final BooleanSupplier sharedWithKcl;
  private final ArrayDeque<Job> jobs = new ArrayDeque<>();
  private Lease known;
  private boolean lost;

  /** Sends one attempt of a write. */
  interface Write {
    CompletionStage<WriteOutcome<Lease>> send(Holding holding, WriteId id);
  }

  /** Hears what replies show beside the results. */
  interface Observer {
    /** The row is newer than what was known. */
    void rowSeen(Lease row);

    /** A write has landed whose first attempt left at {@code sent}: as good as a heartbeat. */
    void landed(SelfFence.Stamp sent);

    /** The lease is held by somebody else. */
    void lost();
  }

  LeaseWriter(
      HoldParts parts,
      Owner me,
      Lease granted,
      SelfFence fence,
      BooleanSupplier sharedWithKcl,
      Observer observer) {
    this.parts = parts;
    this.sharedWithKcl = sharedWithKcl;
    this.me = me;
    this.known = granted;
    this.fence = fence;
    this.observer = observer;
  }

  /** The row as last known. */
  Lease known() {
    return known;
  }

  /** Whether no write is in flight or waits. */
  boolean isIdle() {
    return jobs.isEmpty();
  }

  /**
   * Writes, after all earlier writes.
   *
   * @param giveUpNanos after which time the result is {@link WriteResult.Unavailable}
   */
  void write(Write write, long giveUpNanos, Consumer<WriteResult> done) {
    if (lost) {
      done.accept(new WriteResult.Lost());
      return;
    }
    jobs.add(new Job(write, parts.ids().next(), parts.loop().nowNanos() + giveUpNanos, done));
    if (jobs.size() == 1) {
      jobs.element().send();
    }
  }

  /** A reading has shown the row, perhaps a stale one. A write in flight finds out by itself. */
  void sawRow(Lease row) {
    if (lost || !isIdle() || row.counter() < known.counter()) {
      return;
    }
    if (isMine(row)) {
      learn(row);
    } else {
      lose();
    }
  }

  /** The row is gone, or others are known to hold it: nothing more is written. */
  void lose() {
    if (lost) {
      return;
    }
    lost = true;
    while (!jobs.isEmpty()) {
      jobs.remove().done.accept(new WriteResult.Lost());
    }
    observer.lost();
  }

  private void learn(Lease row) {
    known = row;
    parts.table().saw(row, parts.loop().nowNanos());
    observer.rowSeen(row);
  }

  /**
   * Whether this ownership still holds the row. Nobody of ours uses its epoch. Where a KCL takes
   * part the counter must be the known one, or the one that an own write left: a KCL that takes a
   * lease and gives it back leaves the epoch as it is.
   */
  private boolean isMine(Lease row) {
    if (!row.isHeldBy(me.worker()) || row.ownerEpoch() != me.epoch()) {
      return false;
    }
    return !sharedWithKcl.getAsBoolean()
        || row.counter() == known.counter()
        || (row.counter() == known.counter() + 1
            && row.writeId().filter(parts.ids()::isMine).isPresent());
  }

  /** One write with all its attempts. */
  private final class Job {
    private final Write write;
    private final WriteId id;
    private final long deadlineNanos;
    private final Consumer<WriteResult> done;
    private final Backoff backoff;
    private SelfFence.@Nullable Stamp firstSent;
    private String trouble = "no reply";

    Job(Write write, WriteId id, long deadlineNanos, Consumer<WriteResult> done) {
      this.write = write;
      this.id = id;
      this.deadlineNanos = deadlineNanos;
      this.done = done;
      long attemptNanos = parts.timing().attemptNanos();
      this.backoff = new Backoff(parts.random(), attemptNanos / 20, attemptNanos);
    }

    void send() {
      if (firstSent == null) {
        firstSent = fence.sending(parts.loop().nowNanos());
      }
      Holding holding = Holding.of(known, me.worker());
      parts
          .loop()
          .request(
              () -> write.send(holding, id),
              parts.timing().attemptNanos(),
              (outcome, failure) -> settle(outcome, failure));
    }

    private boolean isOver() {
      return jobs.peek() != this;
    }

    private void settle(@Nullable WriteOutcome<Lease> outcome, @Nullable Throwable failure) {
      if (isOver()) {
        return;
      }
      if (outcome instanceof WriteOutcome.Applied<Lease> applied) {
        written(applied.row());
      } else if (outcome instanceof WriteOutcome.Conflict<Lease> conflict) {
        resolve(conflict.current().orElse(null), true);
      } else {
        trouble = Failures.describe(Failures.of(outcome, failure));
        boolean ambiguous = outcome == null || outcome instanceof WriteOutcome.Unknown<Lease>;
        again(ambiguous ? this::readBack : this::send);
      }
    }

    private void readBack() {
      parts
          .reader()
          .read(
              known.key(),
              (row, failure) -> {
                if (isOver()) {
                  return;
                }
                if (failure == null) {
                  resolve(row, false);
                } else {
                  trouble = Failures.describe(failure);
                  again(this::readBack);
                }
              });
    }

    /** Decides by the row as it is, after a refused write or after a lost reply. */
    private void resolve(@Nullable Lease row, boolean refused) {
      if (row != null) {
        parts.reader().refusalShowed(row, known.counter());
      }
      if (isOver()) {
        return;
      }
      if (row == null) {
        parts.table().missing(known.key());
        lose();
      } else if (row.wasWrittenBy(id) || endedByMe(row)) {
        written(row);
      } else if (!isMine(row)) {
        lose();
      } else if (row.counter() != known.counter()) {
        // A write that was given up has landed after all, or an operator has written.
        learn(row);
        again(this::send);
      } else if (refused) {
        learn(row);
        finish(new WriteResult.Unfit(row));
      } else {
        send();
      }
    }

    /** Whether a write that was given up has ended the shard, and with it the ownership. */
    private boolean endedByMe(Lease row) {
      return row.isFinished()
          && row.owner().isEmpty()
          && row.writeId().filter(parts.ids()::isMine).isPresent();
    }

    private void written(Lease row) {
      if (firstSent != null) {
        observer.landed(firstSent);
      }
      known = row;
      parts.table().saw(row, parts.loop().nowNanos());
      finish(new WriteResult.Written(row));
      observer.rowSeen(row);
    }

    private void again(Runnable attempt) {
      long waitNanos = backoff.nextNanos();
      if (parts.loop().nowNanos() + waitNanos - deadlineNanos >= 0) {
        finish(new WriteResult.Unavailable(trouble));
        return;
      }
      parts
          .loop()
          .after(
              waitNanos,
              () -> {
                if (!isOver()) {
                  attempt.run();
                }
              });
    }

    private void finish(WriteResult result) {
      jobs.remove();
      done.accept(result);
      if (!jobs.isEmpty() && !lost) {
        jobs.element().send();
      }
    }
  }
}
