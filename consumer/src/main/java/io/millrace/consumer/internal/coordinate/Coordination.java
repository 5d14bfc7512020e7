package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.internal.coordinate.OwnerJudge.Verdict;
import io.millrace.consumer.internal.discover.ConsumedStream;
import io.millrace.consumer.internal.discover.Discovery;
import io.millrace.consumer.internal.hold.HeldLease;
import io.millrace.consumer.internal.hold.HoldParts;
import io.millrace.consumer.internal.hold.LeaseTaker;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.member.FailureDetector;
import io.millrace.consumer.internal.member.FleetWatch;
import io.millrace.consumer.internal.member.Membership;
import io.millrace.consumer.internal.member.SelfFence;
import io.millrace.consumer.internal.shard.ShardConsumerFactory;
import io.millrace.consumer.internal.table.LeaseTable;
import io.millrace.consumer.internal.table.TableReader;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.Notice;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.StreamIdentity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
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

  /** How long it takes a heartbeat to be sent and a poll to be answered. */
  private static final long ANNOUNCED_NANOS = Duration.ofMillis(150).toNanos();

  /** For how long a leaving peer's notices are looked for all the time. */
  private static final long LEAVES_SOON_NANOS = Duration.ofSeconds(30).toNanos();

  private final EventLoop loop;
  private final LeaseTable table;
  private final TableReader reader;
  private final WorkerSettings settings;
  private final SelfFence fence;

  private final FleetWatch watch;
  private final Membership membership;
  private final FailureDetector detector;
  private final OwnerJudge judge;
  private final HeldLeases held = new HeldLeases();
  private final HoldParts holdParts;
  private final Assigner assigner;
  private final Auditor auditor;
  private final Listings listings;
  private final Discovery discovery;
  private final ModeSwitch mode;
  private final ReadStreams streams;
  private final RowCompletion rows;
  private final Ends ends;

  private long tableGeneration;
  private boolean registeredBefore;
  private boolean leaving;
  private boolean stopped;

  /** Who is to get what this worker has when it leaves. */
  private Map<LeaseKey, Owner> heirs = Map.of();

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
    this.table = parts.table();
    this.reader = parts.reader();
    this.settings = settings;
    this.streams = new ReadStreams(settings);
    this.fence = fence;
    this.ends = ends;
    this.watch = watch;
    this.listings = new Listings(loop, reader, watch, settings);
    this.discovery = new Discovery(parts, created -> notice(Notice.Kind.CREATED, created.key()));
    this.membership =
        new Membership(
            loop,
            parts.store(),
            new Membership.Identity(
                settings.worker(), settings.incarnation(), settings.consumer().maxLeases()),
            settings.timing(),
            fence,
            parts.random(),
            this);
    this.detector =
        new FailureDetector(
            loop,
            parts.store(),
            watch,
            settings.timing(),
            settings.consumer().membershipInterval(),
            this);
    this.judge = new OwnerJudge(loop, table, reader, watch, membership, settings.timing());
    this.holdParts =
        new HoldParts(
            loop,
            parts.store(),
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
    this.mode =
        new ModeSwitch(loop, parts.store(), watch, membership, held, settings, new Switched());
    this.rows = new RowCompletion(parts, discovery, settings.worker(), new Completed());
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
    rows.problems(problems::add);
    problems.addAll(streams.problems());
    problems.addAll(mode.problems());
    return problems;
  }

  // ---- begin and end

  /** Registers, and works from then on. */
  void begin(Startup.Found found) {
    streams.begin(found.streams());
    tableGeneration = found.tableGeneration();
    mode.follow();
    found.signOfKcl().ifPresent(mode::signOfKcl);
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
    mode.stop();
    rows.stop();
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
    // Where there are many streams, a peer may read others than this worker does.
    heirs = mode.isPaused() || settings.manyStreams() ? Map.of() : assigner.heirs();
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
    mode.stop();
    rows.stop();
    discovery.stop();
    listings.stop();
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

  // ---- streams that come and go

  /** Reads one more stream, unless rows of the application speak against it. */
  void addStream(ConsumedStream stream, Consumer<Optional<String>> done) {
    listings.listThen(
        () -> {
          Optional<String> refusal = streams.add(stream, table.leases());
          if (refusal.isEmpty()) {
            readStreams();
            rows.begin(stream);
          }
          done.accept(refusal);
        });
  }

  /** Reads a stream no more; {@code done} runs when none of its leases is held here. */
  void removeStream(ConsumedStream stream, Runnable done) {
    streams.remove(stream, done);
    readStreams();
    for (HeldLease lease : held.all()) {
      if (stream.owns(lease.key())) {
        lease.release();
      }
    }
    streams.reportRemoved(held);
  }

  /** The stream that is read under a name or ARN. */
  Optional<ConsumedStream> stream(String nameOrArn) {
    return streams.find(nameOrArn);
  }

  private void readStreams() {
    assigner.read(streams.all());
    auditor.begin(streams.all());
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
      listings.listThen(this::plan);
      return;
    }
    registeredBefore = true;
    ends.registered();
    detector.begin();
    auditor.begin(streams.all());
    plan();
    streams.all().forEach(rows::begin);
    mode.listWhilePerLease();
  }

  private void plan() {
    if (!leaving && !stopped) {
      assigner.begin(streams.all());
    }
  }

  /** All rows were read, for whatever reason. */
  void tableListed(Consistency consistency) {
    if (stopped) {
      return;
    }
    listings.listed();
    Optional<IllegalStateException> emptied = streams.emptied(table.leases());
    if (emptied.isPresent()) {
      if (consistency == Consistency.STRONG) {
        ends.failed(emptied.get());
      } else {
        listings.list(Consistency.STRONG);
      }
      return;
    }
    lookForStrangers();
    assigner.tableListed();
  }

  /** A lease whose owner is nobody of ours is a KCL's, whatever else it has left in the tables. */
  private void lookForStrangers() {
    for (Owner holder : table.holders()) {
      if (watch.isStranger(holder)) {
        mode.signOfKcl(
            "lease "
                + leaseOf(holder)
                + " is owned by '"
                + holder.worker()
                + "', which is no worker of this application");
        return;
      }
    }
  }

  private String leaseOf(Owner holder) {
    return table.leases().stream()
        .filter(lease -> !lease.isFinished())
        .filter(lease -> lease.holderPeriod().equals(Optional.of(holder)))
        .map(lease -> lease.key().text())
        .findFirst()
        .orElse("");
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

  // ---- peers

  /** Rows can be read again: a KCL whose counters stood still meanwhile gets its time anew. */
  void seesAgain(long blindNanos) {
    if (judge.isBlind(blindNanos)) {
      table.excuse(loop.nowNanos());
    }
  }

  @Override
  public void fleetRead(FleetWatch.News news) {
    seesAgain(news.blindNanos());
    mode.follow();
    membership.load(new Membership.Load(held.load(), held.throughputKBps()));
    if (!leaving) {
      listings.lookForBalance(held);
    }
    for (Notice notice : news.notices()) {
      follow(notice);
    }
    if (news.missedNotices() || news.leftWithLeases()) {
      listings.listSoon();
    }
    if (news.membersChanged()) {
      for (HeldLease lease : held.all()) {
        lease.reconsiderClaim();
      }
      assigner.planSoon();
    }
  }

  private void follow(Notice notice) {
    LeaseKey key = notice.lease();
    boolean mine = held.contains(key);
    boolean matters =
        switch (notice.kind()) {
          case RELEASED, OFFERED, SETTLED, CREATED, ENDED -> !mine;
          case CLAIMED, RESUMED, PAUSED -> mine;
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
    listings.listSoon();
  }

  @Override
  public Collection<Owner> namedOwners() {
    Set<Owner> named = new HashSet<>(table.holders());
    named.addAll(table.claimers());
    named.removeIf(owner -> !isPeer(owner));
    watch.retainOver(named);
    return named;
  }

  private boolean isPeer(Owner owner) {
    return !owner.worker().equals(settings.worker()) && !watch.isStranger(owner);
  }

  @Override
  public boolean mayBeKcl() {
    return mode.isPerLease();
  }

  @Override
  public boolean awaitsHandoff() {
    return assigner.awaitsTransfer() || watch.isAnyLeaving(LEAVES_SOON_NANOS, loop.nowNanos());
  }

  // ---- what must not be

  @Override
  public void signOfKcl(String sign) {
    mode.signOfKcl(sign);
  }

  @Override
  public void streamReplaced(ConsumedStream stream, StreamIdentity now) {
    IllegalStateException error = ReadStreams.replaced(stream, now);
    if (!settings.manyStreams()) {
      ends.failed(error);
    } else if (streams.isRead(stream)) {
      LOG.error("{}. The worker goes on with the other streams", error.getMessage());
      removeStream(stream, () -> {});
      streams.dropped(stream, error);
    }
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
    streams.worksOn(stream);
    LOG.info("Lease {} is taken at {}", row.key(), row.checkpoint());
    mode.heartbeatAsTheFleetDoes(lease);
    lease.begin();
    if (mode.isPaused() || !streams.isRead(stream)) {
      lease.release();
    }
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
  public Optional<Owner> heir(LeaseKey lease) {
    return Optional.ofNullable(heirs.get(lease))
        .filter(owner -> watch.standing(owner) == FleetWatch.Standing.LIVE);
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
      case RELEASED -> assigner.planSoon();
      case TRANSFERRED -> assigner.handedOver(lease.key());
      case LOST -> {
        if (table.get(lease.key()) == null && !stopped) {
          listings.list(Consistency.STRONG);
        }
        assigner.planSoon();
      }
    }
    streams.reportRemoved(held);
    reportReleased();
  }

  /** What the fleet's mode says. */
  private final class Switched implements ModeSwitch.Switched {
    @Override
    public void paused(boolean paused) {
      assigner.pause(paused);
      if (paused) {
        for (HeldLease lease : held.all()) {
          lease.release();
        }
      } else {
        listings.list(Consistency.STRONG);
      }
    }

    @Override
    public void listTable() {
      listings.list(Consistency.EVENTUAL);
    }
  }

  /** What the creation of missing rows needs. */
  private final class Completed implements RowCompletion.Outcome {
    @Override
    public void listThen(Runnable next) {
      listings.listThen(next);
    }

    @Override
    public void completed(ConsumedStream stream) {
      plan();
    }

    @Override
    public boolean isRead(ConsumedStream stream) {
      return streams.isRead(stream);
    }
  }
}
