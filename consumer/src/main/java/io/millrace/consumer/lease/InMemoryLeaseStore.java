package io.millrace.consumer.lease;

import io.millrace.consumer.lease.WriteOutcome.Applied;
import io.millrace.consumer.lease.WriteOutcome.Conflict;
import io.millrace.model.ShardId;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A lease store in this process's memory: for tests, and for applications of a single process that
 * start again from their start position each time.
 *
 * <p>Several workers of one application may share an instance; nothing outlives it. Every stage is
 * complete when the call returns, every read is consistent, and no outcome is ever {@link
 * WriteOutcome.Unknown}. Thread-safe.
 */
public final class InMemoryLeaseStore implements LeaseStore {
  private static final int PAGE_SIZE = 1_000;

  /** Guards the maps below; nothing but map operations happens under it. */
  private final ReentrantLock lock = new ReentrantLock();

  private final TreeMap<LeaseKey, Lease> leases = new TreeMap<>();
  private final Map<String, WorkerRow> workers = new HashMap<>();
  private final long generation;
  private @Nullable FleetMode mode;
  private @Nullable String application;

  /** Creates an empty store of table generation 1. */
  public InMemoryLeaseStore() {
    this(1);
  }

  /**
   * Creates an empty store.
   *
   * @param generation the table generation that its fencing tokens have
   */
  public InMemoryLeaseStore(long generation) {
    this.generation = generation;
  }

  @Override
  public CompletionStage<Tables> prepare(Preparation preparation) {
    lock.lock();
    try {
      boolean created = application == null;
      if (created && !preparation.mayCreate()) {
        return CompletableFuture.failedFuture(
            new LeaseStoreException(
                LeaseStoreException.Reason.TABLE_MISSING,
                "application '"
                    + preparation.application()
                    + "' has never used this lease store: no worker of it was started"));
      }
      if (created) {
        application = preparation.application();
      } else if (!preparation.application().equals(application)) {
        return CompletableFuture.failedFuture(
            new LeaseStoreException(
                LeaseStoreException.Reason.OTHER_APPLICATION,
                "application '"
                    + preparation.application()
                    + "' asks for the lease store of application '"
                    + application
                    + "': give each application a store of its own"));
      }
      return done(new Tables(generation, created));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CompletionStage<Optional<String>> signOfKcl() {
    return done(Optional.empty());
  }

  @Override
  public CompletionStage<LeasePage> listLeases(
      Consistency consistency, @Nullable String pageToken) {
    lock.lock();
    try {
      var rest = pageToken == null ? leases : leases.tailMap(LeaseKey.parse(pageToken), false);
      List<Lease> page = rest.values().stream().limit(PAGE_SIZE).toList();
      boolean more = rest.size() > page.size();
      return done(new LeasePage(page, more ? page.get(page.size() - 1).key().text() : null));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CompletionStage<Optional<Lease>> readLease(LeaseKey key) {
    lock.lock();
    try {
      return done(Optional.ofNullable(leases.get(key)));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> create(Lease lease, WriteId id) {
    lock.lock();
    try {
      @Nullable Lease current = leases.get(lease.key());
      if (current != null) {
        return done(new Conflict<>(Optional.of(current)));
      }
      Lease row = lease.toBuilder().writeId(id).build();
      leases.put(row.key(), row);
      return done(new Applied<>(row));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> take(
      Lease observed, Owner taker, StreamIdentity stream, WriteId id) {
    return update(
        observed.key(),
        row -> sameOwnership(row, observed) && row.counter() == observed.counter(),
        row ->
            ownedBy(row, taker, id).stream(row.stream().orElse(stream))
                .ownerSwitchesSinceCheckpoint(
                    row.ownerSwitchesSinceCheckpoint()
                        + (row.owner().equals(Optional.of(taker.worker())) ? 0 : 1))
                .build());
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> claim(Lease observed, Owner claimer, WriteId id) {
    return update(
        observed.key(),
        row ->
            row.owner().isPresent()
                && row.checkpointOwner().isEmpty()
                && sameOwnership(row, observed)
                && row.counter() == observed.counter(),
        row ->
            row.toBuilder()
                .checkpointOwner(row.owner().orElseThrow())
                .owner(claimer.worker())
                .claimEpoch(claimer.epoch())
                .claimId(id)
                .build());
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> delete(Lease observed) {
    lock.lock();
    try {
      @Nullable Lease row = leases.get(observed.key());
      if (row == null
          || !row.owner().equals(observed.owner())
          || !row.checkpointOwner().equals(observed.checkpointOwner())
          || row.counter() != observed.counter()) {
        return done(new Conflict<>(Optional.ofNullable(row)));
      }
      leases.remove(observed.key());
      return done(new Applied<>(row));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> reset(
      Lease observed, Checkpoint checkpoint, @Nullable Instant startTimestamp, WriteId id) {
    return update(
        observed.key(),
        row ->
            row.owner().isEmpty()
                && row.checkpointOwner().isEmpty()
                && row.counter() == observed.counter(),
        row ->
            moved(row, id)
                .checkpoint(checkpoint)
                .startTimestamp(startTimestamp)
                .pending(null)
                .ahead(new byte[0])
                .build());
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> mark(
      Lease observed, @Nullable Parked parked, WriteId id) {
    return update(
        observed.key(),
        row ->
            row.owner().equals(observed.owner())
                && row.checkpointOwner().equals(observed.checkpointOwner())
                && row.counter() == observed.counter(),
        row -> moved(row, id).parked(parked).build());
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> renew(
      Holding holding, double throughputKBps, WriteId id) {
    return updateHeld(
        holding,
        row -> true,
        row ->
            Double.isNaN(throughputKBps)
                ? moved(row, id).build()
                : moved(row, id).throughputKBps(throughputKBps).build());
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> checkpoint(
      Holding holding, Progress progress, WriteId id) {
    return updateHeld(
        holding,
        row -> !row.isFinished(),
        row -> {
          Lease.Builder next =
              moved(row, id)
                  .checkpoint(progress.checkpoint())
                  .pending(progress.pending().orElse(null))
                  .ownerSwitchesSinceCheckpoint(0);
          progress.lastArrival().ifPresent(next::lastArrival);
          next.ahead(progress.ahead());
          progress.throughputKBps().ifPresent(next::throughputKBps);
          return next.build();
        });
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> endShard(
      Holding holding, Set<ShardId> children, WriteId id) {
    return updateHeld(
        holding,
        row -> true,
        row ->
            unowned(row, id)
                .checkpoint(Checkpoint.Sentinel.SHARD_END)
                .children(children)
                .pending(null)
                .ahead(new byte[0])
                .parked(null)
                .ownerSwitchesSinceCheckpoint(0)
                .build());
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> transfer(Holding holding, Owner to, WriteId id) {
    return updateHeld(
        holding,
        row -> !row.isClaimed() || row.owner().equals(Optional.of(to.worker())),
        row ->
            ownedBy(row, to, id)
                .ownerSwitchesSinceCheckpoint(row.ownerSwitchesSinceCheckpoint() + 1)
                .build());
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> cancelClaim(Holding holding, WriteId id) {
    return updateHeld(
        holding,
        Lease::isClaimed,
        row -> ownedBy(row, new Owner(holding.worker(), row.ownerEpoch()), id).build());
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> release(Holding holding, WriteId id) {
    return updateHeld(holding, row -> !row.isClaimed(), row -> unowned(row, id).build());
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> park(Holding holding, Parked parked, WriteId id) {
    return updateHeld(holding, row -> true, row -> moved(row, id).parked(parked).build());
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> resume(Holding holding, WriteId id) {
    return updateHeld(holding, row -> true, row -> moved(row, id).parked(null).build());
  }

  @Override
  public CompletionStage<FleetView> readFleet() {
    lock.lock();
    try {
      return done(new FleetView(List.copyOf(workers.values()), mode));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CompletionStage<Optional<WorkerRow>> readWorker(String worker) {
    lock.lock();
    try {
      return done(Optional.ofNullable(workers.get(worker)));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> register(
      WorkerRow row, @Nullable WorkerRow observed) {
    return writeWorker(
        row.worker(),
        current ->
            observed == null ? current == null : current != null && current.unmovedSince(observed),
        current -> row);
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> heartbeat(WorkerRow row) {
    return writeWorker(
        row.worker(),
        current ->
            current != null
                && current.incarnation().equals(row.incarnation())
                && current.epoch() == row.epoch()
                && current.state() != WorkerRow.State.FENCED
                && current.heartbeat() < row.heartbeat(),
        current -> row);
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> fence(WorkerRow observed) {
    return writeWorker(
        observed.worker(),
        current -> current != null && current.unmovedSince(observed),
        current -> Objects.requireNonNull(current).withState(WorkerRow.State.FENCED));
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> fenceMissing(WorkerRow tombstone) {
    return writeWorker(
        tombstone.worker(),
        Objects::isNull,
        current -> tombstone.withState(WorkerRow.State.FENCED));
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> deleteWorker(WorkerRow observed) {
    lock.lock();
    try {
      @Nullable WorkerRow current = workers.get(observed.worker());
      if (current == null
          || !current.unmovedSince(observed)
          || current.state() != observed.state()) {
        return done(new Conflict<>(Optional.ofNullable(current)));
      }
      workers.remove(observed.worker());
      return done(new Applied<>(current));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CompletionStage<WriteOutcome<FleetMode>> changeMode(FleetMode next) {
    lock.lock();
    try {
      @Nullable FleetMode current = mode;
      if ((current == null ? 0 : current.version()) != next.version() - 1) {
        return done(new Conflict<>(Optional.ofNullable(current)));
      }
      mode = next;
      return done(new Applied<>(next));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Does nothing: the rows live as long as the store is referred to, as other workers may share it.
   */
  @Override
  public void close() {}

  private CompletionStage<WriteOutcome<Lease>> updateHeld(
      Holding holding, Predicate<Lease> condition, UnaryOperator<Lease> change) {
    return update(
        holding.key(),
        row ->
            row.counter() == holding.counter()
                && row.isHeldBy(holding.worker())
                && condition.test(row),
        change);
  }

  private CompletionStage<WriteOutcome<Lease>> update(
      LeaseKey key, Predicate<Lease> condition, UnaryOperator<Lease> change) {
    lock.lock();
    try {
      @Nullable Lease row = leases.get(key);
      if (row == null || !condition.test(row)) {
        return done(new Conflict<>(Optional.ofNullable(row)));
      }
      Lease next = change.apply(row);
      leases.put(key, next);
      return done(new Applied<>(next));
    } finally {
      lock.unlock();
    }
  }

  private CompletionStage<WriteOutcome<WorkerRow>> writeWorker(
      String worker,
      Predicate<@Nullable WorkerRow> condition,
      UnaryOperator<@Nullable WorkerRow> change) {
    lock.lock();
    try {
      @Nullable WorkerRow current = workers.get(worker);
      if (!condition.test(current)) {
        return done(new Conflict<>(Optional.ofNullable(current)));
      }
      WorkerRow next = Objects.requireNonNull(change.apply(current));
      workers.put(worker, next);
      return done(new Applied<>(next));
    } finally {
      lock.unlock();
    }
  }

  private static boolean sameOwnership(Lease row, Lease observed) {
    return row.owner().equals(observed.owner())
        && row.checkpointOwner().equals(observed.checkpointOwner())
        && row.ownerEpoch() == observed.ownerEpoch();
  }

  private static Lease.Builder moved(Lease row, WriteId id) {
    return row.toBuilder().counter(row.counter() + 1).writeId(id);
  }

  private static Lease.Builder ownedBy(Lease row, Owner owner, WriteId id) {
    return moved(row, id)
        .owner(owner.worker())
        .ownerEpoch(owner.epoch())
        .checkpointOwner(null)
        .claimEpoch(Owner.NO_EPOCH)
        .claimId(null);
  }

  private static Lease.Builder unowned(Lease row, WriteId id) {
    return moved(row, id)
        .owner(null)
        .ownerEpoch(Owner.NO_EPOCH)
        .checkpointOwner(null)
        .claimEpoch(Owner.NO_EPOCH)
        .claimId(null);
  }

  private static <T> CompletionStage<T> done(T value) {
    return CompletableFuture.completedFuture(value);
  }
}
