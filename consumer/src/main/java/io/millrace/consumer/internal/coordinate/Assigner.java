package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.internal.assign.Assignable;
import io.millrace.consumer.internal.assign.AssignmentPlan;
import io.millrace.consumer.internal.assign.Move;
import io.millrace.consumer.internal.assign.WorkerCapacity;
import io.millrace.consumer.internal.coordinate.OwnerJudge.Verdict;
import io.millrace.consumer.internal.discover.ConsumedStream;
import io.millrace.consumer.internal.hold.HeldLease;
import io.millrace.consumer.internal.hold.LeaseTaker;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.loop.Timer;
import io.millrace.consumer.internal.member.FleetWatch;
import io.millrace.consumer.internal.member.Membership;
import io.millrace.consumer.internal.member.SelfFence;
import io.millrace.consumer.internal.table.LeaseTable;
import io.millrace.consumer.internal.table.TableReader;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.Notice;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries this worker's part of the fleet's plan out: takes what is free, claims what is due for
 * balance, and adopts what names this worker without its running it.
 *
 * <p>What it knows may be stale. It proposes; the conditions of the writes decide, and a lost race
 * shows the row as it is. Confined to the loop.
 */
final class Assigner {
  private static final Logger LOG = LoggerFactory.getLogger(Assigner.class);

  private static final int TAKES_UNDER_WAY = 64;
  private static final long SOON_NANOS = Duration.ofMillis(5).toNanos();

  /** A plan looks at every lease: where there are thousands, more time passes between two. */
  private static final long BETWEEN_PLANS_PER_LEASE_NANOS = Duration.ofNanos(20_000).toNanos();

  private static final long AGAIN_NANOS = Duration.ofMillis(100).toNanos();
  private static final long CLAIM_CHECK_NANOS = Duration.ofSeconds(2).toNanos();

  private static final long FIRST_LOOK_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long LAST_LOOK_NANOS = Duration.ofSeconds(32).toNanos();

  /** How long a lease is left alone whose holder has cancelled a claim. */
  private static final long REST_NANOS = Duration.ofMinutes(5).toNanos();

  /** How long a lease is left alone that this worker has handed over. */
  private static final long HANDED_OVER_NANOS = Duration.ofSeconds(30).toNanos();

  /** How old a listing may be for claims to be planned from it. */
  private static final long FRESH_NANOS = Duration.ofSeconds(5).toNanos();

  /**
   * How many takes are tried in vain, or of what is left over, by what is known: a listing tells
   * for less than more of them would what is free indeed.
   */
  private static final int TRIES_WITHOUT_LISTING = 16;

  /** For how long after a claim its settlement is looked for all the time. */
  private static final long SETTLED_SOON_NANOS = Duration.ofSeconds(5).toNanos();

  private final EventLoop loop;
  private final LeaseTable table;
  private final TableReader reader;
  private final FleetWatch watch;
  private final Membership membership;
  private final HeldLeases held;
  private final LeaseTaker taker;
  private final OwnerJudge judge;
  private final SelfFence fence;
  private final WorkerSettings settings;
  private final RandomGenerator random;
  private final Grants grants;

  private final Map<LeaseKey, Owner> claimedFrom = new HashMap<>();
  private final FreeLeases free;
  private final Map<LeaseKey, Long> restUntil = new HashMap<>();
  private List<ConsumedStream> streams = List.of();

  /** Streams that are read no more; a write of then may still name this worker on a lease. */
  private final Set<ConsumedStream> former = new LinkedHashSet<>();

  private @Nullable Timer nextPlan;
  private long nextPlanNanos;
  private long listedNanos;
  private long claimedNanos;
  private int triedInVain;
  private boolean listed;
  private boolean isListing;
  private boolean stopped;
  private boolean paused;

  /** Where a lease that was taken goes. */
  interface Grants {
    /**
     * A lease was taken.
     *
     * @param sent when the take was first sent
     */
    void granted(Lease row, ConsumedStream stream, Owner period, SelfFence.Stamp sent);

    /** A lease was claimed: its holder's notice that it is transferred is waited for. */
    void claimed();
  }

  /** What an assigner looks at and acts through. */
  record Parts(
      EventLoop loop,
      LeaseTable table,
      TableReader reader,
      FleetWatch watch,
      Membership membership,
      HeldLeases held,
      LeaseTaker taker,
      OwnerJudge judge,
      SelfFence fence,
      RandomGenerator random) {}

  Assigner(Parts parts, WorkerSettings settings, Grants grants) {
    this.loop = parts.loop();
    this.table = parts.table();
    this.reader = parts.reader();
    this.watch = parts.watch();
    this.membership = parts.membership();
    this.held = parts.held();
    this.taker = parts.taker();
    this.judge = parts.judge();
    this.fence = parts.fence();
    this.random = parts.random();
    this.settings = settings;
    this.grants = grants;
    this.free = new FreeLeases(random);
    this.nextPlanNanos = loop.nowNanos();
  }

  /** Begins to plan for these streams. */
  void begin(List<ConsumedStream> consumed) {
    streams = List.copyOf(consumed);
    stopped = false;
    planSoon();
  }

  /** Plans for these streams from now on, if it plans at all. */
  void read(List<ConsumedStream> consumed) {
    former.addAll(streams);
    former.removeAll(consumed);
    streams = List.copyOf(consumed);
    planSoon();
  }

  /** A lease was handed over: this worker does not claim it back at once. */
  void handedOver(LeaseKey key) {
    restUntil.put(key, loop.nowNanos() + HANDED_OVER_NANOS);
    planSoon();
  }

  /** Plans and takes nothing more; claims that are under way are forgotten. */
  void stop() {
    stopped = true;
    claimedFrom.clear();
    free.clear();
  }

  /** Whether nothing is taken for now but what names this worker already, to be let go of. */
  void pause(boolean nextPaused) {
    paused = nextPaused;
    planSoon();
  }

  /** The stream of a lease, or null if this worker does not read it. */
  @Nullable ConsumedStream streamOf(LeaseKey key) {
    return among(streams, key);
  }

  private static @Nullable ConsumedStream among(Collection<ConsumedStream> streams, LeaseKey key) {
    for (ConsumedStream stream : streams) {
      if (stream.owns(key)) {
        return stream;
      }
    }
    return null;
  }

  // ---- what is seen

  /** The whole table was read. */
  void tableListed() {
    listed = true;
    listedNanos = loop.nowNanos();
    triedInVain = 0;
    free.retain(key -> table.get(key) != null);
    restUntil.keySet().removeIf(key -> table.get(key) == null);
    claimedFrom.keySet().removeIf(key -> table.get(key) == null);
    for (Lease lease : table.leases()) {
      consider(lease);
    }
    for (HeldLease lease : held.all()) {
      if (table.get(lease.key()) == null) {
        verify(lease);
      }
    }
    planSoon();
  }

  /** A listing does not show a held row; it may have been a stale one. */
  private void verify(HeldLease lease) {
    reader.read(
        lease.key(),
        (row, failure) -> {
          if (row == null && failure == null) {
            lease.lose();
          }
        });
  }

  /** One row was read. */
  void rowSeen(Lease row) {
    consider(row);
    Lease known = table.get(row.key());
    if (known != null
        && !held.contains(row.key())
        && mayPlan()
        && fence.isUp(loop.nowNanos())
        && judge.judge(known) == Verdict.ME) {
      // Handed over to this worker: the shard stands still until it is taken.
      adopt(known);
    }
    planSoon();
  }

  private boolean mayPlan() {
    return !stopped && membership.isMember();
  }

  private void consider(Lease row) {
    HeldLease mine = held.get(row.key());
    if (mine != null) {
      mine.sawRow(row);
    }
    if (row.isFinished()) {
      held.parentEnded(row.key());
    }
    Owner holder = claimedFrom.get(row.key());
    if (holder != null && !isClaimedByMe(row)) {
      claimedFrom.remove(row.key());
      if (row.holderPeriod().equals(Optional.of(holder))) {
        // Cancelled: its holder could not drain it in time, and would not at once either.
        restUntil.put(row.key(), loop.nowNanos() + REST_NANOS);
      }
    }
  }

  private boolean isClaimedByMe(Lease row) {
    return row.isClaimed() && row.owner().equals(Optional.of(membership.me().worker()));
  }

  /** Whether a holder is about to transfer a lease to this worker. */
  boolean awaitsTransfer() {
    return !claimedFrom.isEmpty() && loop.nowNanos() - claimedNanos < SETTLED_SOON_NANOS;
  }

  // ---- planning

  /** Plans in a moment, so that several reasons share one plan. */
  void planSoon() {
    planWithin(SOON_NANOS);
  }

  private void planWithin(long wantedNanos) {
    long nanos = Math.max(wantedNanos, nextPlanNanos - loop.nowNanos());
    if (nextPlan != null && nextPlan.isDueWithin(loop.nowNanos(), nanos)) {
      return;
    }
    if (nextPlan != null) {
      nextPlan.cancel();
    }
    nextPlan = loop.after(nanos, this::plan);
  }

  private void plan() {
    nextPlan = null;
    if (!mayPlan()) {
      return;
    }
    if (!fence.isUp(loop.nowNanos())) {
      planWithin(AGAIN_NANOS);
      return;
    }
    nextPlanNanos = loop.nowNanos() + BETWEEN_PLANS_PER_LEASE_NANOS * table.size();
    carryOut(AssignmentPlan.of(countedLeases(), workers()));
    if (!free.isEmpty()) {
      planWithin(free.leastPatienceNanos() / 4);
    }
  }

  /** What the plan is about; whatever names this worker without its running it is seen to. */
  private List<Assignable> countedLeases() {
    List<Assignable> leases = new ArrayList<>(table.size());
    for (Lease lease : table.leases()) {
      if (lease.isFinished()) {
        continue;
      }
      if (streamOf(lease.key()) != null) {
        Assignable assignable = assignable(lease);
        if (assignable != null) {
          leases.add(assignable);
        }
      } else if (judge.judge(lease) == Verdict.ME && !held.contains(lease.key())) {
        if (among(former, lease.key()) != null) {
          adopt(lease);
        } else {
          giveBack(lease);
        }
      }
    }
    return leases;
  }

  private void carryOut(List<Move> plan) {
    String me = membership.me().worker();
    boolean mayTake = triedInVain <= TRIES_WITHOUT_LISTING;
    boolean needsListing = !mayTake;
    for (Move move : plan) {
      boolean toMe = move.to().equals(me);
      if (move.isClaim()) {
        needsListing |= toMe && claim(move.lease());
      } else if (mayTake && toMe) {
        take(move.lease());
      } else if (mayTake && hasRoom() && free.isLeftOver(move.lease(), loop.nowNanos())) {
        needsListing |= takeLeftOver(move.lease());
      }
    }
    if (needsListing && !isListing) {
      isListing = true;
      reader.list(
          Consistency.EVENTUAL,
          failure -> {
            isListing = false;
            planWithin(AGAIN_NANOS);
          });
    }
  }

  /** How a lease counts in the plan; null if it does not. */
  private @Nullable Assignable assignable(Lease lease) {
    LeaseKey key = lease.key();
    String me = membership.me().worker();
    HeldLease mine = held.get(key);
    if (mine != null) {
      free.remove(key);
      return mine.isLoad()
          ? new Assignable(key, me, mine.throughputKBps(), mine.isMovable())
          : null;
    }
    double throughput = lease.throughputKBps().orElse(Double.NaN);
    if (taker.isUnderWay(key)) {
      return new Assignable(key, me, throughput, false);
    }
    Verdict verdict = judge.judge(lease);
    if (paused || lease.isPaused()) {
      free.remove(key);
      if (verdict == Verdict.ME) {
        adopt(lease);
      }
      return null;
    }
    if (!table.isGateOpen(lease)) {
      return null;
    }
    if (claimedFrom.containsKey(key) && verdict != Verdict.FREE) {
      return new Assignable(key, me, throughput, false);
    }
    if (verdict == Verdict.ME) {
      adopt(lease);
      return new Assignable(key, me, throughput, false);
    }
    if (verdict == Verdict.FREE) {
      free.add(key, loop.nowNanos());
      return new Assignable(key, null, throughput, false);
    }
    free.remove(key);
    // During a handoff the lease counts for who gets it.
    String counted = lease.owner().orElse("");
    boolean movable =
        verdict == Verdict.PEER && !lease.isClaimed() && lease.parked().isEmpty() && !rests(key);
    return new Assignable(key, counted, throughput, movable);
  }

  private boolean rests(LeaseKey key) {
    Long until = restUntil.get(key);
    if (until != null && loop.nowNanos() - until >= 0) {
      restUntil.remove(key);
      return false;
    }
    return until != null;
  }

  private List<WorkerCapacity> workers() {
    List<WorkerCapacity> workers = new ArrayList<>();
    String me = membership.me().worker();
    workers.add(new WorkerCapacity(me, settings.consumer().maxLeases()));
    for (WorkerRow row : watch.live(loop.nowNanos())) {
      if (!row.worker().equals(me)) {
        workers.add(new WorkerCapacity(row.worker(), row.maxLeases()));
      }
    }
    return workers;
  }

  /**
   * Which peer should get what of all that this worker holds, now that it leaves: as the plan of
   * the fleet without it has it. Peers that each plan for themselves, by what each has measured,
   * may leave a lease to each other for a while.
   */
  Map<LeaseKey, Owner> heirs() {
    List<Assignable> leases = new ArrayList<>();
    for (Lease lease : table.leases()) {
      HeldLease mine = held.get(lease.key());
      if (mine != null) {
        leases.add(new Assignable(lease.key(), null, mine.throughputKBps(), false));
      } else if (!lease.isFinished() && streamOf(lease.key()) != null && table.isGateOpen(lease)) {
        String counted = lease.owner().orElse("");
        double throughput = lease.throughputKBps().orElse(Double.NaN);
        leases.add(new Assignable(lease.key(), counted, throughput, false));
      }
    }
    Map<String, Owner> owners = new HashMap<>();
    List<WorkerCapacity> peers = new ArrayList<>();
    for (WorkerRow row : watch.beating(loop.nowNanos())) {
      peers.add(new WorkerCapacity(row.worker(), row.maxLeases()));
      owners.put(row.worker(), new Owner(row.worker(), row.epoch()));
    }
    Map<LeaseKey, Owner> heirs = new HashMap<>();
    for (Move move : AssignmentPlan.of(leases, peers)) {
      Owner heir = owners.get(move.to());
      if (heir != null) {
        heirs.put(move.lease(), heir);
      }
    }
    return heirs;
  }

  private boolean hasRoom() {
    return held.size() + taker.underWay() < settings.consumer().maxLeases();
  }

  /**
   * Takes what was planned for somebody else who has not taken it for long.
   *
   * @return whether so many seem to be free that a listing is needed first
   */
  private boolean takeLeftOver(LeaseKey key) {
    if (free.size() > TRIES_WITHOUT_LISTING && !free.isFreeSinceBefore(key, listedNanos)) {
      return true;
    }
    take(key);
    return false;
  }

  // ---- acting

  /** A row names this worker, and nothing here runs it: a lost reply, a transfer, an offer. */
  private void adopt(Lease lease) {
    loop.post(() -> take(lease.key()));
  }

  /** An operator has given it to this worker, which does not read its stream. */
  private void giveBack(Lease lease) {
    LOG.warn(
        "Lease {} was given to worker {}, which does not read its stream: it is given back",
        lease.key(),
        membership.me().worker());
    taker.giveBack(
        lease, membership.me(), () -> membership.notice(Notice.Kind.RELEASED, lease.key()));
  }

  private void take(LeaseKey key) {
    Lease observed = table.get(key);
    ConsumedStream stream = streamOf(key);
    if (stream == null) {
      stream = among(former, key);
    }
    if (observed == null
        || stream == null
        || stopped
        || !membership.isMember()
        || held.contains(key)
        || taker.isUnderWay(key)) {
      return;
    }
    if ((paused || observed.isPaused()) && judge.judge(observed) != Verdict.ME) {
      return;
    }
    if (taker.underWay() >= TAKES_UNDER_WAY) {
      planWithin(AGAIN_NANOS);
      return;
    }
    Owner period = membership.me();
    ConsumedStream taken = stream;
    SelfFence.Stamp sent = fence.sending(loop.nowNanos());
    taker.take(
        observed,
        period,
        stream.identity(),
        new LeaseTaker.Done() {
          @Override
          public void written(Lease row) {
            free.remove(key);
            claimedFrom.remove(key);
            grants.granted(row, taken, period, sent);
            planSoon();
          }

          @Override
          public void notWritten() {
            triedInVain++;
            planWithin(AGAIN_NANOS);
          }

          @Override
          public void inDoubt() {
            lookAgain(key, FIRST_LOOK_NANOS);
          }
        });
  }

  /** A write that was given up may land yet: whether it has is looked after for a minute. */
  private void lookAgain(LeaseKey key, long waitNanos) {
    planWithin(AGAIN_NANOS);
    if (waitNanos > LAST_LOOK_NANOS) {
      return;
    }
    loop.after(
        waitNanos,
        () -> {
          if (stopped || held.contains(key)) {
            return;
          }
          reader.read(
              key,
              (row, failure) -> {
                if (row != null) {
                  rowSeen(row);
                }
                lookAgain(key, 2 * waitNanos);
              });
        });
  }

  /**
   * Claims a lease from its holder.
   *
   * @return whether the plan is from too old a listing, so that one is needed first
   */
  private boolean claim(LeaseKey key) {
    Lease observed = table.get(key);
    if (observed == null || taker.underWay() >= TAKES_UNDER_WAY) {
      planWithin(AGAIN_NANOS);
      return false;
    }
    if (!listed || loop.nowNanos() - listedNanos > FRESH_NANOS) {
      return true;
    }
    taker.claim(
        observed,
        membership.me(),
        new LeaseTaker.Done() {
          @Override
          public void written(Lease row) {
            if (membership.isMember() && !stopped) {
              claimedFrom.put(key, observed.holderPeriod().orElseThrow());
              claimedNanos = loop.nowNanos();
              membership.notice(Notice.Kind.CLAIMED, key);
              grants.claimed();
              loop.after(CLAIM_CHECK_NANOS, () -> checkClaim(key));
            }
          }

          @Override
          public void notWritten() {
            planWithin(AGAIN_NANOS);
          }

          @Override
          public void inDoubt() {
            lookAgain(key, FIRST_LOOK_NANOS);
          }
        });
    return false;
  }

  /** A claim is settled by a notice; this is for notices that were missed. */
  private void checkClaim(LeaseKey key) {
    if (!claimedFrom.containsKey(key) || stopped) {
      return;
    }
    reader.read(
        key,
        (row, failure) -> {
          if (row != null) {
            rowSeen(row);
          }
          if (claimedFrom.containsKey(key)) {
            loop.after(CLAIM_CHECK_NANOS, () -> checkClaim(key));
          }
        });
  }

  /**
   * A shard was processed to its end by this worker: its children start here at once, unless that
   * would be more than this worker's share.
   */
  void takeChildren(Lease ended) {
    int live = Math.max(1, workers().size());
    int leases = 0;
    for (Lease lease : table.leases()) {
      leases += lease.isFinished() ? 0 : 1;
    }
    int share = Math.min((leases + live - 1) / live + 1, settings.consumer().maxLeases());
    for (ShardId child : ended.children()) {
      LeaseKey key = new LeaseKey(ended.key().stream(), child);
      Lease row = table.get(key);
      if (row != null
          && row.owner().isEmpty()
          && table.isGateOpen(row)
          && held.size() + taker.underWay() < share) {
        take(key);
      }
    }
    planSoon();
  }
}
