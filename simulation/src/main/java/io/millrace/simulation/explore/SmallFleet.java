package io.millrace.simulation.explore;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.StopReason;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.simulation.explore.Deviation.Kind;
import io.millrace.simulation.world.BrokenPromise;
import io.millrace.simulation.world.Fate;
import io.millrace.simulation.world.Fates;
import io.millrace.simulation.world.SharedTables;
import io.millrace.simulation.world.SimulatedLeaseStore;
import io.millrace.simulation.world.SimulatedWorker;
import io.millrace.simulation.world.Trace;
import io.millrace.simulation.world.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * One run of a few workers' real coordination, with deviations at given calls and none elsewhere. A
 * run is a function of its deviations.
 *
 * <p>Confined to one thread.
 */
final class SmallFleet {
  private static final Duration FAILOVER = Duration.ofSeconds(2);
  private static final Duration APART = Duration.ofMillis(250);
  private static final Duration RECORDS_FOR = Duration.ofMillis(1_500);
  private static final Duration REST_LIMIT = Duration.ofSeconds(40);
  private static final SketchedShards.Pace PACE =
      new SketchedShards.Pace(Duration.ofMillis(50), Duration.ofMillis(300), Duration.ofMillis(60));
  private static final Set<String> UNCOUNTED = Set.of("readFleet", "prepare", "signOfKcl");
  private static final long WAY_NANOS = Duration.ofMillis(3).toNanos();
  private static final long LONG_WAY_NANOS = Duration.ofMillis(100).toNanos();

  private final Bound bound;
  private final List<Deviation> deviations;
  private final VirtualTime time = new VirtualTime();
  private final Trace trace;
  private final SketchedStream stream;
  private final Deliveries deliveries;
  private final SharedTables tables;
  private final List<SimulatedWorker> workers = new ArrayList<>();
  private final List<Call> calls = new ArrayList<>();
  private int incarnations;

  /**
   * A call that a worker made.
   *
   * @param write whether it writes
   */
  record Call(String worker, String method, boolean write) {}

  /**
   * A run that has not begun.
   *
   * @param deviations in the order of their calls
   * @param rules what the tables make of the protocol's conditions
   */
  SmallFleet(
      Bound bound, List<Deviation> deviations, int traceLines, UnaryOperator<LeaseStore> rules) {
    this.bound = bound;
    this.deviations = deviations;
    this.trace = new Trace(time, traceLines);
    this.stream = new SketchedStream(time, bound.shards(), Duration.ofMillis(50), RECORDS_FOR);
    this.deliveries = new Deliveries(stream);
    this.tables = new SharedTables(trace, rules, deliveries.tables());
  }

  /**
   * Runs until everything is at rest.
   *
   * @return the calls that were made
   * @throws AssertionError if a promise is broken; its message has the deviations and the trace
   */
  List<Call> run() {
    try {
      live();
      return calls;
    } catch (BrokenPromise e) {
      throw new AssertionError(deviations + ": " + e.getMessage() + "\n" + trace, e);
    }
  }

  private void live() {
    for (int i = 0; i < bound.workers(); i++) {
      String id = "w" + (i + 1);
      time.after(APART.multipliedBy(i), () -> start(id));
    }
    while (time.nowNanos() < RECORDS_FOR.toNanos() || !isAtRest()) {
      if (time.nowNanos() > REST_LIMIT.toNanos()) {
        throw new BrokenPromise("not at rest after %s: %s", REST_LIMIT, tables.leases().values());
      }
      time.step();
      deliveries.check();
    }
    workers.forEach(this::checkStop);
  }

  private void checkStop(SimulatedWorker worker) {
    if (!worker.hasStopped()) {
      return;
    }
    StopReason.Kind kind = worker.stopReason().kind();
    // Who comes back under an id finds it in use, as long as calls of its predecessor arrive.
    boolean inUse = bound.restart() && kind == StopReason.Kind.START_FAILED;
    if (kind != StopReason.Kind.CLOSED && !inUse) {
      throw new BrokenPromise("%s has stopped: %s", worker.id(), worker.stopReason());
    }
  }

  private boolean isAtRest() {
    boolean anyoneUp = false;
    for (SimulatedWorker worker : workers) {
      anyoneUp |= worker.isUp();
    }
    return workers.size() >= bound.workers()
        && (!anyoneUp || (deliveries.areComplete() && isEveryLeaseHeld()));
  }

  private boolean isEveryLeaseHeld() {
    for (Lease lease : tables.leases().values()) {
      boolean held = !lease.isClaimed() && lease.holder().filter(this::isUp).isPresent();
      if (!held && !lease.isFinished()) {
        return false;
      }
    }
    return !tables.leases().isEmpty();
  }

  private boolean isUp(String id) {
    for (SimulatedWorker worker : workers) {
      if (worker.id().equals(id) && worker.isUp()) {
        return true;
      }
    }
    return false;
  }

  private void start(String id) {
    String incarnation = "incarnation-" + ++incarnations;
    SimulatedWorker[] self = new SimulatedWorker[1];
    SimulatedLeaseStore store =
        new SimulatedLeaseStore(
            tables,
            time,
            new ScriptedFates(id, () -> die(self[0])),
            id,
            FAILOVER.dividedBy(5).toNanos());
    self[0] =
        new SimulatedWorker(
            new SimulatedWorker.Identity(id, incarnation),
            new SimulatedWorker.Place(
                time, new SplittableRandom(incarnations), 1, store, stream, store::disconnect),
            ConsumerSettings.builder().workerId(id).failoverTime(FAILOVER).build(),
            SketchedStream.NAME,
            (process, loop) -> new SketchedShards(id, stream, deliveries, PACE, process::isDead));
    workers.add(self[0]);
    self[0].start();
  }

  private void die(SimulatedWorker victim) {
    if (!victim.isDead()) {
      trace.say("%s dies", victim.id());
      victim.kill();
      if (bound.restart()) {
        time.after(FAILOVER.dividedBy(2), () -> start(victim.id()));
      }
    }
  }

  /** The fates of one worker's calls, in the order in which the whole fleet makes them. */
  private final class ScriptedFates implements Fates {
    private final String worker;
    private final Runnable death;

    ScriptedFates(String worker, Runnable death) {
      this.worker = worker;
      this.death = death;
    }

    @Override
    public Fate next(String method, boolean write, long attemptNanos) {
      Fate fate = new Fate(Fate.Kind.ANSWERED, WAY_NANOS, WAY_NANOS, -1);
      if (UNCOUNTED.contains(method)) {
        return fate;
      }
      int number = calls.size();
      calls.add(new Call(worker, method, write));
      for (Deviation deviation : deviations) {
        if (deviation.call() == number) {
          trace.say("%s, at call %d: %s", deviation.kind(), number, method);
          fate = deviate(deviation.kind(), fate, attemptNanos);
        }
      }
      return fate;
    }

    private Fate deviate(Kind kind, Fate fate, long attemptNanos) {
      switch (kind) {
        case SPLIT -> stream.split();
        case MERGE -> stream.merge();
        case DIES_BEFORE -> death.run();
        case DIES_AFTER -> time.after(0, death);
        default -> {}
      }
      return switch (kind) {
        case LOST_REPLY -> new Fate(Fate.Kind.LOST_REPLY, WAY_NANOS, WAY_NANOS, -1);
        case LOST_REQUEST -> new Fate(Fate.Kind.LOST_REQUEST, WAY_NANOS, WAY_NANOS, -1);
        case LATE -> new Fate(Fate.Kind.LOST_REPLY, attemptNanos + WAY_NANOS, WAY_NANOS, -1);
        case OVERTAKEN -> new Fate(Fate.Kind.ANSWERED, LONG_WAY_NANOS, LONG_WAY_NANOS, -1);
        default -> fate;
      };
    }

    @Override
    public RandomGenerator dice() {
      throw new IllegalStateException("nothing is left to chance here");
    }
  }
}
