package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.ConsumerSettings.Heartbeats;
import io.millrace.consumer.internal.coordinate.OwnerJudge.Verdict;
import io.millrace.consumer.internal.discover.ConsumedStream;
import io.millrace.consumer.internal.discover.Discovery;
import io.millrace.consumer.internal.discover.StreamException;
import io.millrace.consumer.internal.discover.TableAudit;
import io.millrace.consumer.internal.hold.HeldLease;
import io.millrace.consumer.internal.hold.HoldParts;
import io.millrace.consumer.internal.hold.LeaseTaker;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.loop.Failures;
import io.millrace.consumer.internal.member.FailureDetector;
import io.millrace.consumer.internal.member.FleetWatch;
import io.millrace.consumer.internal.member.Membership;
import io.millrace.consumer.internal.member.SelfFence;
import io.millrace.consumer.internal.shard.ShardConsumerFactory;
import io.millrace.consumer.internal.table.LeaseTable;
import io.millrace.consumer.internal.table.TableReader;
import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.Notice;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of the fleet at work: what each event of membership, of the peers, of the table and of
 * the held leases means for the others. Confined to the loop.
 */
final class Coordination
    implements Membership.Listener,
        FailureDetector.Listener,
        HeldLease.Listener,
        Assigner.Grants,
        Auditor.Findings {
  private static final Logger LOG = LoggerFactory.getLogger(Coordination.class);

  /** How far apart the members look at an empty table, so that one of them fills it. */
  private static final long RANK_NANOS = Duration.ofMillis(300).toNanos();

  private static final int GREATEST_RANK = 5;
  private static final long FIRST_LOOK_NANOS = Duration.ofSeconds(4).toNanos();
  private static final long SCAN_NANOS = Duration.ofSeconds(1).toNanos();

  /** How many workers list the table while leases are judged by their counters; fewer: 3, 2, 1. */
  private static final int MOST_LISTERS = 6;

  private static final int FEW_LISTERS = 3;

  /** How long it takes a heartbeat to be sent and a poll to be answered. */
  private static final long ANNOUNCED_NANOS = Duration.ofMillis(150).toNanos();

  /** For how long a leaving peer's notices are looked for all the time. */
  private static final long LEAVES_SOON_NANOS = Duration.ofSeconds(30).toNanos();

  private final EventLoop loop;
  private final LeaseStore store;
  private final LeaseTable table;
  private final TableReader reader;
  private final WorkerSettings settings;
  private final SelfFence fence;

  /** Streams whose shards could not be found, and why. */
  private final Map<String, String> incomplete = new TreeMap<>();

  private final Discovery discovery;
  private final FleetWatch watch;
  private final Membership membership;
  private final FailureDetector detector;
  private final OwnerJudge judge;
  private final HeldLeases held = new HeldLeases();
  private final HoldParts holdParts;
  private final Assigner assigner;
  private final Auditor auditor;
  private final Ends ends;

  private List<ConsumedStream> streams = List.of();
  private long tableGeneration;
  private boolean registeredBefore;
  private boolean leaving;
  private boolean stopped;
  private boolean kclReported;
  private long acknowledgedMode;
  private long lookAgainNanos = FIRST_LOOK_NANOS;
  private long nextLookNanos;

  /** How the work ends, and when it begins. */
  interface Ends {
    /** The worker is registered. */
    void registered();

    /** Going on would corrupt progress, or can't be. */
    void failed(RuntimeException cause);

    /** A leaving worker holds nothing any more. */
    void allReleased();
  }

  Coordination(
      Discovery.Parts parts,
      FleetWatch watch,
      ShardConsumerFactory consumers,
      SelfFence fence,
      WorkerSettings settings,
      Ends ends) {
    this.loop = parts.loop();
    this.store = parts.store();
    this.table = parts.table();
    this.reader = parts.reader();
    this.settings = settings;
    this.fence = fence;
    this.ends = ends;
    this.nextLookNanos = loop.nowNanos();
    this.watch = watch;
    this.discovery = new Discovery(parts, created -> notice(Notice.Kind.CREATED, created.key()));
    this.membership =
        new Membership(
            loop,
            store,
            new Membership.Identity(
                settings.worker(), settings.incarnation(), settings.consumer().maxLeases()),
            settings.timing(),
            fence,
            parts.random(),
            this);
    this.detector =
        new FailureDetector(
            loop, store, watch, settings.timing(), settings.consumer().membershipInterval(), this);
    this.judge = new OwnerJudge(loop, table, watch, membership, settings.timing());
    this.holdParts =
        new HoldParts(
            loop,
            store,
            table,
            reader,
            discovery,
            parts.ids(),
            consumers,
            parts.random(),
            settings.holdTiming());
    LeaseTaker taker = new LeaseTaker(holdParts);
    this.assigner =
        new Assigner(
            new Assigner.Parts(
                loop, table, reader, watch, membership, held, taker, judge, fence, parts.random()),
            settings,
            this);
    this.auditor = new Auditor(parts, discovery, watch, settings, this);
  }

  HeldLeases held() {
    return held;
  }

  boolean isMember() {
    return membership.isMember();
  }

  /** What is wrong with the lease store at present, a line each. */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    membership.trouble().ifPresent(problems::add);
    detector.trouble().ifPresent(problems::add);
    incomplete.forEach(
        (stream, why) -> problems.add("shards of stream " + stream + " can't be listed: " + why));
    if (kclReported && judge.mode() == HeartbeatMode.PER_WORKER) {
      problems.add("a KCL works on the lease table, which heartbeats per worker");
    }
    return problems;
  }

  // ---- begin and end

  /** Registers, and works from then on. */
  void begin(List<ConsumedStream> consumed, long generation) {
    streams = List.copyOf(consumed);
    tableGeneration = generation;
    followMode();
    membership.register();
  }

  /**
   * Gives everything back; {@link Ends#allReleased} follows.
   *
   * <p>The peers hear of it first, and look closely from then on: only then does a shard stop here,
   * and it goes on there at once.
   *
   * @param drainNanos for the whole of it; if that is short, nobody is waited for
   */
  void leave(long drainNanos) {
    leaving = true;
    assigner.stop();
    auditor.stop();
    membership.leave();
    long announceNanos = settings.consumer().membershipInterval().toNanos() + ANNOUNCED_NANOS;
    if (hasPeers() && drainNanos >= 2 * announceNanos) {
      loop.after(announceNanos, this::releaseAll);
    } else {
      releaseAll();
    }
    reportReleased();
  }

  private boolean hasPeers() {
    return watch.live(loop.nowNanos()).stream()
        .anyMatch(row -> !row.worker().equals(settings.worker()));
  }

  private void releaseAll() {
    for (HeldLease lease : held.all()) {
      lease.release();
    }
  }

  /** Interrupts what still drains. */
  void releaseNow() {
    for (HeldLease lease : held.all()) {
      lease.releaseNow();
    }
  }

  /**
   * Says the last word; leases that still name this worker may be taken by anybody from then on.
   */
  void farewell(Runnable done) {
    dropEverything();
    membership.farewell(done);
  }

  /** Stops without a word. */
  void stop() {
    stopped = true;
    assigner.stop();
    auditor.stop();
    detector.stop();
    membership.stop();
    dropEverything();
  }

  private void dropEverything() {
    for (HeldLease lease : held.all()) {
      lease.lose();
    }
  }

  private void reportReleased() {
    if (leaving && held.isEmpty() && !stopped) {
      ends.allReleased();
    }
  }

  // ---- membership

  @Override
  public void registered(Owner me) {
    if (stopped) {
      return;
    }
    LOG.info("Worker {} is a member with epoch {}", me.worker(), me.epoch());
    if (registeredBefore) {
      // What the rows said was read in another period: read them again before taking any.
      listThen(this::plan);
      return;
    }
    registeredBefore = true;
    ends.registered();
    detector.begin();
    auditor.begin(streams);
    plan();
    streams.forEach(this::completeRowsWhenItIsOnesTurn);
    listWhilePerLease();
  }

  private void plan() {
    if (!leaving && !stopped) {
      assigner.begin(streams);
    }
  }

  /** All rows were read, for whatever reason. */
  void tableListed() {
    if (stopped) {
      return;
    }
    if (table.leases().isEmpty() && !held.isEmpty()) {
      ends.failed(
          new IllegalStateException(
              "the lease table of application "
                  + settings.application()
                  + " was emptied while it was in use: stop all workers, and start again to read"
                  + " from the start position"));
      return;
    }
    assigner.tableListed();
  }

  @Override
  public void fenced() {
    LOG.warn(
        "Worker {} was fenced by a peer: it drops its leases and registers again",
        settings.worker());
    assigner.stop();
    dropEverything();
    if (!leaving && !stopped) {
      membership.register();
    }
  }

  @Override
  public void failed(RuntimeException cause) {
    ends.failed(cause);
  }

  /** Members look one after another, so that not all of them list and create the same. */
  private void completeRowsWhenItIsOnesTurn(ConsumedStream stream) {
    if (!TableAudit.hasHole(stream.rows(table.leases()))) {
      return;
    }
    int rank = Math.min(liveWorkers().indexOf(settings.worker()), GREATEST_RANK);
    if (rank == 0) {
      completeRows(stream);
      return;
    }
    loop.after(
        rank * RANK_NANOS,
        () ->
            listThen(
                () -> {
                  if (TableAudit.hasHole(stream.rows(table.leases()))) {
                    completeRows(stream);
                  }
                }));
  }

  private void completeRows(ConsumedStream stream) {
    if (leaving || stopped) {
      return;
    }
    discovery.completeRows(
        stream,
        failure -> {
          if (failure == null) {
            incomplete.remove(stream.name());
            plan();
          } else {
            tellOfIncomplete(stream, failure);
            loop.after(SCAN_NANOS, () -> completeRows(stream));
          }
        });
  }

  private void tellOfIncomplete(ConsumedStream stream, Throwable failure) {
    String why = failure instanceof StreamException told ? told.text() : Failures.describe(failure);
    if (!why.equals(incomplete.put(stream.name(), why))) {
      LOG.warn("The shards of stream {} can't be listed, going on with it: {}", stream.name(), why);
    }
  }

  // ---- peers

  @Override
  public void fleetRead(FleetWatch.News news) {
    followMode();
    membership.load(new Membership.Load(held.load(), held.throughputKBps()));
    lookForBalance();
    for (Notice notice : news.notices()) {
      follow(notice);
    }
    if (news.missedNotices() || news.leftWithLeases()) {
      listTable(Consistency.STRONG);
    }
    if (news.membersChanged()) {
      for (HeldLease lease : held.all()) {
        lease.reconsiderClaim();
      }
      assigner.planSoon();
    }
  }

  /**
   * The worker rows are always fresh, and tell how many leases each has; which ones they are, only
   * a listing does. So a worker that has clearly less than a peer lists, ever more rarely as long
   * as that does not help.
   */
  private void lookForBalance() {
    int most = 0;
    for (WorkerRow row : watch.live(loop.nowNanos())) {
      most = Math.max(most, row.worker().equals(settings.worker()) ? 0 : row.leaseCount());
    }
    if (most < held.load() + 2 || held.size() >= settings.consumer().maxLeases()) {
      lookAgainNanos = FIRST_LOOK_NANOS;
      nextLookNanos = loop.nowNanos() + FIRST_LOOK_NANOS;
    } else if (loop.nowNanos() - nextLookNanos >= 0 && !leaving) {
      lookAgainNanos = Math.min(2 * lookAgainNanos, settings.consumer().auditInterval().toNanos());
      nextLookNanos = loop.nowNanos() + lookAgainNanos;
      listTable(Consistency.EVENTUAL);
    }
  }

  private void follow(Notice notice) {
    LeaseKey key = notice.lease();
    boolean mine = held.contains(key);
    boolean matters =
        switch (notice.kind()) {
          case RELEASED, OFFERED, SETTLED, CREATED, ENDED -> !mine;
          case CLAIMED, RESUMED -> mine;
        };
    if (matters && assigner.streamOf(key) != null) {
      reader.read(
          key,
          (row, failure) -> {
            if (row != null) {
              assigner.rowSeen(row);
            }
          });
    }
  }

  @Override
  public void ownerOver(Owner owner) {
    LOG.info("Worker {} is over with epoch {}", owner.worker(), owner.epoch());
    assigner.planSoon();
    for (HeldLease lease : held.all()) {
      lease.reconsiderClaim();
    }
    // It may have taken leases since the table was last read.
    listTable(Consistency.STRONG);
  }

  @Override
  public Collection<Owner> namedOwners() {
    Set<Owner> named = new HashSet<>();
    for (Lease lease : table.leases()) {
      if (!lease.isFinished()) {
        lease.holderPeriod().filter(this::isPeer).ifPresent(named::add);
        lease.claimer().filter(this::isPeer).ifPresent(named::add);
      }
    }
    watch.retainOver(named);
    return named;
  }

  private boolean isPeer(Owner owner) {
    return owner.epoch() != Owner.NO_EPOCH && !owner.worker().equals(settings.worker());
  }

  @Override
  public boolean mayBeKcl() {
    return judge.mode() == HeartbeatMode.PER_LEASE;
  }

  @Override
  public boolean awaitsHandoff() {
    return assigner.awaitsTransfer() || watch.isAnyLeaving(LEAVES_SOON_NANOS, loop.nowNanos());
  }

  private void listTable(Consistency consistency) {
    reader.list(consistency, this::warnOf);
  }

  /** Lists until it succeeds: what comes then can't be left out. */
  private void listThen(Runnable next) {
    reader.list(
        Consistency.STRONG,
        failure -> {
          warnOf(failure);
          if (stopped) {
            return;
          }
          if (failure == null) {
            next.run();
          } else {
            loop.after(SCAN_NANOS, () -> listThen(next));
          }
        });
  }

  private void warnOf(@Nullable Throwable failure) {
    if (failure != null) {
      LOG.warn("The lease table can't be read: {}", Failures.describe(failure));
    }
  }

  // ---- the mode

  private void followMode() {
    FleetMode mode = watch.mode().orElse(null);
    if (mode == null || mode.version() == acknowledgedMode) {
      return;
    }
    acknowledgedMode = mode.version();
    if (mode.heartbeats() == HeartbeatMode.PER_LEASE) {
      for (HeldLease lease : held.all()) {
        lease.renewEvery(settings.timing().renewalNanos());
      }
    }
    membership.acknowledgeMode(mode.version());
  }

  /**
   * Per lease, listings are the only witness of a KCL's death: the fleet shares six of them in each
   * failover time, however many workers it has. Whoever lists does so in such steps that the one
   * which ends the failover time is not missed by a moment.
   */
  private void listWhilePerLease() {
    if (stopped) {
      return;
    }
    List<String> live = liveWorkers();
    int listers = live.size() < MOST_LISTERS ? Math.min(live.size(), FEW_LISTERS) : MOST_LISTERS;
    long interval = settings.timing().justOverFailoverNanos() * listers / MOST_LISTERS;
    loop.after(
        interval,
        () -> {
          boolean mine = live.indexOf(settings.worker()) < listers;
          if (mine && !stopped && !leaving && judge.mode() == HeartbeatMode.PER_LEASE) {
            listTable(Consistency.EVENTUAL);
          }
          listWhilePerLease();
        });
  }

  /** The workers that take leases as far as is known, this one among them, in order. */
  private List<String> liveWorkers() {
    Set<String> live = new TreeSet<>();
    live.add(settings.worker());
    watch.live(loop.nowNanos()).forEach(row -> live.add(row.worker()));
    return List.copyOf(live);
  }

  @Override
  public void signOfKcl(String sign) {
    if (judge.mode() == HeartbeatMode.PER_LEASE) {
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
    if (settings.consumer().heartbeats() == Heartbeats.AUTO && mode.isPresent()) {
      FleetMode next = new FleetMode(HeartbeatMode.PER_LEASE, mode.get().version() + 1);
      // The next poll shows whose change it was.
      loop.request(
          () -> store.changeMode(next), settings.timing().attemptNanos(), (outcome, failure) -> {});
    }
  }

  @Override
  public void streamReplaced(ConsumedStream stream, StreamIdentity now) {
    ends.failed(
        new IllegalStateException(
            "stream '"
                + stream.name()
                + "' was deleted and created anew at "
                + now.createdAt()
                + ": its old checkpoints mean nothing now. Delete the application's leases, or use"
                + " another application name"));
  }

  /** A row went back in time: the table was restored from a back-up, or is another one. */
  void tableRestored(Lease row) {
    ends.failed(
        new IllegalStateException(
            "lease "
                + row.key()
                + " has counter "
                + row.counter()
                + ", less than this worker has seen: the lease table was put back to an earlier"
                + " state. Stop all workers, check the checkpoints, and start again"));
  }

  /** A table was deleted while it was in use: nothing can be saved, and nobody's death be told. */
  @Override
  public void tableGone(LeaseStoreException said) {
    if (registeredBefore && !stopped) {
      ends.failed(
          new IllegalStateException(
              "a table of application "
                  + settings.application()
                  + " was deleted while it was in use ("
                  + said.getMessage()
                  + "): stop all workers; with the table put back they go on from its checkpoints,"
                  + " without it they start again at the start position",
              said));
    }
  }

  // ---- leases

  @Override
  public void granted(Lease row, ConsumedStream stream, Owner period, SelfFence.Stamp sent) {
    boolean inVain = leaving || stopped || !membership.isMember();
    if (inVain || !period.equals(membership.me()) || held.contains(row.key())) {
      // The row names a period that ends or has ended: peers find it so, and take it.
      return;
    }
    if (judge.judge(row) != Verdict.ME) {
      throw new IllegalStateException("lease " + row.key() + " was granted to somebody else");
    }
    HeldLease lease =
        new HeldLease(holdParts, stream, period, row, tableGeneration, sent, fence, this);
    held.add(lease);
    LOG.info("Lease {} is taken at {}", row.key(), row.checkpoint());
    if (judge.mode() == HeartbeatMode.PER_LEASE) {
      lease.renewEvery(settings.timing().renewalNanos());
    }
    lease.begin();
  }

  @Override
  public void claimed() {
    detector.hurry();
  }

  @Override
  public void notice(Notice.Kind kind, LeaseKey lease) {
    membership.notice(kind, lease);
  }

  @Override
  public boolean canTakeOver(Owner claimer) {
    if (claimer.epoch() == Owner.NO_EPOCH) {
      return true;
    }
    return switch (watch.standing(claimer)) {
      case LIVE, UNCERTAIN -> true;
      case LEAVING, OVER -> false;
      // It may have come after the last poll.
      case MISSING ->
          !watch.isMissingFor(claimer, settings.timing().failoverNanos(), loop.nowNanos());
    };
  }

  @Override
  public void over(HeldLease lease, HeldLease.End end) {
    held.remove(lease);
    LOG.info("Lease {}: {}", lease.key(), end);
    switch (end) {
      case SHARD_ENDED -> {
        held.parentEnded(lease.key());
        if (!leaving && !stopped) {
          assigner.takeChildren(lease.row());
        }
      }
      case RELEASED, TRANSFERRED, LOST -> assigner.planSoon();
    }
    reportReleased();
  }

  /** The lease key of a shard of a stream that is read here, by the stream's name or ARN. */
  Optional<LeaseKey> keyOf(String nameOrArn, ShardId shard) {
    return streams.stream()
        .filter(
            stream -> nameOrArn.equals(stream.name()) || nameOrArn.equals(stream.identity().arn()))
        .map(stream -> stream.key(shard))
        .findFirst();
  }
}
