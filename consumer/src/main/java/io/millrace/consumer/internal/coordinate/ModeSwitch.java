package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.ConsumerSettings.Heartbeats;
import io.millrace.consumer.internal.hold.HeldLease;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.member.FleetWatch;
import io.millrace.consumer.internal.member.Membership;
import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.LeaseStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the fleet's mode row: how it heartbeats, and whether it is paused. Changes the heartbeats
 * itself in one case only: when a KCL shows its hand. Confined to the loop.
 */
final class ModeSwitch {
  private static final Logger LOG = LoggerFactory.getLogger(ModeSwitch.class);

  /** How many workers list the table while leases are judged by their counters; fewer: 3, 2, 1. */
  private static final int MOST_LISTERS = 6;

  private static final int FEW_LISTERS = 3;

  private final EventLoop loop;
  private final LeaseStore store;
  private final FleetWatch watch;
  private final Membership membership;
  private final HeldLeases held;
  private final WorkerSettings settings;
  private final Switched switched;
  private long followed;
  private boolean paused;
  private boolean kclReported;
  private boolean stopped;

  /** Who acts on what the mode says. */
  interface Switched {
    /** The application is paused, or goes on. */
    void paused(boolean paused);

    /** The rows have to be read: what moves in them is the only witness of a KCL. */
    void listTable();
  }

  ModeSwitch(
      EventLoop loop,
      LeaseStore store,
      FleetWatch watch,
      Membership membership,
      HeldLeases held,
      WorkerSettings settings,
      Switched switched) {
    this.loop = loop;
    this.store = store;
    this.watch = watch;
    this.membership = membership;
    this.held = held;
    this.settings = settings;
    this.switched = switched;
  }

  boolean isPerLease() {
    return watch.heartbeats() == HeartbeatMode.PER_LEASE;
  }

  /** Whether an operator has paused the application. */
  boolean isPaused() {
    return paused;
  }

  /** What an operator should know of it, a line each. */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    if (kclReported && !isPerLease()) {
      problems.add("a KCL works on the lease table, which heartbeats per worker");
    }
    if (paused) {
      problems.add("the application is paused by an operator");
    }
    return problems;
  }

  void stop() {
    stopped = true;
  }

  /** The worker rows were read, and with them the mode. */
  void follow() {
    FleetMode mode = watch.mode().orElse(null);
    if (mode == null || mode.version() == followed) {
      return;
    }
    followed = mode.version();
    for (HeldLease lease : held.all()) {
      heartbeatAsTheFleetDoes(lease);
    }
    membership.acknowledgeMode(mode.version());
    if (isPerLease()) {
      // Whoever sets it back to heartbeats per worker means a table that the KCL has left.
      kclReported = false;
    }
    if (mode.paused() != paused) {
      paused = mode.paused();
      LOG.info("Application {} is {}", settings.application(), paused ? "paused" : "resumed");
      switched.paused(paused);
    }
  }

  /** A lease is held anew, or the mode has changed. */
  void heartbeatAsTheFleetDoes(HeldLease lease) {
    if (isPerLease()) {
      lease.renewEvery(settings.timing().renewalNanos());
    } else {
      lease.renewNoMore();
    }
  }

  /**
   * Per lease, listings are the only witness of a KCL's death: the fleet shares six of them in each
   * failover time, however many workers it has. Whoever lists does so in such steps that the one
   * which ends the failover time is not missed by a moment.
   */
  void listWhilePerLease() {
    if (stopped) {
      return;
    }
    List<String> live = watch.liveWith(settings.worker(), loop.nowNanos());
    int listers = live.size() < MOST_LISTERS ? Math.min(live.size(), FEW_LISTERS) : MOST_LISTERS;
    long interval = settings.timing().justOverFailoverNanos() * listers / MOST_LISTERS;
    loop.after(
        interval,
        () -> {
          boolean mine = live.indexOf(settings.worker()) < listers;
          if (mine && !stopped && isPerLease()) {
            switched.listTable();
          }
          listWhilePerLease();
        });
  }

  /** A KCL works on the table: its heartbeats are the leases' counters, and so must be ours. */
  void signOfKcl(String sign) {
    if (stopped || isPerLease()) {
      return;
    }
    if (!kclReported) {
      kclReported = true;
      LOG.error(
          "A KCL works on the lease table of application {} ({}), which heartbeats per worker: to"
              + " it every lease looks expired. Nothing is lost, but records are processed twice",
          settings.application(),
          sign);
    }
    Optional<FleetMode> mode = watch.mode();
    boolean ours = settings.consumer().heartbeats() == Heartbeats.AUTO;
    if (ours && mode.isPresent() && !mode.get().chosen()) {
      FleetMode next = mode.get().withHeartbeats(HeartbeatMode.PER_LEASE, false);
      // The next poll shows whose change it was.
      loop.request(
          () -> store.changeMode(next), settings.timing().attemptNanos(), (outcome, failure) -> {});
    }
  }
}
