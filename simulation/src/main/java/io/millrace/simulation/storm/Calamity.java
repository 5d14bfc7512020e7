package io.millrace.simulation.storm;

import io.millrace.consumer.ConsumerSettings.Heartbeats;
import io.millrace.consumer.lease.Lease;
import io.millrace.simulation.storm.Fleet.Member;
import io.millrace.simulation.world.Fate;
import io.millrace.simulation.world.SharedTables;
import io.millrace.simulation.world.VirtualTime;
import java.time.Duration;

/**
 * What goes wrong at one moment only, for which chance would need more storms than a build has time
 * for. Two workers share one shard: its holder, and an observer of it.
 */
public enum Calamity {
  /**
   * The holder loses the store for so long that the observer fences it, and has it back just then:
   * its next heartbeat arrives before the fence does.
   */
  HEARTBEAT_BEFORE_THE_FENCE(Duration.ofSeconds(10), Duration.ofSeconds(50)) {
    @Override
    void strike(VirtualTime time, Member holder, Member observer) {
      holder.toStore.cutOff(true);
      boolean[] sent = {false};
      boolean[] heard = {false};
      observer.toStore.intercept(
          (method, fate) -> {
            if (!method.equals("fence") || heard[0]) {
              return fate;
            }
            if (sent[0]) {
              return new Fate(Fate.Kind.LOST_REQUEST, 0, 0, -1);
            }
            sent[0] = true;
            holder.toStore.cutOff(false);
            return new Fate(Fate.Kind.LOST_REPLY, LATE.toNanos(), 0, -1);
          });
      holder.toStore.intercept(
          (method, fate) -> {
            if (method.equals("heartbeat") && sent[0] && !heard[0]) {
              heard[0] = true;
              // It counts on this one for a while, and hears nothing of the fence.
              time.after(MOMENT, () -> holder.toStore.cutOff(true));
              time.after(LATE.plusSeconds(3), () -> holder.toStore.cutOff(false));
            }
            return fate;
          });
    }
  },

  /**
   * A heartbeat arrives a second time when the next one has just landed, and then the holder loses
   * the store: it counts on the newer one, of which the observer sees nothing.
   */
  HEARTBEAT_AFTER_A_NEWER_ONE(Duration.ofSeconds(10), Duration.ofSeconds(40)) {
    @Override
    void strike(VirtualTime time, Member holder, Member observer) {
      int[] heartbeats = {0};
      holder.toStore.intercept(
          (method, fate) -> {
            if (!method.equals("heartbeat")) {
              return fate;
            }
            heartbeats[0]++;
            if (heartbeats[0] == 2) {
              time.after(MOMENT, () -> holder.toStore.cutOff(true));
              time.after(Duration.ofSeconds(14), () -> holder.toStore.cutOff(false));
            }
            return heartbeats[0] == 1
                ? new Fate(fate.kind(), fate.thereNanos(), fate.backNanos(), ECHO.toNanos())
                : fate;
          });
    }
  },

  /**
   * The holder loses the store after a heartbeat, and its clock is as much slower than the
   * observer's as may be. In the failover time its own two clocks come apart by less than a second,
   * or it would take that for a suspension.
   */
  CLOCKS_AS_FAR_APART_AS_MAY_BE(Duration.ofSeconds(100), Duration.ofSeconds(160)) {
    @Override
    double clockRate(int worker) {
      return worker == 1 ? 1 - MOST_DRIFT : 1 + MOST_DRIFT;
    }

    @Override
    void strike(VirtualTime time, Member holder, Member observer) {
      holder.toStore.intercept(
          (method, fate) -> {
            if (method.equals("heartbeat")) {
              time.after(MOMENT, () -> holder.toStore.cutOff(true));
            }
            return fate;
          });
    }
  };

  private static final Duration MOMENT = Duration.ofMillis(100);

  /** When a delayed fence arrives: later than a worker repeats a heartbeat that got no reply. */
  private static final Duration LATE = Duration.ofMillis(4_500);

  /** Just longer than from one heartbeat to the next. */
  private static final Duration ECHO = Duration.ofMillis(3_010);

  private static final double MOST_DRIFT = 0.009;
  private static final Duration AT_WORK = Duration.ofSeconds(20);

  private final Duration failoverTime;
  private final Duration storm;

  Calamity(Duration failoverTime, Duration storm) {
    this.failoverTime = failoverTime;
    this.storm = storm;
  }

  Weather weather() {
    return Weather.calm(storm, 1, 2, failoverTime, Heartbeats.PER_WORKER);
  }

  /** Starts the holder and, when it has the shard, the observer; then comes what has to. */
  void begin(VirtualTime time, Fleet fleet, SharedTables tables) {
    fleet.start("holder", clockRate(1));
    time.after(AT_WORK.dividedBy(2), () -> fleet.start("observer", clockRate(2)));
    time.after(
        AT_WORK,
        () -> {
          for (Lease lease : tables.leases().values()) {
            if (!lease.isHeldBy("holder")) {
              throw new IllegalStateException("the holder lacks its lease: " + lease);
            }
          }
          strike(time, fleet.upNow("holder"), fleet.upNow("observer"));
        });
  }

  /** How fast the clock of the first or second worker runs. */
  double clockRate(int worker) {
    return 1;
  }

  abstract void strike(VirtualTime time, Member holder, Member observer);
}
