package io.millrace.simulation.world;

import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.LeaseStore.FleetView;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WriteOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The tables that the workers of a fleet share, with a memory of old states for eventually
 * consistent reads.
 *
 * <p>Confined to the simulation's thread.
 */
public final class SharedTables {
  /** How many states a stale read may go back. */
  public static final int HISTORY = 16;

  /** The table generation after a {@link #restore}. */
  public static final long RESTORED_GENERATION = 2;

  private final Trace trace;
  private final UnaryOperator<LeaseStore> rules;
  private final Watcher watcher;
  private final State[] states;
  private LeaseStore rows;
  private LeaseStore store;
  private long writes;

  /** Who looks at the tables after each write. */
  public interface Watcher {
    /** A write has arrived, applied or refused. */
    void written(Map<LeaseKey, Lease> leases, Map<String, WorkerRow> workers);
  }

  /** The rows at one moment. */
  private record State(
      Map<LeaseKey, Lease> leases, Map<String, WorkerRow> workers, @Nullable FleetMode mode) {}

  /**
   * Creates empty tables.
   *
   * @param rules what the tables make of the protocol's conditions; the identity for what they are
   * @param watcher looks at the rows after each write
   */
  public SharedTables(Trace trace, UnaryOperator<LeaseStore> rules, Watcher watcher) {
    this.states = new State[HISTORY];
    this.trace = trace;
    this.rules = rules;
    this.watcher = watcher;
    this.rows = new InMemoryLeaseStore();
    this.store = rules.apply(rows);
    states[0] = read();
  }

  /** The tables as workers reach them. */
  public LeaseStore store() {
    return store;
  }

  /** All leases as they are, by key. */
  public Map<LeaseKey, Lease> leases() {
    return now().leases();
  }

  /** All worker rows as they are, by worker id. */
  public Map<String, WorkerRow> workers() {
    return now().workers();
  }

  /** The fleet's mode as it is. */
  public @Nullable FleetMode mode() {
    return now().mode();
  }

  /** Puts the rows back to a state of before, as an operator does with a back-up. */
  public void restore(Map<LeaseKey, Lease> leases) {
    InMemoryLeaseStore restored = new InMemoryLeaseStore(RESTORED_GENERATION);
    for (Lease lease : leases.values()) {
      require(restored.create(lease, lease.writeId().orElseThrow()));
    }
    for (WorkerRow row : workers().values()) {
      require(restored.register(row, null));
    }
    FleetMode mode = mode();
    if (mode != null) {
      require(
          restored.changeMode(new FleetMode(mode.heartbeats(), mode.chosen(), mode.paused(), 1)));
    }
    rows = restored;
    store = rules.apply(rows);
    remember();
  }

  private static void require(CompletionStage<? extends WriteOutcome<?>> write) {
    if (write.toCompletableFuture().join().applied().isEmpty()) {
      throw new IllegalStateException("a restored row is refused");
    }
  }

  Trace trace() {
    return trace;
  }

  /** A write has arrived. */
  void remember() {
    State now = read();
    writes++;
    states[(int) (writes % HISTORY)] = now;
    watcher.written(now.leases(), now.workers());
  }

  private State now() {
    return states[(int) (writes % HISTORY)];
  }

  private State read() {
    TreeMap<LeaseKey, Lease> leases = new TreeMap<>();
    String page = null;
    do {
      LeaseStore.LeasePage got =
          rows.listLeases(Consistency.STRONG, page).toCompletableFuture().join();
      got.leases().forEach(lease -> leases.put(lease.key(), lease));
      page = got.nextPageToken();
    } while (page != null);
    FleetView fleet = rows.readFleet().toCompletableFuture().join();
    TreeMap<String, WorkerRow> workers = new TreeMap<>();
    fleet.workers().forEach(row -> workers.put(row.worker(), row));
    return new State(leases, workers, fleet.mode());
  }

  private State old(RandomGenerator dice) {
    long known = Math.min(writes + 1, HISTORY);
    return states[(int) ((writes - dice.nextLong(known)) % HISTORY)];
  }

  /** The leases as an eventually consistent listing may show them. */
  List<Lease> staleLeases(Fates.Staleness staleness, RandomGenerator dice) {
    if (staleness != Fates.Staleness.MIXED) {
      return List.copyOf(old(dice).leases().values());
    }
    List<Lease> mixed = new ArrayList<>();
    for (LeaseKey key : now().leases().keySet()) {
      Lease row = old(dice).leases().get(key);
      if (row != null) {
        mixed.add(row);
      }
    }
    return mixed;
  }

  /** The worker rows as an eventually consistent listing may show them. */
  FleetView staleFleet(Fates.Staleness staleness, RandomGenerator dice) {
    if (staleness != Fates.Staleness.MIXED) {
      State old = old(dice);
      return new FleetView(List.copyOf(old.workers().values()), old.mode());
    }
    List<WorkerRow> mixed = new ArrayList<>();
    for (String worker : now().workers().keySet()) {
      WorkerRow row = old(dice).workers().get(worker);
      if (row != null) {
        mixed.add(row);
      }
    }
    return new FleetView(mixed, old(dice).mode());
  }
}
