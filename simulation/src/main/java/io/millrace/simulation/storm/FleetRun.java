package io.millrace.simulation.storm;

import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.model.ShardId;
import io.millrace.simulation.world.BrokenPromise;
import io.millrace.simulation.world.SharedTables;
import io.millrace.simulation.world.TableChecks;
import io.millrace.simulation.world.Trace;
import io.millrace.simulation.world.VirtualTime;
import io.millrace.testkit.kinesis.KinesisCore;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.call.StreamCall.CreateStream;
import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.EndpointClock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One life of a stream with a producer and a fleet of workers, from a seed: a stormy time with
 * faults, reshards, crashes and pauses, then a calm one in which everything must come to rest with
 * every record delivered and every lease held.
 *
 * <p>Confined to one thread.
 */
public final class FleetRun {
  /** How many lines of the trace a failing run prints. */
  public static final int TRACE_LINES = 400;

  private static final long CALAMITY_SEED = 1;
  private static final String STREAM = "clicks";
  private static final Duration CALM_LIMIT = Duration.ofMinutes(2);

  private final long seed;
  private final SplittableRandom dice;
  private final VirtualTime time = new VirtualTime();
  private final Trace trace;
  private final Weather weather;
  private final KinesisCore kinesis;
  private final StoredStream stored;
  private final TableChecks checks;
  private final SharedTables tables;
  private final Ledger ledger = new Ledger();
  private final Traffic traffic;
  private final Fleet fleet;
  private final Disturbances disturbances;
  private final @Nullable Script script;
  private final Set<ShardId> startedShards = new HashSet<>();
  private @Nullable BrokenPromise broken;

  /** What happens instead of chance. */
  interface Script {
    /** Plans what happens. */
    void begin(VirtualTime time, Fleet fleet, SharedTables tables, TableChecks checks);
  }

  /** The run of a seed. */
  public FleetRun(long seed) {
    this(seed, TRACE_LINES, UnaryOperator.identity());
  }

  /**
   * The run of a seed.
   *
   * @param traceLines how much of the trace is kept
   * @param rules what the lease tables make of the protocol's conditions
   */
  public FleetRun(long seed, int traceLines, UnaryOperator<LeaseStore> rules) {
    this(seed, Season.of(seed), traceLines, rules);
  }

  /**
   * The run of a seed in a season.
   *
   * @param traceLines how much of the trace is kept
   * @param rules what the lease tables make of the protocol's conditions
   */
  public FleetRun(long seed, Season season, int traceLines, UnaryOperator<LeaseStore> rules) {
    this(seed, Weather.of(season, new SplittableRandom(seed)), traceLines, rules, null);
  }

  /**
   * The run of a calamity.
   *
   * @param rules what the lease tables make of the protocol's conditions
   */
  public FleetRun(Calamity calamity, UnaryOperator<LeaseStore> rules) {
    this(
        CALAMITY_SEED,
        calamity.weather(),
        TRACE_LINES,
        rules,
        (time, fleet, tables, checks) -> calamity.begin(time, fleet, tables));
  }

  /**
   * A run in which only happens what a script says.
   *
   * @param seed decides on the delays and faults of the network, and on the traffic
   */
  FleetRun(long seed, Weather weather, Script script) {
    this(seed, weather, TRACE_LINES, UnaryOperator.identity(), script);
  }

  private FleetRun(
      long seed,
      Weather weather,
      int traceLines,
      UnaryOperator<LeaseStore> rules,
      @Nullable Script script) {
    this.seed = seed;
    this.dice = new SplittableRandom(~seed);
    this.weather = weather;
    this.script = script;
    this.trace = new Trace(time, traceLines);
    this.kinesis =
        new KinesisCore(
            CoreSettings.builder().reshardDuration(Duration.ofMillis(dice.nextLong(2_000))).build(),
            EndpointClock.of(time.wallClock(), time::nowNanos),
            dice.split());
    this.stored = new StoredStream(kinesis, STREAM);
    this.checks = new TableChecks(stored, this::progressed);
    this.tables = new SharedTables(trace, rules, checks);
    this.fleet =
        new Fleet(
            time,
            tables,
            kinesis,
            STREAM,
            weather,
            worker -> record -> handleWatched(worker, record),
            trace,
            dice.split());
    kinesis.call(CreateStream.provisioned(STREAM, weather.shards()));
    this.traffic = new Traffic(time, fleet.wire(), STREAM, weather, ledger, trace, dice.split());
    this.disturbances =
        new Disturbances(
            time, fleet, tables, kinesis, stored, STREAM, weather, trace, dice.split());
  }

  /**
   * Runs it all.
   *
   * @throws AssertionError if a promise is broken; its message has the seed and the trace
   */
  public Summary run() {
    try {
      live();
    } catch (BrokenPromise e) {
      throw new AssertionError(
          "seed " + seed + ": " + e.getMessage() + "\n" + trace + "\n" + weather, e);
    }
    return new Summary(
        seed,
        ledger.putCount(),
        ledger.acceptedCount(),
        ledger.deliveries(),
        ledger.deliveries() - ledger.distinctDeliveries(),
        time.steps(),
        time.nowNanos());
  }

  /**
   * How a run ended.
   *
   * @param put records that were put
   * @param accepted those of them that the producer called accepted
   * @param deliveries calls of handlers that began
   * @param duplicates those of them for a record that was delivered before
   * @param steps events that happened
   * @param virtualNanos how long it took
   */
  public record Summary(
      long seed,
      long put,
      long accepted,
      long deliveries,
      long duplicates,
      long steps,
      long virtualNanos) {}

  /** What has happened, as far as it was kept. */
  public String trace() {
    return trace.toString();
  }

  private void live() {
    injectServiceFaults();
    traffic.keepPutting();
    if (script == null) {
      for (int i = 0; i < weather.fleet(); i++) {
        time.after(dice.nextLong(Duration.ofSeconds(2).toNanos()), fleet::start);
      }
      disturbances.begin();
    } else {
      script.begin(time, fleet, tables, checks);
    }
    while (time.hasEventUntil(weather.storm().toNanos())) {
      step();
    }
    calmDown();
    long limit = time.nowNanos() + CALM_LIMIT.toNanos();
    while (!isAtRest()) {
      if (time.nowNanos() > limit) {
        throw new BrokenPromise(
            "not at rest %s after the faults stopped: %d of %d accepted records undelivered (first"
                + " %s), %d puts outstanding; leases %s; %s",
            CALM_LIMIT,
            ledger.undelivered().size(),
            ledger.acceptedCount(),
            ledger.undelivered().stream().limit(3).toList(),
            traffic.outstandingRecords(),
            tables.leases().values(),
            fleet.states());
      }
      fleet.keepOneUp();
      step();
    }
    fleet.checkStops();
    checkMode();
  }

  /** No KCL is about: workers that change the mode have taken one of their own for one. */
  private void checkMode() {
    FleetMode mode = tables.mode();
    if (mode != null && mode.version() > 1 && !mode.chosen()) {
      throw new BrokenPromise("a worker has taken another one for a KCL: the mode is %s", mode);
    }
  }

  private void step() {
    time.step();
    if (broken != null) {
      throw broken;
    }
  }

  private void injectServiceFaults() {
    kinesis.faults().on(Operation.PUT_RECORDS).probability(0.05).inject(Fault.throttle());
    kinesis.faults().on(Operation.GET_RECORDS).probability(0.05).inject(Fault.throttle());
    kinesis.faults().on(Operation.GET_RECORDS).probability(0.01).inject(Fault.expiredIterator());
  }

  private void calmDown() {
    trace.say("the storm is over");
    traffic.end();
    disturbances.end();
    kinesis.faults().clear();
    fleet.heal();
  }

  private boolean isAtRest() {
    return ledger.undelivered().isEmpty() && traffic.isSettled() && isEveryLeaseHeld();
  }

  private boolean isEveryLeaseHeld() {
    for (Lease lease : tables.leases().values()) {
      boolean held =
          !lease.isClaimed()
              && lease.holder().filter(worker -> fleet.up(worker) != null).isPresent();
      if (!held && !lease.isFinished()) {
        return false;
      }
    }
    return true;
  }

  // ---- what is seen

  private void progressed(Lease row) {
    ledger.checkCoverage(row, stored.positions(row.key().shard()));
  }

  /**
   * Deliberate: a promise that breaks in a handler would be taken for the application's failure,
   * and retried.
   */
  private void handleWatched(String worker, ReceivedRecord record) {
    try {
      handle(worker, record);
    } catch (BrokenPromise e) {
      if (broken == null) {
        broken = e;
      }
      throw e;
    }
  }

  private void handle(String worker, ReceivedRecord record) {
    checks.delivers(worker, record.shard(), record.position(), record.fencingToken());
    checkAncestorsAreDone(record.shard());
    if (disturbances.handlerFails()) {
      throw new IllegalStateException("the application's database is away");
    }
    ByteBuffer data = record.data();
    long id = data.getLong();
    long number = data.getLong();
    boolean repeated = ledger.wasDelivered(id);
    ledger.delivers(worker, record, id);
    if (weather.ordered()) {
      ledger.delivered(record.partitionKey(), number, repeated);
    }
  }

  private void checkAncestorsAreDone(ShardId shard) {
    if (!startedShards.add(shard)) {
      return;
    }
    for (ShardId ancestor : stored.ancestorsOf(shard)) {
      if (!ledger.hasDelivered(ancestor, stored.positions(ancestor))) {
        throw new BrokenPromise("%s is delivered before its ancestor %s is done", shard, ancestor);
      }
    }
  }
}
