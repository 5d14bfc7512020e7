package io.millrace.simulation.storm;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.StopReason;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.handler.RecordHandler;
import io.millrace.consumer.internal.process.ApplicationHooks;
import io.millrace.consumer.internal.process.Excerpt;
import io.millrace.consumer.internal.process.Processing;
import io.millrace.consumer.internal.process.UserCode;
import io.millrace.consumer.internal.shard.DataPath;
import io.millrace.consumer.internal.shard.ShardConsumers;
import io.millrace.simulation.world.BrokenPromise;
import io.millrace.simulation.world.SharedTables;
import io.millrace.simulation.world.SimulatedLeaseStore;
import io.millrace.simulation.world.SimulatedWorker;
import io.millrace.simulation.world.Trace;
import io.millrace.simulation.world.VirtualTime;
import io.millrace.testkit.kinesis.KinesisCore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The processes of the fleet, each with its ways to the service and to the lease tables.
 *
 * <p>Confined to the simulation's thread.
 */
final class Fleet {
  private static final long PROMPT_NANOS = Duration.ofMillis(3).toNanos();
  private static final long BUSY_NANOS = Duration.ofSeconds(3).toNanos();

  private final VirtualTime time;
  private final SplittableRandom dice;
  private final Trace trace;
  private final SharedTables tables;
  private final KinesisCore kinesis;
  private final String stream;
  private final Weather weather;
  private final Function<String, RecordHandler> handlers;
  private final List<Member> members = new ArrayList<>();

  /** Ids that two processes had at the same time: one of the two has to stop. */
  private final Set<String> twins = new HashSet<>();

  private NetworkFaults faults;
  private @Nullable NetworkFaults storeFaults;
  private boolean mayStop;
  private int incarnations;
  private int ids;

  /** A process with its ways to the world. */
  static final class Member {
    final SimulatedWorker process;
    final RandomFates toStore;
    final SimulatedWire toKinesis;
    private long suspendedSince = -1;

    Member(SimulatedWorker process, RandomFates toStore, SimulatedWire toKinesis) {
      this.process = process;
      this.toStore = toStore;
      this.toKinesis = toKinesis;
    }

    String id() {
      return process.id();
    }

    boolean isUp() {
      return process.isUp();
    }

    /** Suspends the process, or the machine with its monotonic clock. */
    void pause(boolean machine, long nowNanos) {
      suspendedSince = machine ? nowNanos : -1;
      process.pause();
    }

    void resume(long nowNanos) {
      if (process.isPaused()) {
        process.resume(Duration.ofNanos(suspendedSince < 0 ? 0 : nowNanos - suspendedSince));
      }
    }
  }

  /**
   * An empty fleet.
   *
   * @param handlers the application's code in the process of each worker
   */
  Fleet(
      VirtualTime time,
      SharedTables tables,
      KinesisCore kinesis,
      String stream,
      Weather weather,
      Function<String, RecordHandler> handlers,
      Trace trace,
      SplittableRandom dice) {
    this.time = time;
    this.tables = tables;
    this.kinesis = kinesis;
    this.stream = stream;
    this.weather = weather;
    this.handlers = handlers;
    this.trace = trace;
    this.dice = dice;
    this.faults = weather.network();
  }

  /** The faults of the moment. */
  NetworkFaults faults() {
    return faults;
  }

  /** Sets the faults of all ways. */
  void faults(NetworkFaults now) {
    faults = now;
  }

  /** Sets the faults of the ways to the lease store; null for those of all ways. */
  void storeFaults(@Nullable NetworkFaults now) {
    storeFaults = now;
  }

  private NetworkFaults faultsOfStore() {
    return storeFaults == null ? faults : storeFaults;
  }

  /** From now on a worker may find that it is unsafe to go on. */
  void mayStop() {
    mayStop = true;
  }

  /** The processes that work. */
  List<Member> up() {
    return members.stream().filter(Member::isUp).toList();
  }

  /** All processes that ever were. */
  List<Member> all() {
    return members;
  }

  /** A working process by its id. */
  @Nullable Member up(String id) {
    return members.stream()
        .filter(member -> member.isUp() && member.id().equals(id))
        .findFirst()
        .orElse(null);
  }

  /** A working process by its id, which has to be there. */
  Member upNow(String id) {
    return Objects.requireNonNull(up(id), id);
  }

  /** Starts a process with a new id, unless there are enough. */
  void start() {
    if (up().size() < weather.mostWorkers()) {
      start("w" + ++ids);
    }
  }

  /** Starts a process whose clock drifts by chance. */
  void start(String id) {
    if (up(id) != null) {
      twins.add(id);
    }
    start(id, 1 + (dice.nextDouble() - 0.5) * 0.018);
  }

  /** Starts a process whose monotonic clock runs so fast. */
  void start(String id, double clockRate) {
    String incarnation = "incarnation-" + ++incarnations;
    RandomFates toStore = new RandomFates(dice.split(), this::faultsOfStore);
    SimulatedWire toKinesis = wire();
    SimulatedLeaseStore store =
        new SimulatedLeaseStore(tables, time, toStore, id, SimulatedWire.TIMEOUT.toNanos());
    SimulatedReads reads = new SimulatedReads(toKinesis);
    Duration failover = weather.failoverTimes().get(dice.nextInt(weather.failoverTimes().size()));
    ConsumerSettings settings =
        ConsumerSettings.builder()
            .workerId(id)
            .failoverTime(failover)
            .handoffTimeout(weather.handoffTimeout())
            .heartbeats(weather.heartbeats())
            .auditInterval(Duration.ofSeconds(5))
            .checkpointInterval(Duration.ofSeconds(1))
            .build();
    SimulatedWorker process =
        new SimulatedWorker(
            new SimulatedWorker.Identity(id, incarnation),
            new SimulatedWorker.Place(
                time,
                new SplittableRandom(dice.nextLong()),
                clockRate,
                store,
                reads,
                () -> {
                  store.disconnect();
                  toKinesis.disconnect();
                }),
            settings,
            stream,
            (self, loop) ->
                new ShardConsumers(
                    new DataPath(
                        "simulation",
                        settings,
                        FailurePolicy.retryForever(),
                        new Processing.Handler(new UserCode.Records(handlers.apply(id))),
                        1,
                        KeyOrder.PER_KEY,
                        reads,
                        new NoFanOut(),
                        threadsOf(self),
                        self::clockNanos,
                        self.wallClock(),
                        new SplittableRandom(dice.nextLong()),
                        DataPath.NO_METERS,
                        ApplicationHooks.NONE,
                        Excerpt.ALL,
                        event -> loop.post(() -> event.apply(loop.nowNanos())))));
    trace.say("start %s, %s, failover time %s", id, incarnation, failover);
    members.add(new Member(process, toStore, toKinesis));
    process.start();
  }

  /** User code starts within three milliseconds or, once in fifty times, within three seconds. */
  private Executor threadsOf(SimulatedWorker process) {
    SplittableRandom threads = dice.split();
    return task -> {
      long limit = threads.nextInt(50) == 0 ? BUSY_NANOS : PROMPT_NANOS;
      process.runLater(threads.nextLong(limit), task);
    };
  }

  SimulatedWire wire() {
    return new SimulatedWire(kinesis, time, dice.split(), this::faults);
  }

  /** Ends all faults; somebody works. */
  void heal() {
    faults = NetworkFaults.NONE;
    storeFaults = null;
    for (Member member : members) {
      member.toStore.cutOff(false);
      member.toStore.slow(0, 0);
      member.toKinesis.cutOff(false);
      member.resume(time.nowNanos());
    }
    keepOneUp();
  }

  /** Starts a worker if none is up: the last one may have found its id taken by one that died. */
  void keepOneUp() {
    if (members.stream().noneMatch(Member::isUp)) {
      start();
    }
  }

  /** Nobody stops but who was asked to, could not start, or shares its id. */
  void checkStops() {
    for (Member member : members) {
      if (member.process.hasStopped()) {
        StopReason reason = member.process.stopReason();
        boolean expected =
            switch (reason.kind()) {
              case CLOSED, START_FAILED -> true;
              case UNSAFE -> mayStop || twins.contains(member.id());
              default -> false;
            };
        if (!expected) {
          throw new BrokenPromise("%s has stopped: %s", member.id(), reason);
        }
      }
    }
  }

  /** How each process fares, in words. */
  List<String> states() {
    List<String> states = new ArrayList<>();
    for (Member member : members) {
      String state =
          member.isUp()
              ? "is up"
              : member.process.hasStopped() ? member.process.stopReason().toString() : "is dead";
      states.add(member.id() + " " + state);
    }
    return states;
  }
}
