package io.millrace.consumer.internal.admin;

import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.member.FailoverTiming;
import io.millrace.consumer.internal.member.FailureDetector;
import io.millrace.consumer.internal.member.FleetWatch;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.Holding;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.WorkerRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Waits until nobody holds a lease: its holder lets go of it, or is dead for certain. It watches
 * the workers and makes a death durable just as they do; what a dead worker held is let go of in
 * its name.
 *
 * <p>Confined to the loop.
 */
final class Vacancy implements FailureDetector.Listener {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final long PATIENCE_NANOS = Duration.ofSeconds(60).toNanos();

  private final EventLoop loop;
  private final LeaseStore store;
  private final StoreCalls calls;
  private final FleetWatch watch = new FleetWatch("");
  private final FailureDetector detector;
  private final Map<String, WorkerRow> firstSeen = new HashMap<>();
  private final Set<Owner> named = new HashSet<>();
  private final List<CompletableFuture<Void>> waitingForPoll = new ArrayList<>();

  Vacancy(EventLoop loop, LeaseStore store, StoreCalls calls, FailoverTiming timing) {
    this.loop = loop;
    this.store = store;
    this.calls = calls;
    this.detector = new FailureDetector(loop, store, watch, timing, POLL, this);
  }

  /**
   * Waits for a lease.
   *
   * @param negotiated whether its live holder was asked to let go of it; if not, a holder that
   *     lives is a refusal
   * @return the row without a holder
   */
  CompletableFuture<Lease> of(LeaseKey key, boolean negotiated) {
    return look(key, negotiated, loop.nowNanos());
  }

  private CompletableFuture<Lease> look(LeaseKey key, boolean negotiated, long sinceNanos) {
    return calls
        .read(() -> store.readLease(key))
        .thenCompose(
            found -> {
              Lease row = found.orElseThrow(() -> StoreCalls.gone(key));
              Optional<Owner> holder = row.holderPeriod();
              if (holder.isEmpty()) {
                return CompletableFuture.completedFuture(row);
              }
              if (watch.standing(holder.get()) == FleetWatch.Standing.OVER) {
                return letGoFor(holder.get(), key)
                    .thenCompose(free -> look(key, negotiated, sinceNanos));
              }
              refuseInVain(row, holder.get(), negotiated, sinceNanos);
              named.add(holder.get());
              return nextPoll().thenCompose(read -> look(key, negotiated, sinceNanos));
            });
  }

  /** A period that is over writes no more: its lease is let go of as it would have done. */
  private CompletableFuture<Lease> letGoFor(Owner dead, LeaseKey key) {
    return calls.edit(
        key,
        row -> {
          if (!row.holderPeriod().equals(Optional.of(dead))) {
            return Optional.empty();
          }
          Holding holding = Holding.of(row, dead.worker());
          return Optional.of(
              row.isClaimed()
                  ? id -> store.cancelClaim(holding, id)
                  : id -> store.release(holding, id));
        });
  }

  private void refuseInVain(Lease row, Owner holder, boolean negotiated, long sinceNanos) {
    Optional<WorkerRow> worker = watch.row(holder.worker());
    if (!negotiated && worker.filter(this::livesSince).isPresent()) {
      throw new IllegalStateException(
          "lease "
              + row.key()
              + " is held by worker '"
              + holder.worker()
              + "', which is alive: stop it, or have it read the stream no more, first");
    }
    long silence = worker.map(seen -> seen.failoverTime().toNanos()).orElse(0L);
    if (loop.nowNanos() - sinceNanos > Math.max(PATIENCE_NANOS, 2 * silence)) {
      boolean stranger = watch.isStranger(holder) || worker.isEmpty();
      throw new IllegalStateException(
          "lease "
              + row.key()
              + " is still held by '"
              + holder.worker()
              + (stranger
                  ? "', which is no worker of this application: stop it"
                  : "': see there why the shard does not drain")
              + ", and try again");
    }
  }

  /** Whether a worker's heartbeat has moved under this watch. */
  private boolean livesSince(WorkerRow row) {
    WorkerRow first = firstSeen.get(row.worker());
    return row.state() != WorkerRow.State.FENCED && first != null && !row.unmovedSince(first);
  }

  /**
   * Waits until every worker is fenced; refuses if one is seen to live.
   *
   * @return all rows
   */
  CompletableFuture<List<WorkerRow>> ofTheFleet() {
    return nextPoll()
        .thenCompose(
            read -> {
              boolean dead = true;
              for (WorkerRow row : watch.rows()) {
                if (livesSince(row)) {
                  throw new IllegalStateException(
                      "worker '" + row.worker() + "' is alive: stop the whole fleet first");
                }
                dead &= row.state() == WorkerRow.State.FENCED;
              }
              return dead ? CompletableFuture.completedFuture(watch.rows()) : ofTheFleet();
            });
  }

  /** The workers as next read. */
  CompletableFuture<Void> nextPoll() {
    CompletableFuture<Void> read = new CompletableFuture<>();
    waitingForPoll.add(read);
    detector.begin();
    return read;
  }

  FleetWatch watch() {
    return watch;
  }

  @Override
  public void fleetRead(FleetWatch.News news) {
    watch.rows().forEach(row -> firstSeen.putIfAbsent(row.worker(), row));
    List<CompletableFuture<Void>> waiting = List.copyOf(waitingForPoll);
    waitingForPoll.clear();
    // After the detector has judged by this reading.
    loop.post(() -> waiting.forEach(read -> read.complete(null)));
  }

  @Override
  public void tableGone(LeaseStoreException said) {
    List<CompletableFuture<Void>> waiting = List.copyOf(waitingForPoll);
    waitingForPoll.clear();
    waiting.forEach(read -> read.completeExceptionally(said));
  }

  @Override
  public boolean awaitsHandoff() {
    return false;
  }

  @Override
  public void ownerOver(Owner owner) {}

  @Override
  public Collection<Owner> namedOwners() {
    watch.retainOver(named);
    return named.stream().filter(owner -> !watch.isStranger(owner)).toList();
  }

  @Override
  public boolean mayBeKcl() {
    return watch.heartbeats() == HeartbeatMode.PER_LEASE;
  }
}
