package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.member.FailoverTiming;
import io.millrace.consumer.internal.member.FleetWatch;
import io.millrace.consumer.internal.member.Membership;
import io.millrace.consumer.internal.table.LeaseTable;
import io.millrace.consumer.internal.table.TableReader;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.Owner;

/**
 * Who holds a lease, as far as this worker may conclude. Confined to the loop.
 *
 * <p>A lease of a worker of ours is judged by its owner's epoch alone, in both modes: it is free
 * once that is known to be over for good. A lease of anybody else is free once its counter was not
 * seen to move for the failover time. After a time in which this worker could not read the rows
 * that time counts anew, once for each counter: see {@link LeaseTable#excuse}.
 */
final class OwnerJudge {
  private final EventLoop loop;
  private final LeaseTable table;
  private final TableReader reader;
  private final FleetWatch watch;
  private final Membership membership;
  private final FailoverTiming timing;

  OwnerJudge(
      EventLoop loop,
      LeaseTable table,
      TableReader reader,
      FleetWatch watch,
      Membership membership,
      FailoverTiming timing) {
    this.loop = loop;
    this.table = table;
    this.reader = reader;
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
      return holder.epoch() == me.epoch() ? Verdict.ME : Verdict.FREE;
    }
    boolean ours =
        !watch.isStranger(holder)
            && (watch.heartbeats() == HeartbeatMode.PER_WORKER
                || watch.row(holder.worker()).isPresent());
    return ours ? judgeByEpoch(holder) : judgeByCounter(lease);
  }

  private Verdict judgeByEpoch(Owner holder) {
    return switch (watch.standing(holder)) {
      case OVER -> Verdict.FREE;
      case LIVE -> Verdict.PEER;
      case LEAVING, MISSING, UNCERTAIN -> Verdict.PASSING;
    };
  }

  /**
   * Whether a worker that could not read the rows for so long may have missed that a counter moved,
   * and a KCL may have been kept from moving it: it does so each third of its failover time.
   */
  boolean isBlind(long blindNanos) {
    return blindNanos >= timing.heartbeatNanos();
  }

  /** A KCL that takes a lease leaves our epoch on the row: that says nothing about the KCL. */
  private Verdict judgeByCounter(Lease lease) {
    if (isBlind(watch.blindNanos(loop.nowNanos())) || isBlind(reader.blindNanos())) {
      return Verdict.PASSING;
    }
    long unmovedNanos = table.unmovedNanos(lease.key(), loop.nowNanos());
    return unmovedNanos >= timing.failoverNanos() ? Verdict.FREE : Verdict.PASSING;
  }
}
