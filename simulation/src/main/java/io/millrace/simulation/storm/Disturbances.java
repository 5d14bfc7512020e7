package io.millrace.simulation.storm;

import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.Lease;
import io.millrace.simulation.storm.Fleet.Member;
import io.millrace.simulation.world.SharedTables;
import io.millrace.simulation.world.Trace;
import io.millrace.simulation.world.VirtualTime;
import io.millrace.testkit.kinesis.KinesisCore;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.ShardInfo;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What befalls the fleet in a storm, one thing after another.
 *
 * <p>Confined to the simulation's thread.
 */
final class Disturbances {
  private static final int CROWD = 4;
  private static final long LONGEST_CLOCK_JUMP_SECONDS = 7_200;

  private final VirtualTime time;
  private final SplittableRandom dice;
  private final Trace trace;
  private final Fleet fleet;
  private final SharedTables tables;
  private final KinesisCore kinesis;
  private final StoredStream stored;
  private final String stream;
  private final Weather weather;
  private long outageEndNanos;
  private boolean over;

  Disturbances(
      VirtualTime time,
      Fleet fleet,
      SharedTables tables,
      KinesisCore kinesis,
      StoredStream stored,
      String stream,
      Weather weather,
      Trace trace,
      SplittableRandom dice) {
    this.time = time;
    this.fleet = fleet;
    this.tables = tables;
    this.kinesis = kinesis;
    this.stored = stored;
    this.stream = stream;
    this.weather = weather;
    this.trace = trace;
    this.dice = dice;
  }

  /** Disturbs until {@link #end}. */
  void begin() {
    if (!over) {
      disturb();
      time.after(upTo(weather.longestQuiet()), this::begin);
    }
  }

  /** Disturbs nothing more. */
  void end() {
    over = true;
  }

  /** Whether a call of a handler fails: now and then one does, and at times every one. */
  boolean handlerFails() {
    return !over && (time.nowNanos() < outageEndNanos || dice.nextInt(200) == 0);
  }

  /** One kind of disturbance, and how often it comes among all. */
  enum Kind {
    START(2, Disturbances::startOne),
    RESHARD(3, Disturbances::reshard),
    DIE(2, storm -> storm.die(storm.anyone())),
    DIE_IN_A_HANDOFF(2, storm -> storm.die(storm.partyOfAHandoff())),
    LEAVE(2, storm -> storm.leave(storm.anyone(), false)),
    RESTART(1, storm -> storm.leave(storm.anyone(), true)),
    SUSPEND_PROCESS(2, storm -> storm.pause(storm.anyone(), false)),
    SUSPEND_MACHINE(1, storm -> storm.pause(storm.anyone(), true)),
    CUT_OFF_FROM_STORE(3, storm -> storm.cutOffFromStore(storm.anyone())),
    SLOW_THEN_CUT_OFF(1, storm -> storm.slowDown(storm.anyone())),
    CUT_OFF_FROM_KINESIS(1, storm -> storm.cutOffFromKinesis(storm.anyone())),
    STORE_GONE(1, storm -> storm.degrade("gone", NetworkFaults.GONE)),
    STORE_THROTTLES(1, storm -> storm.degrade("throttled", storm.weather.network().throttling())),
    STORE_SLOW(1, storm -> storm.degrade("slow", storm.weather.network().slowed(storm.anyDelay()))),
    HANDLERS_THROW(2, Disturbances::breakDownstream),
    CLOCK_JUMPS(1, storm -> storm.setClock(storm.anyone())),
    CROWDS(1, Disturbances::comeAndGoInCrowds),
    REPLACE_FROZEN(2, storm -> storm.replaceFrozen(storm.anyone())),
    TWIN_OR_MODE(1, Disturbances::startTwinOrChangeMode);

    private static final int SUM = Arrays.stream(values()).mapToInt(kind -> kind.weight).sum();

    private final int weight;

    @SuppressWarnings("ImmutableEnumChecker") // It keeps nothing.
    private final Consumer<Disturbances> happens;

    Kind(int weight, Consumer<Disturbances> happens) {
      this.weight = weight;
      this.happens = happens;
    }

    private static Kind any(SplittableRandom dice) {
      int left = dice.nextInt(SUM);
      for (Kind kind : values()) {
        left -= kind.weight;
        if (left < 0) {
          return kind;
        }
      }
      throw new AssertionError(left);
    }
  }

  private void disturb() {
    Kind focus = weather.focus();
    Kind kind = focus != null && dice.nextBoolean() ? focus : Kind.any(dice);
    kind.happens.accept(this);
  }

  private void startOne() {
    fleet.start();
  }

  private @Nullable Member anyone() {
    List<Member> up = fleet.up();
    return up.isEmpty() ? null : up.get(dice.nextInt(up.size()));
  }

  /** The holder or the claimer of a lease that is being handed over, if there is one. */
  private @Nullable Member partyOfAHandoff() {
    for (Lease lease : tables.leases().values()) {
      if (lease.isClaimed()) {
        Member party =
            fleet.up((dice.nextBoolean() ? lease.owner() : lease.checkpointOwner()).orElseThrow());
        if (party != null) {
          return party;
        }
      }
    }
    return anyone();
  }

  /** It comes back soon: as somebody else, or under the same id as its deployment has it. */
  private void die(@Nullable Member victim) {
    if (victim == null) {
      return;
    }
    trace.say("kill %s", victim.id());
    victim.process.kill();
    boolean sameId = dice.nextBoolean();
    time.after(
        upTo(weather.longestFailover()),
        () -> {
          if (sameId && !over && fleet.up(victim.id()) == null) {
            fleet.start(victim.id());
          } else {
            fleet.start();
          }
        });
  }

  /** It is replaced by somebody else, or under the same id as soon as it has stopped. */
  private void leave(@Nullable Member leaver, boolean sameId) {
    if (leaver == null) {
      return;
    }
    trace.say("stop %s", leaver.id());
    leaver.process.stop(Duration.ofSeconds(dice.nextInt(10)));
    if (sameId) {
      startWhenStopped(leaver);
    } else {
      time.after(upTo(Duration.ofSeconds(2)), fleet::start);
    }
  }

  private void startWhenStopped(Member leaver) {
    time.after(
        upTo(Duration.ofSeconds(1)),
        () -> {
          if (leaver.isUp() && !over) {
            startWhenStopped(leaver);
          } else if (!over && fleet.up(leaver.id()) == null) {
            fleet.start(leaver.id());
          }
        });
  }

  private void pause(@Nullable Member sleeper, boolean machine) {
    if (sleeper == null || sleeper.process.isPaused()) {
      return;
    }
    long nanos = upTo(weather.longestFailover().multipliedBy(5).dividedBy(2));
    trace.say(
        "suspend the %s of %s for %d ms",
        machine ? "machine" : "process", sleeper.id(), nanos / 1_000_000);
    sleeper.pause(machine, time.nowNanos());
    time.after(
        nanos,
        () -> {
          trace.say("%s goes on", sleeper.id());
          sleeper.resume(time.nowNanos());
        });
  }

  private void cutOffFromStore(@Nullable Member victim) {
    if (victim == null) {
      return;
    }
    long failover = weather.longestFailover().toNanos();
    // Where that is what a storm is about, it lasts about as long as its peers wait.
    long nanos =
        weather.focus() == null
            ? dice.nextLong(2 * failover)
            : failover * 7 / 10 + dice.nextLong(failover);
    trace.say("the store is out of reach for %s for %d ms", victim.id(), nanos / 1_000_000);
    victim.toStore.cutOff(true);
    time.after(
        nanos,
        () -> {
          victim.toStore.cutOff(false);
          victim.toStore.slow(0, 0);
        });
  }

  /** Requests or replies take almost as long as they may; then they get lost. */
  private void slowDown(@Nullable Member victim) {
    if (victim == null) {
      return;
    }
    long failover = weather.longestFailover().toNanos();
    long slow = failover / 5 * 8 / 10;
    boolean requests = dice.nextBoolean();
    trace.say(
        "%s to the store take %d ms for %s",
        requests ? "requests" : "replies", slow / 1_000_000, victim.id());
    victim.toStore.slow(requests ? slow : 0, requests ? 0 : slow);
    time.after(
        failover * 4 / 10 + dice.nextLong(failover * 4 / 10),
        () -> {
          if (over) {
            victim.toStore.slow(0, 0);
          } else {
            cutOffFromStore(victim);
          }
        });
  }

  private void cutOffFromKinesis(@Nullable Member victim) {
    if (victim == null) {
      return;
    }
    long nanos = upTo(weather.longestFailover());
    trace.say("Kinesis is out of reach for %s for %d ms", victim.id(), nanos / 1_000_000);
    victim.toKinesis.cutOff(true);
    time.after(nanos, () -> victim.toKinesis.cutOff(false));
  }

  private void degrade(String how, NetworkFaults faults) {
    long nanos = upTo(weather.longestFailover());
    boolean storeOnly = dice.nextBoolean();
    trace.say("%s is %s for %d ms", storeOnly ? "the store" : "everything", how, nanos / 1_000_000);
    if (storeOnly) {
      fleet.storeFaults(faults);
    } else {
      fleet.faults(faults);
    }
    time.after(
        nanos,
        () -> {
          if (!over) {
            fleet.storeFaults(null);
            fleet.faults(weather.network());
          }
        });
  }

  /** Every handler throws for a while: records pile up behind, and shards end with work undone. */
  private void breakDownstream() {
    long nanos = upTo(weather.longestFailover());
    trace.say("handlers throw for %d ms", nanos / 1_000_000);
    outageEndNanos = time.nowNanos() + nanos;
    if (dice.nextBoolean()) {
      reshard();
    }
  }

  private void setClock(@Nullable Member worker) {
    if (worker == null) {
      return;
    }
    long seconds = dice.nextLong(2 * LONGEST_CLOCK_JUMP_SECONDS) - LONGEST_CLOCK_JUMP_SECONDS;
    trace.say("the wall clock of %s is %d s off", worker.id(), seconds);
    worker.process.setWallClock(Duration.ofSeconds(seconds));
  }

  /** Many start at once, or all but one die at once. */
  private void comeAndGoInCrowds() {
    List<Member> up = fleet.up();
    if (dice.nextBoolean()) {
      for (int i = 0; i < CROWD; i++) {
        fleet.start();
      }
    } else {
      for (Member member : up.subList(Math.min(1, up.size()), up.size())) {
        trace.say("kill %s", member.id());
        member.process.kill();
      }
    }
  }

  private void startTwinOrChangeMode() {
    if (dice.nextBoolean()) {
      startTwin(anyone());
    } else {
      changeMode();
    }
  }

  private void startTwin(@Nullable Member original) {
    if (original != null) {
      trace.say("a twin of %s", original.id());
      fleet.start(original.id());
    }
  }

  /** A process that stands still is replaced under its id, and goes on nevertheless. */
  private void replaceFrozen(@Nullable Member frozen) {
    if (frozen != null && !frozen.process.isPaused()) {
      pause(frozen, false);
      startTwin(frozen);
    }
  }

  private Duration anyDelay() {
    return Duration.ofMillis(50 + dice.nextInt(2_950));
  }

  /** What an operator may do. */
  private void changeMode() {
    FleetMode mode = tables.mode();
    if (mode != null) {
      HeartbeatMode next =
          mode.heartbeats() == HeartbeatMode.PER_LEASE
              ? HeartbeatMode.PER_WORKER
              : HeartbeatMode.PER_LEASE;
      trace.say("the mode becomes %s", next);
      var changed = tables.store().changeMode(mode.withHeartbeats(next, true));
      assert changed != null;
    }
  }

  private void reshard() {
    long open = stored.shards().stream().filter(ShardInfo::isOpen).count();
    int target = 1 + dice.nextInt(weather.mostShards());
    if (target != open) {
      trace.say("reshard from %d to %d", open, target);
      try {
        kinesis.scale(stream, target);
      } catch (KinesisError busy) {
        trace.say("the stream is still changing");
      }
    }
  }

  private long upTo(Duration longest) {
    return dice.nextLong(longest.toNanos());
  }
}
