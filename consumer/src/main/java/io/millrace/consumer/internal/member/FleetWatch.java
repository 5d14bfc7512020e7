package io.millrace.consumer.internal.member;

import io.millrace.consumer.internal.loop.Sight;
import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.LeaseStore.FleetView;
import io.millrace.consumer.lease.Notice;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WorkerRow.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the worker rows say, and since when on this observer's own clock.
 *
 * <p>A reading may be stale; what is concluded from it is tested by the condition of a write. Only
 * one conclusion is final and kept: that an ownership period is over. Confined to the loop.
 */
public final class FleetWatch {
  private final String self;
  private final Map<String, Peer> peers = new HashMap<>();
  private final Map<Owner, Long> missingSince = new HashMap<>();
  private final Set<Owner> over = new HashSet<>();
  private final Sight sight = new Sight(0);
  private @Nullable FleetMode mode;

  /** Creates a watch that has seen nothing, for a worker with this id. */
  public FleetWatch(String self) {
    this.self = self;
  }

  /**
   * What a reading brought that was not known before.
   *
   * @param notices of peers, oldest first for each
   * @param missedNotices whether a peer posted more than its row keeps
   * @param membersChanged whether a peer has come, is leaving, was fenced or has gone
   * @param leftWithLeases whether a peer was fenced that had leases by its own last word
   * @param blindNanos for how long nothing could be read before; 0 if no reading had failed
   */
  public record News(
      List<Notice> notices,
      boolean missedNotices,
      boolean membersChanged,
      boolean leftWithLeases,
      long blindNanos) {}

  /** How an ownership period stands. */
  public enum Standing {
    /** Its worker lives, as far as is known. */
    LIVE,
    /** Its worker gives its leases back. */
    LEAVING,
    /** It is over for good: its leases may be taken. */
    OVER,
    /** Its worker has no row. */
    MISSING,
    /** Its worker's row shows another epoch: a consistent read decides whether this one is over. */
    UNCERTAIN
  }

  /** A reading has failed: what comes next may be all that was missed. */
  public void readingFailed() {
    sight.failed();
  }

  /** For how long nothing could be read; 0 if no reading has failed since the last. */
  public long blindNanos(long nowNanos) {
    return sight.blindNanos(nowNanos);
  }

  /**
   * Takes in a reading whose reply has just arrived.
   *
   * <p>If readings have failed for a while, the peers' heartbeats may have failed as well: a peer
   * whose heartbeat has not moved since then gets its time anew, but no heartbeat gets it twice.
   */
  public News arrived(FleetView view, long nowNanos) {
    sawMode(view.mode());
    long blindNanos = sight.read(nowNanos);
    List<Notice> notices = new ArrayList<>();
    boolean missed = false;
    boolean changed = false;
    boolean left = false;
    Set<String> seen = new HashSet<>();
    for (WorkerRow row : view.workers()) {
      seen.add(row.worker());
      Peer known = peers.get(row.worker());
      if (known == null) {
        known = new Peer(row, nowNanos);
        peers.put(row.worker(), known);
        changed = true;
      } else {
        boolean wasFenced = known.row.state() == State.FENCED;
        changed |= known.moved(row, nowNanos);
        known.excuse(blindNanos, nowNanos);
        left |= !wasFenced && row.state() == State.FENCED && row.leaseCount() > 0;
      }
      if (!row.worker().equals(self)) {
        missed |= known.readNotices(notices);
      }
      if (row.state() == State.FENCED) {
        over.add(new Owner(row.worker(), row.epoch()));
      }
    }
    changed |= peers.keySet().removeIf(worker -> !seen.contains(worker));
    missingSince.keySet().removeIf(owner -> seen.contains(owner.worker()));
    return new News(notices, missed, changed, left, blindNanos);
  }

  /** A reading may be older than the last, and show an older mode, or none yet. */
  private void sawMode(@Nullable FleetMode shown) {
    if (shown != null && (mode == null || shown.version() > mode.version())) {
      mode = shown;
    }
  }

  /** A peer was fenced by a write of this worker, or was found so by a consistent read. */
  public void fenced(WorkerRow row) {
    over.add(new Owner(row.worker(), row.epoch()));
    Peer known = peers.get(row.worker());
    if (known != null && known.row.epoch() == row.epoch()) {
      known.row = row;
    }
  }

  /** A consistent read, made after a lease was seen to name the owner, shows that it is over. */
  public void over(Owner owner) {
    over.add(owner);
  }

  /** Forgets what is over and named by no lease any more. */
  public void retainOver(Collection<Owner> named) {
    over.retainAll(named);
    missingSince.keySet().retainAll(named);
  }

  /** How an ownership period that a lease names stands. */
  public Standing standing(Owner owner) {
    if (over.contains(owner)) {
      return Standing.OVER;
    }
    Peer peer = peers.get(owner.worker());
    if (peer == null) {
      return Standing.MISSING;
    }
    if (peer.row.epoch() != owner.epoch()) {
      return Standing.UNCERTAIN;
    }
    return switch (peer.row.state()) {
      case LIVE -> Standing.LIVE;
      case LEAVING -> Standing.LEAVING;
      case FENCED -> Standing.OVER;
    };
  }

  /**
   * Whether an owner without a row has been without one for {@code failoverNanos}, counted from the
   * first call.
   */
  public boolean isMissingFor(Owner owner, long failoverNanos, long nowNanos) {
    long since = missingSince.computeIfAbsent(owner, first -> nowNanos);
    return nowNanos - since >= failoverNanos;
  }

  /** The rows of peers whose heartbeat has not moved for their own failover time. */
  public List<WorkerRow> silent(long nowNanos) {
    List<WorkerRow> silent = new ArrayList<>();
    for (Peer peer : peers.values()) {
      if (!peer.row.worker().equals(self)
          && peer.row.state() != State.FENCED
          && peer.isSilent(nowNanos)) {
        silent.add(peer.row);
      }
    }
    return silent;
  }

  /** The rows of workers that take leases, this one's own too if it has been read. */
  public List<WorkerRow> live(long nowNanos) {
    return peers.values().stream()
        .filter(peer -> peer.row.state() == State.LIVE && !peer.isSilent(nowNanos))
        .map(peer -> peer.row)
        .toList();
  }

  /** The rows of peers that take leases and heartbeat: silent for less than half of their time. */
  public List<WorkerRow> beating(long nowNanos) {
    return peers.values().stream()
        .filter(
            peer ->
                peer.row.state() == State.LIVE
                    && !peer.row.worker().equals(self)
                    && 2 * (nowNanos - peer.sinceNanos) < peer.row.failoverTime().toNanos())
        .map(peer -> peer.row)
        .toList();
  }

  /** Whether a peer has begun to give its leases back within the last {@code nanos}. */
  public boolean isAnyLeaving(long nanos, long nowNanos) {
    for (Peer peer : peers.values()) {
      if (peer.row.state() == State.LEAVING
          && !peer.row.worker().equals(self)
          && nowNanos - peer.stateSinceNanos < nanos) {
        return true;
      }
    }
    return false;
  }

  /** The ids of all workers that take leases, {@code worker} among them, in order. */
  public List<String> liveWith(String worker, long nowNanos) {
    Set<String> ids = new TreeSet<>();
    ids.add(worker);
    live(nowNanos).forEach(row -> ids.add(row.worker()));
    return List.copyOf(ids);
  }

  /** Rows that were fenced, and have stood so for {@code nanos}. */
  public List<WorkerRow> fencedFor(long nanos, long nowNanos) {
    return peers.values().stream()
        .filter(peer -> peer.row.state() == State.FENCED && nowNanos - peer.sinceNanos >= nanos)
        .map(peer -> peer.row)
        .toList();
  }

  /** All rows as last read. */
  public List<WorkerRow> rows() {
    return peers.values().stream().map(peer -> peer.row).toList();
  }

  /** The row of a worker as last read. */
  public Optional<WorkerRow> row(String worker) {
    return Optional.ofNullable(peers.get(worker)).map(peer -> peer.row);
  }

  /** The fleet's mode: the newest that any reading has shown. */
  public Optional<FleetMode> mode() {
    return Optional.ofNullable(mode);
  }

  /** How the fleet heartbeats, as far as is known. */
  public HeartbeatMode heartbeats() {
    return mode == null ? HeartbeatMode.PER_WORKER : mode.heartbeats();
  }

  /**
   * Whether an owner that a lease names is no worker of ours: it has no row, and beside it stands
   * no epoch, or that of another worker. The KCL leaves both when it takes a lease: it removes
   * nothing that it does not know.
   */
  public boolean isStranger(Owner owner) {
    Peer peer = peers.get(owner.worker());
    if (peer != null && !FailureDetector.isTombstone(peer.row)) {
      return false;
    }
    return owner.epoch() == Owner.NO_EPOCH
        || peers.values().stream()
            .anyMatch(
                other ->
                    other.row.epoch() == owner.epoch()
                        && !other.row.worker().equals(owner.worker()));
  }

  /** One worker's row, and since when it has been the same. */
  private static final class Peer {
    private WorkerRow row;
    private long sinceNanos;
    private long stateSinceNanos;
    private boolean excused;
    private long noticesRead;

    Peer(WorkerRow row, long nowNanos) {
      this.row = row;
      this.sinceNanos = nowNanos;
      this.stateSinceNanos = nowNanos;
    }

    boolean isSilent(long nowNanos) {
      return nowNanos - sinceNanos >= row.failoverTime().toNanos();
    }

    /** Returns whether the worker's standing has changed. */
    boolean moved(WorkerRow next, long nowNanos) {
      boolean samePeriod =
          row.incarnation().equals(next.incarnation()) && row.epoch() == next.epoch();
      boolean sameState = row.state() == next.state();
      if (!row.incarnation().equals(next.incarnation())) {
        noticesRead = 0;
      }
      if (!next.unmovedSince(row) || !sameState) {
        sinceNanos = nowNanos;
        excused = false;
      }
      if (!sameState) {
        stateSinceNanos = nowNanos;
      }
      row = next;
      return !samePeriod || !sameState;
    }

    /** Counts anew after a time in which a heartbeat was due and nobody could have seen it. */
    void excuse(long blindNanos, long nowNanos) {
      if (!excused && blindNanos >= FailoverTiming.of(row.failoverTime()).heartbeatNanos()) {
        sinceNanos = nowNanos;
        excused = true;
      }
    }

    /** Adds what is new; returns whether some was missed. */
    boolean readNotices(List<Notice> fresh) {
      boolean missed = false;
      for (Notice notice : row.notices()) {
        if (notice.sequence() > noticesRead) {
          missed |= notice.sequence() > noticesRead + 1;
          noticesRead = notice.sequence();
          fresh.add(notice);
        }
      }
      return missed;
    }
  }
}
