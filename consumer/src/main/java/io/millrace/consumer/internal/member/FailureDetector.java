package io.millrace.consumer.internal.member;

import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.loop.Failures;
import io.millrace.consumer.internal.loop.Timer;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.FleetView;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WorkerRow.State;
import io.millrace.consumer.lease.WriteOutcome;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Polls the worker rows and makes the death of an owner durable before anybody acts on it: the
 * first of the two steps of fail-over.
 *
 * <p>A silent worker is fenced by a write that fails if its heartbeat has moved after all. An owner
 * without a row gets a fenced row. An owner whose worker has another epoch by now is settled by a
 * consistent read, made after a lease was seen to name it: an epoch is never used twice. Confined
 * to the loop.
 */
public final class FailureDetector {
  /** Between two polls while a handoff is under way: its notices end the gap of a shard. */
  private static final long HURRY_NANOS = Duration.ofMillis(100).toNanos();

  /** A poll reads all rows, and all workers poll: large fleets hurry less. */
  private static final long HURRY_PER_ROW_NANOS = Duration.ofMillis(5).toNanos();

  /** What stands in the place of the incarnation of a worker that had no row. */
  private static final String NO_INCARNATION = "unknown";

  private final EventLoop loop;
  private final LeaseStore store;
  private final FleetWatch watch;
  private final FailoverTiming timing;
  private final Duration pollInterval;
  private final Listener listener;
  private final Set<String> underWay = new HashSet<>();
  private boolean polling;
  private @Nullable Timer nextPoll;
  private boolean stopped;
  private Optional<String> trouble = Optional.empty();

  /** Who hears of what was found. */
  public interface Listener {
    /** The worker rows were read. */
    void fleetRead(FleetWatch.News news);

    /** An ownership period is now known to be over. */
    void ownerOver(Owner owner);

    /** The owners and claimers that unfinished leases name, as far as is known. */
    Collection<Owner> namedOwners();

    /** Whether an owner without a row may be a worker that never has one: a KCL. */
    boolean mayBeKcl();

    /** There is no table of workers: the store says so in answer to a poll. */
    void tableGone(LeaseStoreException said);

    /** Whether a peer is about to post a notice that ends the gap of a shard. */
    boolean awaitsHandoff();
  }

  /** Creates a detector that does not poll yet. */
  public FailureDetector(
      EventLoop loop,
      LeaseStore store,
      FleetWatch watch,
      FailoverTiming timing,
      Duration pollInterval,
      Listener listener) {
    this.loop = loop;
    this.store = store;
    this.watch = watch;
    this.timing = timing;
    this.pollInterval = pollInterval;
    this.listener = listener;
  }

  /** Begins to poll. Idempotent. */
  public void begin() {
    if (!polling) {
      polling = true;
      poll();
    }
  }

  /** Polls no more. */
  public void stop() {
    stopped = true;
  }

  /** What is wrong with the polls at present, in words. */
  public Optional<String> trouble() {
    return trouble;
  }

  /** Whoever begins to wait for a handoff says so: the next poll comes soon. */
  public void hurry() {
    // Without a timer a poll is under way, and asks for itself when it has arrived.
    if (nextPoll != null && !nextPoll.isDueWithin(loop.nowNanos(), hurryNanos())) {
      nextPoll.cancel();
      nextPoll = loop.after(hurryNanos(), this::poll);
    }
  }

  private long hurryNanos() {
    return Math.max(HURRY_NANOS, HURRY_PER_ROW_NANOS * watch.rows().size());
  }

  private void poll() {
    nextPoll = null;
    if (stopped) {
      return;
    }
    loop.request(store::readFleet, timing.attemptNanos(), this::arrived);
  }

  private void arrived(@Nullable FleetView view, @Nullable Throwable failure) {
    if (stopped) {
      return;
    }
    if (view == null) {
      watch.readingFailed();
      trouble = Optional.of("worker rows can't be read: " + Failures.describe(failure));
      LeaseStoreException refusal = Failures.ofStore(failure);
      if (refusal != null && refusal.reason() == LeaseStoreException.Reason.TABLE_MISSING) {
        listener.tableGone(refusal);
      }
      nextPoll = loop.after(pollInterval.toNanos(), this::poll);
      return;
    }
    trouble = Optional.empty();
    FleetWatch.News news = watch.arrived(view, loop.nowNanos());
    listener.fleetRead(news);
    fenceTheDead();
    long interval = pollInterval.toNanos();
    nextPoll =
        loop.after(
            listener.awaitsHandoff() ? Math.min(interval, hurryNanos()) : interval, this::poll);
  }

  /** Looks at what is known; called after each poll, and when leases were read. */
  public void fenceTheDead() {
    for (WorkerRow silent : watch.silent(loop.nowNanos())) {
      fence(silent.worker(), () -> store.fence(silent));
    }
    for (Owner owner : List.copyOf(listener.namedOwners())) {
      switch (watch.standing(owner)) {
        case LIVE, LEAVING, OVER -> {}
        case UNCERTAIN -> settle(owner);
        case MISSING -> {
          if (!listener.mayBeKcl()
              && watch.isMissingFor(owner, timing.failoverNanos(), loop.nowNanos())) {
            fence(owner.worker(), () -> store.fenceMissing(tombstone(owner)));
          }
        }
      }
    }
  }

  private interface Fencing {
    CompletionStage<WriteOutcome<WorkerRow>> send();
  }

  private void fence(String worker, Fencing fencing) {
    if (!underWay.add(worker)) {
      return;
    }
    loop.request(
        fencing::send,
        timing.attemptNanos(),
        (outcome, failure) -> {
          underWay.remove(worker);
          Optional<WorkerRow> row =
              outcome instanceof WriteOutcome.Conflict<WorkerRow> conflict
                  ? conflict.current().filter(current -> current.state() == State.FENCED)
                  : outcome == null ? Optional.empty() : outcome.applied();
          // Without an answer the next poll shows what became of it.
          row.ifPresent(this::fenced);
        });
  }

  private void fenced(WorkerRow row) {
    watch.fenced(row);
    listener.ownerOver(new Owner(row.worker(), row.epoch()));
  }

  private void settle(Owner owner) {
    if (!underWay.add(owner.worker())) {
      return;
    }
    loop.request(
        () -> store.readWorker(owner.worker()),
        timing.attemptNanos(),
        (row, failure) -> {
          underWay.remove(owner.worker());
          boolean over =
              row != null
                  && row.filter(
                          current ->
                              current.epoch() != owner.epoch() || current.state() == State.FENCED)
                      .isPresent();
          if (over) {
            watch.over(owner);
            listener.ownerOver(owner);
          }
        });
  }

  /** Whether a row was put by an observer, for an owner that had none. */
  static boolean isTombstone(WorkerRow row) {
    return row.incarnation().equals(NO_INCARNATION);
  }

  private WorkerRow tombstone(Owner owner) {
    return new WorkerRow(
        owner.worker(),
        NO_INCARNATION,
        owner.epoch(),
        0,
        State.FENCED,
        WorkerRow.PROTOCOL_VERSION,
        timing.failoverTime(),
        0,
        0,
        0,
        0,
        List.of());
  }
}
