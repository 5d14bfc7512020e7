package io.millrace.simulation.explore;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.simulation.explore.CountedStore.Count;
import io.millrace.simulation.world.SimulatedWorker;
import io.millrace.simulation.world.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What coordination costs in a large fleet: all workers start at once on an empty table, then
 * nothing happens, a tenth more join, and one dies.
 *
 * <p>Confined to one thread.
 */
public final class LargeFleet {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration IDLE = Duration.ofSeconds(60);

  /** What the assignment takes for noise in measured loads, and leaves as it is. */
  private static final double NOISE = 0.05;

  private static final Duration LOOK = Duration.ofMillis(100);
  private static final SketchedShards.Pace PACE =
      new SketchedShards.Pace(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(50));

  private final int workers;
  private final int shards;
  private final VirtualTime time = new VirtualTime();
  private final InMemoryLeaseStore rows = new InMemoryLeaseStore();
  private final CountedStore store = new CountedStore(rows, time);
  private final SketchedStream stream;
  private final List<SimulatedWorker> fleet = new ArrayList<>();
  private final Consumer<String> report;

  /**
   * A fleet that has not started.
   *
   * @param report gets a line for each step
   */
  public LargeFleet(int workers, int shards, Consumer<String> report) {
    this.report = report;
    this.workers = workers;
    this.shards = shards;
    this.stream = new SketchedStream(time, shards, Duration.ofSeconds(1), Duration.ZERO);
  }

  /**
   * How long a change took, and what it cost.
   *
   * @param came whether the fleet came to rest at all
   * @param seconds until it did
   * @param moved how many leases had another holder then
   */
  record Step(String what, boolean came, double seconds, long moved, Count cost) {
    private static final double POLL_SECONDS = 0.5;

    /** In how many rounds, of which each sees all worker rows once. */
    int polls() {
      return (int) Math.ceil(seconds / POLL_SECONDS);
    }

    @Override
    public String toString() {
      return !came
          ? String.format(Locale.ROOT, "%s: not within %.0f s", what, seconds)
          : String.format(
              Locale.ROOT,
              "%s: %.1f s (%d polls), %d leases moved; %.0f write units, %.0f read units, calls %s",
              what,
              seconds,
              polls(),
              moved,
              cost.writeUnits(),
              cost.readUnits(),
              new TreeMap<>(cost.calls()));
    }
  }

  /** What {@link #IDLE} of rest cost. */
  record Idle(Count cost) {
    @Override
    public String toString() {
      double seconds = IDLE.toSeconds();
      return String.format(
          Locale.ROOT,
          "idle: %.1f write units/s, %.1f read units/s, calls in %d s %s",
          cost.writeUnits() / seconds,
          cost.readUnits() / seconds,
          IDLE.toSeconds(),
          new TreeMap<>(cost.calls()));
    }
  }

  /** Runs it. */
  public void run() {
    report.accept(String.format(Locale.ROOT, "%d workers, %d leases", workers, shards));
    report.accept(start().toString());
    report.accept(idle().toString());
    report.accept(grow().toString());
    report.accept(shrink().toString());
  }

  /** All start at once on an empty table. */
  Step start() {
    return measure(
        "all start at once, until every lease is held and the loads are even",
        () -> start(workers));
  }

  /** A tenth more join. */
  Step grow() {
    int newcomers = Math.max(1, workers / 10);
    return measure(newcomers + " more join, until the loads are even", () -> start(newcomers));
  }

  /** The first worker dies. */
  Step shrink() {
    return measure("one is killed, until its leases are held by others", () -> fleet.get(0).kill());
  }

  private void start(int count) {
    for (int i = 0; i < count; i++) {
      int number = fleet.size() + 1;
      String id = String.format(Locale.ROOT, "w%03d", number);
      LeaseStore view = store.view();
      SimulatedWorker worker =
          new SimulatedWorker(
              new SimulatedWorker.Identity(id, "incarnation-" + number),
              new SimulatedWorker.Place(
                  time, new SplittableRandom(number), 1, view, stream, () -> {}),
              ConsumerSettings.builder().workerId(id).build(),
              SketchedStream.NAME,
              (process, loop) ->
                  new SketchedShards(id, stream, new Deliveries(stream), PACE, process::isDead));
      fleet.add(worker);
      worker.start();
    }
  }

  private Step measure(String what, Runnable change) {
    Count before = store.count();
    Map<String, String> holders = holders();
    long begun = time.nowNanos();
    change.run();
    boolean even = isEven();
    while (!even && time.nowNanos() - begun < LIMIT.toNanos()) {
      runFor(LOOK);
      even = isEven();
    }
    double seconds = (time.nowNanos() - begun) / 1e9;
    Map<String, String> now = holders();
    long moved =
        holders.entrySet().stream()
            .filter(entry -> !entry.getValue().equals(now.get(entry.getKey())))
            .count();
    return new Step(what, even, seconds, moved, store.count().since(before));
  }

  /** Nothing happens; the fleet has had the time to come to rest. */
  Idle idle() {
    runFor(Duration.ofSeconds(30));
    Count before = store.count();
    runFor(IDLE);
    return new Idle(store.count().since(before));
  }

  private void runFor(Duration duration) {
    long until = time.nowNanos() + duration.toNanos();
    while (time.hasEventUntil(until)) {
      time.step();
    }
    time.after(Math.max(0, until - time.nowNanos()), () -> {});
    time.step();
  }

  private Map<String, String> holders() {
    Map<String, String> holders = new TreeMap<>();
    for (Lease lease : leases()) {
      lease.holder().ifPresent(worker -> holders.put(lease.key().text(), worker));
    }
    return holders;
  }

  private boolean isEven() {
    Map<String, Integer> loads = new TreeMap<>();
    for (SimulatedWorker worker : fleet) {
      if (worker.isUp()) {
        loads.put(worker.id(), 0);
      }
    }
    List<Lease> leases = leases();
    for (Lease lease : leases) {
      String holder = lease.isClaimed() ? "" : lease.holder().orElse("");
      if (loads.computeIfPresent(holder, (id, load) -> load + 1) == null) {
        return false;
      }
    }
    int least = loads.values().stream().min(Integer::compare).orElse(0);
    int most = loads.values().stream().max(Integer::compare).orElse(0);
    return leases.size() == shards && most - least <= 1 + Math.ceil(NOISE * shards / loads.size());
  }

  private List<Lease> leases() {
    List<Lease> leases = new ArrayList<>();
    @Nullable String page = null;
    do {
      LeaseStore.LeasePage got =
          rows.listLeases(Consistency.STRONG, page).toCompletableFuture().join();
      leases.addAll(got.leases());
      page = got.nextPageToken();
    } while (page != null);
    return leases;
  }
}
