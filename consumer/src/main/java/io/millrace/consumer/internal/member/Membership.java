package io.millrace.consumer.internal.member;

import io.millrace.consumer.internal.loop.Backoff;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.loop.Failures;
import io.millrace.consumer.internal.loop.Timer;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.Notice;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WorkerRow.State;
import io.millrace.consumer.lease.WriteOutcome;
import io.millrace.consumer.lease.WriteOutcome.Applied;
import io.millrace.consumer.lease.WriteOutcome.Conflict;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * This worker's row: registers it, keeps its heartbeat moving, and finds out when it is fenced.
 *
 * <p>Each heartbeat has a number of its own and is stamped before it leaves; only one is in flight.
 * A heartbeat whose reply is lost is not repeated: the next one says the same and more. Confined to
 * the loop.
 */
public final class Membership {
  /** Several reasons for a heartbeat share one write; the gap of a shard is that much longer. */
  private static final long SOON_NANOS = Duration.ofMillis(20).toNanos();

  private static final long EPOCH_BOUND = 1L << 40;

  private final EventLoop loop;
  private final LeaseStore store;
  private final String worker;
  private final String incarnation;
  private final FailoverTiming timing;
  private final int maxLeases;
  private final RandomGenerator random;
  private final SelfFence fence;
  private final Listener listener;
  private final NoticeBoard notices = new NoticeBoard();
  private final Backoff heartbeatBackoff;
  private final Backoff registrationBackoff;

  private Phase phase = Phase.OUTSIDE;
  private long epoch;
  private long heartbeat;
  private SelfFence.@Nullable Stamp firstSent;

  /** Once it was, a refusal is an outage to be waited for, and no wrong configuration. */
  private boolean wasMember;

  private boolean inFlight;
  private boolean beatAgain;
  private @Nullable Timer nextBeat;
  private @Nullable WorkerRow predecessor;
  private long predecessorSinceNanos;
  private long modeVersion;
  private Load load = new Load(0, 0);
  private @Nullable Runnable onFarewell;
  private Optional<String> trouble = Optional.empty();

  /** What this worker's row says about its leases. */
  public record Load(int leases, double throughputKBps) {}

  /** Who hears of changes. */
  public interface Listener {
    /** The worker is a member with a new epoch, and owns nothing yet. */
    void registered(Owner me);

    /** The worker was fenced by a peer: it must drop everything, and may register again. */
    void fenced();

    /** The worker can't go on: another one uses its id, or the store refuses for good. */
    void failed(RuntimeException cause);
  }

  private enum Phase {
    OUTSIDE,
    REGISTERING,
    MEMBER,
    LEAVING,
    GONE
  }

  /** Creates a worker that is no member yet. */
  public Membership(
      EventLoop loop,
      LeaseStore store,
      Identity identity,
      FailoverTiming timing,
      SelfFence fence,
      RandomGenerator random,
      Listener listener) {
    this.loop = loop;
    this.store = store;
    this.worker = identity.worker();
    this.incarnation = identity.incarnation();
    this.maxLeases = identity.maxLeases();
    this.timing = timing;
    this.fence = fence;
    this.random = random;
    this.listener = listener;
    this.heartbeatBackoff = new Backoff(random, timing.attemptNanos() / 10, timing.attemptNanos());
    this.registrationBackoff =
        new Backoff(random, timing.attemptNanos() / 10, timing.attemptNanos());
  }

  /**
   * Who a worker is.
   *
   * @param worker its id, unique in the fleet at any time
   * @param incarnation random, one per process
   * @param maxLeases how many leases it takes
   */
  public record Identity(String worker, String incarnation, int maxLeases) {}

  /** This worker in its present epoch. */
  public Owner me() {
    return new Owner(worker, epoch);
  }

  /** Whether the worker may take leases. */
  public boolean isMember() {
    return phase == Phase.MEMBER;
  }

  /** What is wrong with the heartbeats at present, in words. */
  public Optional<String> trouble() {
    return trouble;
  }

  // ---- registration

  /** Registers the worker, at once or after its predecessor of the same id is known to be dead. */
  public void register() {
    phase = Phase.REGISTERING;
    predecessor = null;
    firstSent = null;
    // Drawn anew for each registration: an epoch is never used by two ownership periods.
    epoch = Math.max(epoch + 1, 1 + random.nextLong(EPOCH_BOUND));
    heartbeat = 1;
    if (wasMember) {
      readOwnRow();
    } else {
      // As a rule there is no row; if there is one, the refusal shows it.
      putRow(null);
    }
  }

  private void readOwnRow() {
    loop.request(
        () -> store.readWorker(worker),
        timing.attemptNanos(),
        (row, failure) -> {
          if (phase != Phase.REGISTERING) {
            return;
          }
          if (row == null) {
            retryRegistration(failure);
          } else if (row.isEmpty()) {
            putRow(null);
          } else {
            considerOwnRow(row.get());
          }
        });
  }

  private void considerOwnRow(WorkerRow row) {
    if (isMine(row) && row.state() != State.FENCED) {
      becomeMember();
    } else if (row.state() == State.FENCED || row.incarnation().equals(incarnation)) {
      succeed(row);
    } else if (predecessor == null) {
      firstSent = null;
      predecessor = row;
      predecessorSinceNanos = loop.nowNanos();
      watchPredecessor(row);
    } else if (!row.unmovedSince(predecessor)) {
      phase = Phase.GONE;
      listener.failed(
          new IllegalStateException(
              "worker id '"
                  + worker
                  + "' is in use by a worker that lives: give each worker of the application an id"
                  + " of its own, or leave workerId unset"));
    } else if (loop.nowNanos() - predecessorSinceNanos >= row.failoverTime().toNanos()) {
      succeed(row);
    } else {
      watchPredecessor(row);
    }
  }

  /** Follows an epoch that is over, perhaps a short one of this very registration. */
  private void succeed(WorkerRow over) {
    if (epoch <= over.epoch()) {
      epoch = over.epoch() + 1;
      firstSent = null;
    }
    putRow(over);
  }

  private void watchPredecessor(WorkerRow row) {
    long left = predecessorSinceNanos + row.failoverTime().toNanos() - loop.nowNanos();
    loop.after(Math.min(Math.max(left, 0), timing.heartbeatNanos() / 2), this::readOwnRow);
  }

  private void putRow(@Nullable WorkerRow observed) {
    SelfFence.Stamp sent = fence.sending(loop.nowNanos());
    if (firstSent == null) {
      firstSent = sent;
    }
    loop.request(
        () -> store.register(row(State.LIVE), observed),
        timing.attemptNanos(),
        (outcome, failure) -> {
          if (phase != Phase.REGISTERING) {
            return;
          }
          if (outcome instanceof Applied<WorkerRow>) {
            becomeMember();
          } else if (outcome instanceof Conflict<WorkerRow> conflict
              && conflict.current().isPresent()) {
            considerOwnRow(conflict.current().get());
          } else {
            retryRegistration(Failures.of(outcome, failure));
          }
        });
  }

  private void retryRegistration(@Nullable Throwable failure) {
    LeaseStoreException refusal = Failures.ofStore(failure);
    if (refusal != null && !refusal.reason().isTransient() && !wasMember) {
      phase = Phase.GONE;
      listener.failed(refusal);
      return;
    }
    trouble = Optional.of("registration fails: " + Failures.describe(failure));
    loop.after(registrationBackoff.nextNanos(), this::readOwnRow);
  }

  private void becomeMember() {
    phase = Phase.MEMBER;
    wasMember = true;
    inFlight = false;
    registrationBackoff.reset();
    trouble = Optional.empty();
    if (firstSent != null) {
      fence.landed(firstSent);
    }
    scheduleBeat(timing.heartbeatNanos());
    listener.registered(me());
  }

  // ---- heartbeats

  /** Tells the peers about a lease, soon. */
  public void notice(Notice.Kind kind, LeaseKey lease) {
    notices.post(kind, lease, loop.nowNanos());
    beatSoon();
  }

  /** Says what the next heartbeats tell about this worker's leases. */
  public void load(Load current) {
    load = current;
  }

  /** Acknowledges a version of the fleet's mode, soon. */
  public void acknowledgeMode(long version) {
    if (version != modeVersion) {
      modeVersion = version;
      beatSoon();
    }
  }

  /** Heartbeats soon, so that several reasons share one write. */
  public void beatSoon() {
    if (phase == Phase.MEMBER || phase == Phase.LEAVING) {
      scheduleBeat(SOON_NANOS);
    }
  }

  private void scheduleBeat(long delayNanos) {
    if (inFlight) {
      beatAgain |= delayNanos <= SOON_NANOS;
      return;
    }
    if (nextBeat != null) {
      if (nextBeat.isDueWithin(loop.nowNanos(), delayNanos)) {
        return;
      }
      nextBeat.cancel();
    }
    nextBeat = loop.after(delayNanos, this::beat);
  }

  private void beat() {
    nextBeat = null;
    if (phase != Phase.MEMBER && phase != Phase.LEAVING) {
      return;
    }
    State state =
        onFarewell != null ? State.FENCED : phase == Phase.LEAVING ? State.LEAVING : State.LIVE;
    inFlight = true;
    beatAgain = false;
    heartbeat++;
    SelfFence.Stamp sent = fence.sending(loop.nowNanos());
    WorkerRow row = row(state);
    long ofEpoch = epoch;
    loop.request(
        () -> store.heartbeat(row),
        timing.attemptNanos(),
        (outcome, failure) -> {
          if (ofEpoch == epoch && (phase == Phase.MEMBER || phase == Phase.LEAVING)) {
            inFlight = false;
            settleBeat(row, sent, outcome, failure);
          }
        });
  }

  private void settleBeat(
      WorkerRow row,
      SelfFence.Stamp sent,
      @Nullable WriteOutcome<WorkerRow> outcome,
      @Nullable Throwable failure) {
    if (outcome instanceof Applied<WorkerRow>) {
      landed(row, sent);
    } else if (outcome instanceof Conflict<WorkerRow> conflict) {
      settleConflict(row, sent, conflict.current());
    } else {
      trouble = Optional.of("heartbeats fail: " + Failures.describe(Failures.of(outcome, failure)));
      scheduleBeat(heartbeatBackoff.nextNanos());
    }
  }

  private void landed(WorkerRow row, SelfFence.Stamp sent) {
    heartbeatBackoff.reset();
    trouble = Optional.empty();
    if (row.state() == State.FENCED) {
      finish();
      return;
    }
    fence.landed(sent);
    scheduleBeat(beatAgain || onFarewell != null ? SOON_NANOS : timing.heartbeatNanos());
  }

  private void settleConflict(WorkerRow row, SelfFence.Stamp sent, Optional<WorkerRow> current) {
    if (current.isEmpty()) {
      fencedByPeer();
    } else if (!isMine(current.get())) {
      replaced(current.get());
    } else if (current.get().state() == State.FENCED) {
      // Either a peer's work, or this very farewell, whose first copy landed.
      fencedByPeer();
    } else if (current.get().heartbeat() == row.heartbeat()) {
      landed(row, sent);
    } else {
      scheduleBeat(heartbeatBackoff.nextNanos());
    }
  }

  private void fencedByPeer() {
    fence.lower();
    if (onFarewell != null || phase == Phase.LEAVING) {
      finish();
      return;
    }
    phase = Phase.OUTSIDE;
    inFlight = false;
    listener.fenced();
  }

  private void replaced(WorkerRow by) {
    fence.lower();
    phase = Phase.GONE;
    listener.failed(
        new IllegalStateException(
            "worker id '"
                + worker
                + "' was taken over by another process (epoch "
                + by.epoch()
                + "): give each worker of the application an id of its own, or leave workerId"
                + " unset"));
  }

  // ---- leaving

  /** Tells the peers that this worker gives its leases back. */
  public void leave() {
    if (phase == Phase.MEMBER) {
      phase = Phase.LEAVING;
      beatSoon();
    }
  }

  /**
   * Says the last word: the worker has stopped, and whatever lease still names it may be taken.
   *
   * @param done runs when the word has landed, or when it no longer matters
   */
  public void farewell(Runnable done) {
    onFarewell = done;
    fence.lower();
    if (phase == Phase.MEMBER || phase == Phase.LEAVING) {
      scheduleBeat(0);
    } else {
      finish();
    }
  }

  /** Stops without a word: no heartbeat follows, and peers find out after the failover time. */
  public void stop() {
    onFarewell = null;
    finish();
  }

  private void finish() {
    phase = Phase.GONE;
    fence.lower();
    if (onFarewell != null) {
      Runnable done = onFarewell;
      onFarewell = null;
      done.run();
    }
  }

  private boolean isMine(WorkerRow row) {
    return row.incarnation().equals(incarnation) && row.epoch() == epoch;
  }

  private WorkerRow row(State state) {
    return new WorkerRow(
        worker,
        incarnation,
        epoch,
        heartbeat,
        state,
        WorkerRow.PROTOCOL_VERSION,
        timing.failoverTime(),
        maxLeases,
        modeVersion,
        load.leases(),
        load.throughputKBps(),
        phase == Phase.REGISTERING ? List.of() : notices.last(loop.nowNanos()));
  }
}
