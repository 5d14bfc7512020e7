package io.millrace.consumer.internal.hold;

import io.millrace.consumer.ShardState;
import io.millrace.consumer.ShardStatus;
import io.millrace.consumer.StallReason;
import io.millrace.consumer.internal.checkpoint.Ahead;
import io.millrace.consumer.internal.discover.ConsumedStream;
import io.millrace.consumer.internal.loop.Timer;
import io.millrace.consumer.internal.member.SelfFence;
import io.millrace.consumer.internal.shard.LeasedShard;
import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.FencingToken;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.Notice;
import io.millrace.consumer.lease.Owner;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One lease that this worker holds, from the grant to the moment it holds it no longer.
 *
 * <p>At the gate it waits for the shard's parents; running it has a shard consumer; to give it up,
 * the consumer drains first. A claim by a peer, the worker's leaving, the shard's end and the loss
 * of the lease are the ways out. Confined to the loop.
 */
public final class HeldLease {
  private static final long GATE_POLL_NANOS = Duration.ofSeconds(2).toNanos();

  private final HoldParts parts;
  private final ConsumedStream stream;
  private final Owner me;
  private final long tableGeneration;
  private final Listener listener;
  private final LeaseWriter writer;
  private final OwnedShard ownership;
  private final Renewal renewal;
  private final RunningConsumer consumer;
  private final long grantedNanos;

  private Stage stage = Stage.GATE;
  private Intent intent = Intent.KEEP;
  private Set<ShardId> unfinishedParents = Set.of();
  private @Nullable Timer gateTimer;
  private @Nullable Timer handoffTimer;
  private boolean letGoUnderWay;

  /** What the worker hears of a lease. */
  public interface Listener {
    /** Something happened that peers should know. */
    void notice(Notice.Kind kind, LeaseKey lease);

    /** Whether a claimer can still be expected to take over. */
    boolean canTakeOver(Owner claimer);

    /** Who is to get a lease that nobody has claimed and that is let go of; empty for nobody. */
    Optional<Owner> heir(LeaseKey lease);

    /** The lease is held no longer. */
    void over(HeldLease lease, End end);
  }

  /** How a holding ends. */
  public enum End {
    /** The shard is processed to its end. */
    SHARD_ENDED,
    /** Nobody owns the lease now. */
    RELEASED,
    /** Its claimer owns the lease now, or its heir. */
    TRANSFERRED,
    /** Somebody else owns the lease. */
    LOST
  }

  /** Where the holding is. */
  private enum Stage {
    GATE,
    RUNNING,
    PARKED,
    DRAINED,
    OVER
  }

  /** What becomes of the lease once its consumer has stopped. */
  private enum Intent {
    KEEP,
    HAND_OVER,
    RELEASE
  }

  /**
   * Begins to hold a lease.
   *
   * @param granted the row in the reply to this worker's own take, or as a consistent read shows it
   *     after a transfer to this worker
   * @param sent when the write that granted it was first sent
   * @param fence the worker's self-fence
   */
  public HeldLease(
      HoldParts parts,
      ConsumedStream stream,
      Owner me,
      Lease granted,
      long tableGeneration,
      SelfFence.Stamp sent,
      SelfFence fence,
      Listener listener) {
    this.parts = parts;
    this.stream = stream;
    this.me = me;
    this.tableGeneration = tableGeneration;
    this.listener = listener;
    this.grantedNanos = parts.loop().nowNanos();
    this.consumer = new RunningConsumer(parts.loop(), parts.consumers(), this::drained);
    this.writer = new LeaseWriter(parts, me, granted, fence, () -> isPerLease(), new RowObserver());
    this.renewal =
        new Renewal(
            parts.loop(),
            writer,
            fence,
            parts.timing(),
            (holding, id) -> parts.store().renew(holding, throughputKBps(), id));
    this.ownership = new OwnedShard(parts, stream, writer, renewal, this);
    renewal.landed(sent);
  }

  /** The lease. */
  public LeaseKey key() {
    return writer.known().key();
  }

  /** The row as last known. */
  public Lease row() {
    return writer.known();
  }

  /** The ownership period in which the lease is held. */
  public Owner owner() {
    return me;
  }

  /** Whether it may be moved for balance now. */
  public boolean isMovable() {
    return stage == Stage.RUNNING && intent == Intent.KEEP && !writer.known().isClaimed();
  }

  /** Whether it counts as load: not at the gate, and not on its way out. */
  public boolean isLoad() {
    return stage == Stage.RUNNING || stage == Stage.PARKED;
  }

  /** What the shard reads, in KiB per second; NaN if that is not known yet. */
  public double throughputKBps() {
    return consumer.throughputKBps();
  }

  // ---- granted: the gate, then a consumer

  private boolean isPerLease() {
    return renewal.isPerLease();
  }

  /** From now on the lease's own counter is its heartbeat, not the worker's row. */
  public void renewEvery(long nanos) {
    if (stage != Stage.OVER) {
      renewal.renewEvery(nanos);
    }
  }

  /** From now on the worker's row is the heartbeat of the lease again. */
  public void renewNoMore() {
    renewal.renewNoMore();
  }

  /** Begins. */
  public void begin() {
    if (writer.known().isFinished()) {
      intent = Intent.RELEASE;
      drained();
    } else if (writer.known().isPaused()) {
      release();
    } else if (writer.known().parked().isPresent()) {
      park();
    } else {
      askGate();
    }
    if (stage != Stage.OVER && writer.known().isClaimed()) {
      claimed();
    }
  }

  /** A parent may have ended: asks again at once. */
  public void parentEnded(ShardId parent) {
    if (stage == Stage.GATE && unfinishedParents.contains(parent)) {
      askGate();
    }
  }

  private void askGate() {
    cancel(gateTimer);
    new ChildGate(parts)
        .ask(
            writer.known(),
            (unfinished, failure) -> {
              if (stage != Stage.GATE || intent != Intent.KEEP) {
                return;
              }
              unfinishedParents = unfinished;
              if (unfinished.isEmpty() && failure == null) {
                open();
              } else {
                cancel(gateTimer);
                gateTimer = parts.loop().after(GATE_POLL_NANOS, this::askGateAgain);
              }
            });
  }

  private void askGateAgain() {
    if (stage == Stage.GATE && intent == Intent.KEEP) {
      askGate();
    }
  }

  private void open() {
    stage = Stage.RUNNING;
    unfinishedParents = Set.of();
    Lease row = writer.known();
    LeasedShard shard =
        new LeasedShard(
            stream.identity(),
            stream.fetching(),
            Optional.of(stream.retention()),
            row.key().shard(),
            row.hashRange(),
            row.checkpoint(),
            startTimestamp(row),
            row.lastArrival(),
            row.checkpoint()
                .position()
                .map(position -> Ahead.of(row.ahead(), position))
                .orElseGet(Ahead::none),
            row.pending(),
            // A consumer that follows another one may repeat what that could not checkpoint.
            new FencingToken(tableGeneration, row.counter()));
    ownership.open();
    consumer.start(shard, ownership);
  }

  /** A KCL keeps no time with AT_TIMESTAMP: each of its workers is told it, as this one may be. */
  private Optional<Instant> startTimestamp(Lease row) {
    return row.checkpoint() == Sentinel.AT_TIMESTAMP
        ? row.startTimestamp().or(() -> stream.startAt().timestamp())
        : row.startTimestamp();
  }

  /** Has the consumer look at what has just become of its write. */
  void outcomeGiven() {
    consumer.tick();
  }

  // ---- parked

  private void park() {
    stage = Stage.PARKED;
    if (parts.timing().parkedRetryNanos() > 0) {
      parts.loop().after(parts.timing().parkedRetryNanos(), this::retryParked);
    }
  }

  /** The row carries the mark now; the consumer that asked for it stays until it is drained. */
  void parked() {
    if (stage == Stage.RUNNING) {
      park();
    }
  }

  private void retryParked() {
    if (stage == Stage.PARKED && intent == Intent.KEEP) {
      resume(result -> {});
    }
  }

  /**
   * Removes the parked mark and goes on from the checkpoint.
   *
   * @param done gets whether the mark is removed
   */
  public void resume(Consumer<Boolean> done) {
    if (writer.known().parked().isEmpty()) {
      done.accept(false);
      return;
    }
    writer.write(
        (holding, id) -> parts.store().resume(holding, id),
        parts.timing().checkpointNanos(),
        result -> done.accept(result instanceof WriteResult.Written));
  }

  private void unparked() {
    stage = Stage.GATE;
    if (consumer.isPresent()) {
      consumer.drain();
    } else {
      askGate();
    }
  }

  // ---- giving up

  /** Gives the lease back: to its claimer or its heir if there is one, else to nobody. */
  public void release() {
    if (stage == Stage.OVER || intent == Intent.RELEASE) {
      return;
    }
    boolean draining = intent == Intent.HAND_OVER;
    intent = Intent.RELEASE;
    cancel(handoffTimer);
    if (!draining) {
      drain();
    } else if (stage == Stage.DRAINED) {
      letGo();
    }
  }

  /**
   * Gives the lease back at once: user code that still runs is interrupted, and what it did since
   * the last checkpoint is done again by the next owner.
   */
  public void releaseNow() {
    if (stage == Stage.OVER) {
      return;
    }
    intent = Intent.RELEASE;
    stopConsumer();
    drained();
  }

  private void claimed() {
    if (stage == Stage.OVER || intent != Intent.KEEP) {
      return;
    }
    Owner claimer = writer.known().claimer().orElseThrow();
    intent = Intent.HAND_OVER;
    if (!listener.canTakeOver(claimer)) {
      cancelHandoff();
      return;
    }
    handoffTimer = parts.loop().after(parts.timing().handoffNanos(), this::cancelHandoff);
    drain();
  }

  /** The claimer may have died or be leaving: then the lease is kept. */
  public void reconsiderClaim() {
    if (stage != Stage.OVER
        && intent == Intent.HAND_OVER
        && writer.known().claimer().filter(claimer -> !listener.canTakeOver(claimer)).isPresent()) {
      cancelHandoff();
    }
  }

  private void cancelHandoff() {
    if (stage == Stage.OVER || intent != Intent.HAND_OVER || letGoUnderWay) {
      return;
    }
    cancel(handoffTimer);
    letGoUnderWay = true;
    writer.write(
        (holding, id) -> parts.store().cancelClaim(holding, id),
        HoldTiming.FOR_EVER_NANOS,
        result -> {
          letGoUnderWay = false;
          if (stage == Stage.OVER || result instanceof WriteResult.Lost) {
            return;
          }
          if (result instanceof WriteResult.Written) {
            listener.notice(Notice.Kind.SETTLED, key());
          }
          if (intent == Intent.HAND_OVER) {
            intent = Intent.KEEP;
            restart();
          } else if (stage == Stage.DRAINED) {
            letGo();
          }
        });
  }

  /** Goes on after a cancelled handoff, as soon as the old consumer has stopped. */
  private void restart() {
    if (stage == Stage.DRAINED) {
      stage = Stage.GATE;
      begin();
    }
  }

  private void drain() {
    if (consumer.isPresent()) {
      consumer.drain();
    } else {
      drained();
    }
  }

  private void drained() {
    if (stage == Stage.OVER) {
      return;
    }
    ownership.close();
    if (stage == Stage.GATE && intent == Intent.KEEP) {
      askGate();
      return;
    }
    stage = Stage.DRAINED;
    if (intent == Intent.KEEP) {
      restart();
    } else {
      letGo();
    }
  }

  private void letGo() {
    if (letGoUnderWay) {
      return;
    }
    letGoUnderWay = true;
    Optional<Owner> claimer = writer.known().claimer();
    if (claimer.isPresent() && listener.canTakeOver(claimer.get())) {
      transfer(claimer.get(), Notice.Kind.SETTLED);
    } else if (claimer.isPresent()) {
      writer.write(
          (holding, id) -> parts.store().cancelClaim(holding, id),
          HoldTiming.FOR_EVER_NANOS,
          result -> {
            letGoUnderWay = false;
            if (stage == Stage.DRAINED && !(result instanceof WriteResult.Lost)) {
              afterCancelledClaim();
            }
          });
    } else {
      heir().ifPresentOrElse(to -> transfer(to, Notice.Kind.OFFERED), this::releaseToNobody);
    }
  }

  private Optional<Owner> heir() {
    Lease row = writer.known();
    boolean isAtRest = row.isFinished() || row.isPaused();
    return isAtRest ? Optional.empty() : listener.heir(key());
  }

  private void transfer(Owner to, Notice.Kind tell) {
    writer.write(
        (holding, id) -> parts.store().transfer(holding, to, id),
        HoldTiming.FOR_EVER_NANOS,
        result -> letGone(result, End.TRANSFERRED, tell));
  }

  private void releaseToNobody() {
    writer.write(
        (holding, id) -> parts.store().release(holding, id),
        HoldTiming.FOR_EVER_NANOS,
        result -> letGone(result, End.RELEASED, Notice.Kind.RELEASED));
  }

  private void afterCancelledClaim() {
    if (intent == Intent.RELEASE) {
      letGo();
    } else {
      intent = Intent.KEEP;
      restart();
    }
  }

  private void letGone(WriteResult result, End end, Notice.Kind tell) {
    letGoUnderWay = false;
    if (stage == Stage.OVER) {
      return;
    }
    if (result instanceof WriteResult.Written) {
      listener.notice(tell, key());
      finish(end);
    } else if (result instanceof WriteResult.Unfit) {
      // A claim came or went meanwhile: the row as it is now decides.
      letGo();
    }
  }

  // ---- the other ends

  /** The shard's end is durable, and the lease is nobody's. */
  void shardEnded() {
    listener.notice(Notice.Kind.ENDED, key());
    finish(End.SHARD_ENDED);
  }

  /** This worker's ownership period is over: everything stops, nothing is written. */
  public void lose() {
    writer.lose();
  }

  /** A reading has shown the row, perhaps a stale one. */
  public void sawRow(Lease row) {
    writer.sawRow(row);
  }

  private void lost() {
    if (stage != Stage.OVER) {
      stopConsumer();
      finish(End.LOST);
    }
  }

  private void stopConsumer() {
    ownership.close();
    consumer.lose();
  }

  private void finish(End end) {
    stage = Stage.OVER;
    ownership.close();
    renewal.end();
    consumer.forget();
    cancel(gateTimer);
    cancel(handoffTimer);
    listener.over(this, end);
  }

  private static void cancel(@Nullable Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
  }

  /** What an operator sees. */
  public ShardStatus status() {
    Optional<ShardStatus> running = consumer.status();
    if (running.isPresent() && stage != Stage.GATE) {
      return running.get();
    }
    Duration lasts = Duration.ofNanos(parts.loop().nowNanos() - grantedNanos);
    Lease row = writer.known();
    Optional<StallReason> stall =
        switch (stage) {
          case GATE ->
              unfinishedParents.isEmpty()
                  ? fenced()
                  : Optional.of(new StallReason.WaitingForParents(unfinishedParents, lasts));
          case PARKED -> row.parked().map(parked -> new StallReason.Parked(parked.reason(), lasts));
          case RUNNING, DRAINED -> fenced();
          case OVER -> Optional.empty();
        };
    ShardState state =
        switch (stage) {
          case GATE -> ShardState.WAITING_FOR_PARENTS;
          case PARKED -> ShardState.PARKED;
          case RUNNING -> ShardState.STARTING;
          case DRAINED -> ShardState.DRAINING;
          case OVER -> ShardState.STOPPED;
        };
    return new ShardStatus(
        stream.identity().arn(),
        row.key().shard(),
        state,
        stall,
        Optional.empty(),
        Optional.empty(),
        0,
        Optional.empty(),
        row.checkpoint().position(),
        Optional.empty(),
        OptionalDouble.empty());
  }

  /** Why what waits for the store waits on, when the store has not answered for long. */
  private Optional<StallReason> fenced() {
    long nowNanos = parts.loop().nowNanos();
    return renewal.isUp(nowNanos)
        ? Optional.empty()
        : Optional.of(new StallReason.Fenced(Duration.ofNanos(renewal.downNanos(nowNanos))));
  }

  /** The measured throughput, for the worker's row. */
  OptionalDouble measuredKBps() {
    double measured = throughputKBps();
    return measured >= 0 ? OptionalDouble.of(measured) : OptionalDouble.empty();
  }

  /** What the writer's replies show. */
  private final class RowObserver implements LeaseWriter.Observer {
    @Override
    public void rowSeen(Lease row) {
      if (stage == Stage.OVER) {
        return;
      }
      if (row.isPaused()) {
        release();
      } else if (stage == Stage.PARKED && row.parked().isEmpty() && intent == Intent.KEEP) {
        unparked();
      }
      if (row.isClaimed()) {
        claimed();
      }
    }

    @Override
    public void landed(SelfFence.Stamp sent) {
      renewal.landed(sent);
    }

    @Override
    public void lost() {
      HeldLease.this.lost();
    }
  }
}
