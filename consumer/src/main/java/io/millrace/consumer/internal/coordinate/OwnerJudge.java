package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.member.FailoverTiming;
import io.millrace.consumer.internal.member.FleetWatch;
import io.millrace.consumer.internal.member.Membership;
import io.millrace.consumer.internal.table.LeaseTable;
import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.WorkerRow;
import org.jspecify.annotations.Nullable;

/**
 * Who holds a lease, as far as this worker may conclude. Confined to the loop.
 *
 * <p>A lease whose owner has an epoch is judged by that epoch alone: it is free once the epoch is
 * known to be over for good. A lease whose heartbeat is its own counter is free once that was not
 * seen to move for the failover time; nothing is judged so while a worker still heartbeats in the
 * other mode only.
 */
final class OwnerJudge {
  private final EventLoop loop;
  private final LeaseTable table;
  private final FleetWatch watch;
  private final Membership membership;
  private final FailoverTiming timing;
  private @Nullable Long followedSince;

  OwnerJudge(
      EventLoop loop,
      LeaseTable table,
      FleetWatch watch,
      Membership membership,
      FailoverTiming timing) {
    this.loop = loop;
    this.table = table;
    this.watch = watch;
    this.membership = membership;
    this.timing = timing;
  }

  /** Who holds a lease. */
  enum Verdict {
    /** Nobody, or a period that is over: it may be taken. */
    FREE,
    /** This worker in its present period. */
    ME,
    /** A peer that lives, as far as is known. */
    PEER,
    /** Somebody who is about to lose it, or who can't be judged yet: hands off. */
    PASSING
  }

  Verdict judge(Lease lease) {
    Owner holder = lease.holderPeriod().orElse(null);
    if (holder == null) {
      return Verdict.FREE;
    }
    Owner me = membership.me();
    if (holder.worker().equals(me.worker())) {
      // An earlier period of this worker is over: its own registration has ended it.
      return holder.epoch() == periodOfMine().epoch() ? Verdict.ME : Verdict.FREE;
    }
    if (holder.epoch() != Owner.NO_EPOCH) {
      Verdict byEpoch =
          switch (watch.standing(holder)) {
            case OVER -> Verdict.FREE;
            case LIVE -> Verdict.PEER;
            case LEAVING, MISSING, UNCERTAIN -> Verdict.PASSING;
          };
      if (byEpoch == Verdict.FREE || mode() == HeartbeatMode.PER_WORKER) {
        return byEpoch;
      }
    }
    return judgeByCounter(lease, holder);
  }

  private Verdict judgeByCounter(Lease lease, Owner holder) {
    if (!everybodyFollowsTheMode()) {
      followedSince = null;
    } else if (followedSince == null) {
      followedSince = loop.nowNanos();
    }
    // A counter that stood still before everybody heartbeat by it says nothing.
    boolean expired =
        followedSince != null
            && loop.nowNanos() - followedSince >= timing.failoverNanos()
            && table.unmovedNanos(lease.key(), loop.nowNanos()) >= timing.failoverNanos();
    if (expired) {
      return Verdict.FREE;
    }
    return watch.row(holder.worker()).isPresent() ? Verdict.PEER : Verdict.PASSING;
  }

  /** Whether every live worker heartbeats as the mode says. */
  private boolean everybodyFollowsTheMode() {
    long version = watch.mode().map(FleetMode::version).orElse(0L);
    return watch.live(loop.nowNanos()).stream()
        .mapToLong(WorkerRow::modeVersion)
        .allMatch(acknowledged -> acknowledged >= version);
  }

  HeartbeatMode mode() {
    return watch.mode().map(FleetMode::heartbeats).orElse(HeartbeatMode.PER_WORKER);
  }

  /** What this worker's takes write as their owner. */
  Owner periodOfMine() {
    return mode() == HeartbeatMode.PER_WORKER
        ? membership.me()
        : new Owner(membership.me().worker(), Owner.NO_EPOCH);
  }
}
