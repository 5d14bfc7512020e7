package io.millrace.simulation;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.model.ShardId;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.Ordering;
import io.millrace.testkit.kinesis.KinesisCore;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.call.StreamCall.CreateStream;
import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.EndpointClock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One life of a stream with a producer and a fleet of workers, from a seed: a stormy time with
 * faults, reshards, crashes and pauses, then a calm one in which everything must come to rest with
 * every record delivered.
 *
 * <p>Confined to one thread.
 */
final class FleetRun {
  private static final String STREAM = "clicks";
  private static final int KEYS = 40;
  private static final Duration STORM = Duration.ofMinutes(1);
  private static final Duration CALM_LIMIT = Duration.ofMinutes(2);
  private static final long ATTEMPT_TIMEOUT_NANOS = Duration.ofSeconds(2).toNanos();
  private static final int TRACE_LINES = 400;

  private final long seed;
  private final SplittableRandom dice;
  private final VirtualTime time = new VirtualTime();
  private final Trace trace = new Trace(time, TRACE_LINES);
  private final SimulatedLeaseStore.SharedTables tables =
      new SimulatedLeaseStore.SharedTables(trace);
  private final KinesisCore kinesis;
  private final StoredStream stored;
  private final Set<ShardId> startedShards = new HashSet<>();
  private final Ledger ledger = new Ledger();
  private final List<SimulatedWorker> workers = new ArrayList<>();
  private final SimulatedProducer producer;
  private final boolean ordered;
  private final Map<String, Long> numbers = new HashMap<>();
  private NetworkFaults faults = NetworkFaults.BAD;
  private int incarnations;
  private long nextId;
  private long writesObserved;
  private long outageEndNanos;
  private @Nullable BrokenPromise broken;
  private boolean stormy = true;

  FleetRun(long seed) {
    this.seed = seed;
    this.dice = new SplittableRandom(seed);
    this.ordered = dice.nextBoolean();
    this.kinesis =
        new KinesisCore(
            CoreSettings.builder().reshardDuration(Duration.ofMillis(dice.nextLong(2_000))).build(),
            EndpointClock.of(time.wallClock(), time::nowNanos),
            dice.split());
    this.stored = new StoredStream(kinesis, STREAM);
    kinesis.call(CreateStream.provisioned(STREAM, 1 + dice.nextInt(4)));
    this.producer =
        new SimulatedProducer(
            time,
            wire(),
            ProducerSettings.builder()
                .ordering(ordered ? Ordering.PER_KEY : Ordering.NONE)
                .requestTimeout(Duration.ofNanos(ATTEMPT_TIMEOUT_NANOS))
                .build(),
            dice.split());
  }

  /**
   * Runs it all.
   *
   * @throws AssertionError if a promise is broken; its message has the seed and the trace
   */
  Summary run() {
    try {
      live();
    } catch (BrokenPromise e) {
      throw new AssertionError(
          "seed " + seed + ": " + e.getMessage() + "\n" + trace + "\nreplay with --seed " + seed,
          e);
    }
    return new Summary(
        seed,
        ledger.putCount(),
        ledger.acceptedCount(),
        ledger.deliveries(),
        ledger.deliveries() - ledger.distinctDeliveries(),
        time.nowNanos());
  }

  /** How a run ended. */
  record Summary(
      long seed, long put, long accepted, long deliveries, long duplicates, long virtualNanos) {}

  private void live() {
    injectServiceFaults();
    int fleet = 1 + dice.nextInt(3);
    for (int i = 0; i < fleet; i++) {
      time.after(dice.nextLong(Duration.ofSeconds(5).toNanos()), this::startWorker);
    }
    keepPutting();
    keepDisturbing();
    runUntil(STORM.toNanos());
    calmDown();
    long limit = time.nowNanos() + CALM_LIMIT.toNanos();
    while (!isAtRest()) {
      if (time.nowNanos() > limit || !time.step()) {
        throw new BrokenPromise(
            "not at rest %s after the faults stopped: %d of %d accepted records undelivered (first"
                + " %s), %d puts outstanding; leases %s; %s",
            CALM_LIMIT,
            ledger.undelivered().size(),
            ledger.acceptedCount(),
            ledger.undelivered().stream().limit(3).toList(),
            producer.outstandingRecords(),
            tables.leases(),
            stopReasons());
      }
      observeTables();
    }
    ledger.checkCoverage(tables.leases(), stored.positions());
  }

  private void runUntil(long untilNanos) {
    long checks = 0;
    while (time.hasEventUntil(untilNanos)) {
      time.step();
      observeTables();
      if (++checks % 1_000 == 0) {
        ledger.checkCoverage(tables.leases(), stored.positions());
      }
    }
  }

  private void observeTables() {
    if (broken != null) {
      throw broken;
    }
    if (tables.writes() != writesObserved) {
      writesObserved = tables.writes();
      ledger.observe(tables.leases());
    }
  }

  private boolean isAtRest() {
    return producer.outstandingRecords() == 0
        && ledger.putCount() == ledger.acceptedCount() + ledger.failedPuts()
        && ledger.undelivered().isEmpty();
  }

  private void calmDown() {
    trace.say("the storm is over");
    stormy = false;
    faults = NetworkFaults.NONE;
    kinesis.faults().clear();
    for (SimulatedWorker worker : workers) {
      if (worker.isPaused()) {
        worker.resume();
      }
    }
    if (workers.stream().noneMatch(SimulatedWorker::isUp)) {
      startWorker();
    }
  }

  private String stopReasons() {
    List<String> reasons = new ArrayList<>();
    for (SimulatedWorker worker : workers) {
      reasons.add(
          worker.id()
              + (worker.isUp()
                  ? " is up"
                  : worker.hasStopped() ? " " + worker.stopReason() : " is dead"));
    }
    return reasons.toString();
  }

  // ---- the producer's side
  // -------------------------------------------------------------------------

  private void keepPutting() {
    if (!stormy) {
      return;
    }
    int burst = 1 + dice.nextInt(8);
    for (int i = 0; i < burst; i++) {
      putOne();
    }
    time.after(dice.nextLong(100_000_000), this::keepPutting);
  }

  private void putOne() {
    long id = nextId++;
    String key = "user-" + Math.min(dice.nextInt(KEYS), dice.nextInt(KEYS));
    long number = numbers.merge(key, 1L, Long::sum);
    byte[] data = ByteBuffer.allocate(24).putLong(id).putLong(number).putLong(0).array();
    ledger.wasPut(id);
    producer.put(
        STREAM,
        key,
        data,
        (result, failure) -> {
          if (failure == null) {
            ledger.wasAccepted(id);
          } else {
            ledger.wasRefused();
            trace.say("put %d failed: %s", id, String.valueOf(failure.getMessage()));
          }
        });
  }

  private void injectServiceFaults() {
    kinesis.faults().on(Operation.PUT_RECORDS).probability(0.05).inject(Fault.throttle());
    kinesis.faults().on(Operation.GET_RECORDS).probability(0.05).inject(Fault.throttle());
    kinesis.faults().on(Operation.GET_RECORDS).probability(0.01).inject(Fault.expiredIterator());
  }

  // ---- the fleet's side
  // ----------------------------------------------------------------------------

  private void keepDisturbing() {
    if (!stormy) {
      return;
    }
    disturb();
    time.after(dice.nextLong(Duration.ofSeconds(8).toNanos()), this::keepDisturbing);
  }

  private void disturb() {
    List<SimulatedWorker> up = workers.stream().filter(SimulatedWorker::isUp).toList();
    switch (dice.nextInt(8)) {
      case 0 -> startWorker();
      case 1 -> reshard();
      case 2 -> reshard();
      case 5, 6 -> breakDownstream();
      case 3 -> {
        if (!up.isEmpty()) {
          SimulatedWorker victim = up.get(dice.nextInt(up.size()));
          trace.say("kill %s", victim.id());
          victim.kill();
          time.after(dice.nextLong(Duration.ofSeconds(5).toNanos()), this::startWorker);
        }
      }
      case 4 -> {
        if (up.size() > 1) {
          SimulatedWorker leaver = up.get(dice.nextInt(up.size()));
          trace.say("stop %s", leaver.id());
          leaver.stop(Duration.ofSeconds(10));
          time.after(dice.nextLong(Duration.ofSeconds(2).toNanos()), this::startWorker);
        }
      }
      default -> {
        if (!up.isEmpty()) {
          suspend(up.get(dice.nextInt(up.size())));
        }
      }
    }
  }

  /** Every handler throws for a while: records pile up behind, and shards end with work undone. */
  private void breakDownstream() {
    long nanos = dice.nextLong(Duration.ofSeconds(10).toNanos());
    trace.say("handlers throw for %d ms", nanos / 1_000_000);
    outageEndNanos = time.nowNanos() + nanos;
    if (dice.nextBoolean()) {
      reshard();
    }
  }

  private void suspend(SimulatedWorker worker) {
    if (worker.isPaused()) {
      return;
    }
    long nanos = dice.nextLong(Duration.ofSeconds(25).toNanos());
    trace.say("suspend %s for %d ms", worker.id(), nanos / 1_000_000);
    worker.pause();
    time.after(
        nanos,
        () -> {
          if (worker.isPaused()) {
            trace.say("%s goes on", worker.id());
            worker.resume();
          }
        });
  }

  private void startWorker() {
    if (workers.stream().filter(SimulatedWorker::isUp).count() >= 4) {
      return;
    }
    String id = "w" + ++incarnations;
    double drift = 1 + (dice.nextDouble() - 0.5) * 0.01;
    SimulatedLeaseStore store =
        new SimulatedLeaseStore(
            tables, time, dice.split(), () -> faults, id, ATTEMPT_TIMEOUT_NANOS);
    SimulatedWorker worker =
        new SimulatedWorker(
            id,
            "incarnation-" + incarnations,
            new SimulatedWorker.Parts(time, wire(), store, dice.split(), drift),
            ConsumerSettings.builder()
                .workerId(id)
                .checkpointInterval(Duration.ofSeconds(1))
                .build(),
            STREAM,
            record -> handleWatched(id, record));
    trace.say("start %s", id);
    workers.add(worker);
    worker.start();
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
    if (stormy && (time.nowNanos() < outageEndNanos || dice.nextInt(200) == 0)) {
      throw new IllegalStateException("the application's database is away");
    }
    ByteBuffer data = record.data();
    long id = data.getLong();
    long number = data.getLong();
    checkAncestorsAreDone(record.shard());
    boolean repeated = ledger.wasDelivered(id);
    ledger.delivers(worker, record, id);
    if (ordered) {
      ledger.delivered(record.partitionKey(), number, repeated);
    }
  }

  private void checkAncestorsAreDone(ShardId shard) {
    if (!startedShards.add(shard)) {
      return;
    }
    for (ShardId ancestor : stored.ancestorsOf(shard)) {
      if (!ledger.hasDelivered(ancestor, stored.positions().getOrDefault(ancestor, List.of()))) {
        throw new BrokenPromise("%s is delivered before its ancestor %s is done", shard, ancestor);
      }
    }
  }

  private void reshard() {
    long open = stored.shards().stream().filter(ShardInfo::isOpen).count();
    int target = 1 + dice.nextInt(6);
    if (target != open) {
      trace.say("reshard from %d to %d", open, target);
      try {
        kinesis.scale(STREAM, target);
      } catch (KinesisError busy) {
        trace.say("the stream is still changing");
      }
    }
  }

  private SimulatedWire wire() {
    return new SimulatedWire(kinesis, time, dice.split(), () -> faults, ATTEMPT_TIMEOUT_NANOS);
  }
}
