package io.millrace.consumer.internal.process;

import io.millrace.consumer.StallReason;
import io.millrace.consumer.failure.CorruptAggregates;
import io.millrace.consumer.failure.FailedRecord;
import io.millrace.consumer.handler.SuspectedLoss;
import io.millrace.consumer.internal.backoff.FullJitter;
import io.millrace.consumer.internal.checkpoint.Acknowledgements;
import io.millrace.consumer.internal.fetch.KinesisRecord;
import io.millrace.model.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of one shard on their way through user code: offered by the worker loop in order,
 * opened lazily, handed out as {@link Work} by the order that the application chose, and
 * acknowledged.
 *
 * <p>Who does what: the loop offers, ticks and reads progress; <em>runners</em> - tasks on the
 * handler threads, at most one per allowed call - take work, call user code, and report what came
 * of it. A runner ends when there is nothing for it, and whoever makes work available starts one:
 * so a shard without records has no thread, and a shard with many gives its thread back after every
 * {@value #SLICE_MILLIS} ms for other shards.
 *
 * <p>Invariants: a record is in exactly one place (fetched, being opened, in the order, in running
 * work, in waiting work) until it is acknowledged; nothing is acknowledged but by an outcome of
 * user code or of the destination; after {@link #abandon} no outcome changes anything.
 *
 * <p>Thread-safe by one lock, which guards all mutable fields. Under it there is never user code,
 * I/O, decoding, or the start of a task: what must follow a change is noted as aftermath and done
 * once the lock is free.
 */
public final class Delivery {
  private static final Logger log = LoggerFactory.getLogger(Delivery.class);

  /** How long a shard keeps a handler thread while others may wait for it. */
  static final int SLICE_MILLIS = 50;

  /**
   * How long a runner goes on with quick records of its work before it takes the lock to report
   * them. If the last of them turns out slow, the loop counts those before it when it looks.
   */
  private static final long RUN_ON_NANOS = Duration.ofMillis(1).toNanos();

  private static final long FENCED_RETRY_NANOS = Duration.ofMillis(100).toNanos();

  /** Whether records are handed out. */
  private enum State {
    /** They are. */
    ACTIVE,
    /** What runs may finish; nothing new starts. */
    HALTED,
    /** Outcomes are ignored. */
    ABANDONED
  }

  private final DeliverySettings settings;
  private final HandlerRuntime runtime;
  private final ShardHooks hooks;
  private final UserCode userCode;

  private final ReentrantLock lock = new ReentrantLock();
  private final List<Runnable> aftermath = new ArrayList<>();
  private final RecordFlow flow;
  private final Outcomes outcomes;
  private final Set<Work> running = new HashSet<>();
  private final PriorityQueue<Work> waiting = new PriorityQueue<>(Work::compareDue);
  private final Announcements announcements;
  private final RunnerSlots slots;
  private final LoopNews news;

  /** Written under the lock; read without it by {@link #runsOn} only. */
  private volatile State state = State.ACTIVE;

  /** Nobody has to hear of each call: no time limit, circuit breaker, rate or duplicate window. */
  private final boolean runsOn;

  private boolean fenced;
  private long fencedSinceNanos;
  private DeliveryProgress.@Nullable ParkRequest parked;
  private @Nullable Runnable whenIdle;

  /** Written by the loop, for batches to show. */
  private volatile Duration behindLatest = Duration.ZERO;

  /** Creates the delivery of one ownership. */
  Delivery(
      DeliverySettings settings,
      HandlerRuntime runtime,
      ShardHooks hooks,
      UserCode userCode,
      RecordOpener opener,
      RandomGenerator random) {
    this.settings = settings;
    this.runtime = runtime;
    this.hooks = hooks;
    this.userCode = userCode;
    this.flow = new RecordFlow(settings, userCode.takesBatches(), opener);
    this.outcomes = new Outcomes(flow, settings.policy(), runtime, hooks, random, aftermath::add);
    this.announcements =
        new Announcements(
            new FullJitter(settings.policy().minBackoff(), settings.policy().maxBackoff(), random));
    this.slots = new RunnerSlots(settings.parallelism());
    this.runsOn =
        settings.handlerTimeout().isEmpty()
            && settings.policy().pauseOn().isEmpty()
            && runtime.duplicates().isOff()
            && runtime.rate().isUnlimited();
    this.news = new LoopNews(settings.checkpointRecords());
  }

  // ---- the worker loop's side

  /** Takes fetched records over, in order; the loop has charged them to the byte budget. */
  public void offer(List<KinesisRecord> records, Duration behind, long nowNanos) {
    behindLatest = behind;
    lock.lock();
    try {
      if (state == State.ACTIVE) {
        flow.offer(records);
        startRunnerIfWanted(nowNanos);
      }
    } finally {
      unlockAndFollowUp();
    }
  }

  /** The application is told of this before any record that is offered from now on. */
  public void announce(SuspectedLoss loss, long nowNanos) {
    lock.lock();
    try {
      if (state == State.ACTIVE) {
        announcements.add(loss, nowNanos);
        startRunnerIfWanted(nowNanos);
      }
    } finally {
      unlockAndFollowUp();
    }
  }

  /**
   * Starts what has become due, ends calls that took too long; nanos until it next must be called.
   */
  public long tick(long nowNanos) {
    lock.lock();
    try {
      long next = endOverdueCalls(nowNanos);
      startRunnerIfWanted(nowNanos);
      news.deadlineSeen();
      next = Math.min(next, announcements.nanosUntilDue(nowNanos));
      if (state == State.ACTIVE && !isEmpty()) {
        Work first = waiting.peek();
        if (first != null && first.dueNanos - nowNanos > 0) {
          next = Math.min(next, first.dueNanos - nowNanos);
        }
        next = Math.min(next, slots.nanosBlocked(nowNanos));
      }
      wakeForNews();
      return next;
    } finally {
      unlockAndFollowUp();
    }
  }

  /** How far it is. */
  public DeliveryProgress progress() {
    lock.lock();
    try {
      if (state != State.ABANDONED) {
        // A call that takes long must not hold back what its runner did just before.
        running.forEach(outcomes::acknowledgeProcessed);
      }
      Acknowledgements acknowledgements = flow.acknowledgements();
      news.seen(acknowledgements, parked != null, isQuiet());
      return new DeliveryProgress(
          acknowledgements.watermark(),
          acknowledgements.watermarkArrival(),
          acknowledgements.acknowledgedRecords(),
          acknowledgements.releasedBytes(),
          isIdle(),
          isEmpty(),
          flow.oldestArrival(),
          Optional.ofNullable(parked));
    } finally {
      unlockAndFollowUp();
    }
  }

  /** The watermark with what belongs to it, as of one moment. Immutable; its bytes are its own. */
  public static final class Mark {
    private final Position position;
    private final Optional<Instant> arrival;
    private final byte[] ahead;

    private Mark(Position position, Optional<Instant> arrival, byte[] ahead) {
      this.position = position;
      this.arrival = arrival;
      this.ahead = ahead;
    }

    /** The watermark. */
    public Position position() {
      return position;
    }

    /** The arrival time of the record there. */
    public Optional<Instant> arrival() {
      return arrival;
    }

    /** What is acknowledged beyond it. */
    public byte[] ahead() {
      return ahead.clone();
    }
  }

  /**
   * What a checkpoint that is written now says; only once there is a watermark.
   *
   * @param maxAheadBytes how much of what is beyond it may be said
   */
  public Mark mark(int maxAheadBytes) {
    lock.lock();
    try {
      Acknowledgements done = flow.acknowledgements();
      return new Mark(
          done.watermark().orElseThrow(), done.watermarkArrival(), done.ahead(maxAheadBytes));
    } finally {
      unlockAndFollowUp();
    }
  }

  /** Lets go of what has not started; what runs may finish and is acknowledged. Idempotent. */
  public void halt() {
    lock.lock();
    try {
      if (state == State.ACTIVE) {
        state = State.HALTED;
        letGo();
      }
    } finally {
      unlockAndFollowUp();
    }
  }

  /**
   * Ignores every outcome from now on, interrupts user code that runs, and lets all records go.
   * Idempotent.
   */
  public void abandon() {
    lock.lock();
    try {
      if (state != State.ABANDONED) {
        state = State.ABANDONED;
        for (Work work : running) {
          work.interrupt();
          runtime.gate().abandoned();
        }
        letGo();
      }
    } finally {
      unlockAndFollowUp();
    }
  }

  /** What has not started never will: its memory is free. It stays unacknowledged. */
  private void letGo() {
    flow.letGo();
    waiting.clear();
    announcements.clear();
  }

  /** Runs a task on a handler thread as soon as no user code runs; at most one task. */
  public void whenIdle(Runnable task) {
    lock.lock();
    try {
      whenIdle = task;
      runIdleTask();
    } finally {
      unlockAndFollowUp();
    }
  }

  /** Why records don't move, if they don't. */
  public Optional<StallReason> stall(long nowNanos) {
    lock.lock();
    try {
      boolean handsOut = state == State.ACTIVE && !flow.isEmpty();
      Optional<StallReason> untold = announcements.stall(nowNanos);
      return untold.isPresent()
          ? untold
          : DeliveryStalls.find(
              handsOut,
              handsOut ? waiting : List.of(),
              running,
              runtime.gate(),
              fenced ? Math.max(0, nowNanos - fencedSinceNanos) : -1,
              slots.nanosQueued(nowNanos),
              nowNanos);
    } finally {
      unlockAndFollowUp();
    }
  }

  /** The age of the oldest call of user code that is under way. */
  public Optional<Duration> longestCall(long nowNanos) {
    lock.lock();
    try {
      return DeliveryStalls.longestCall(running, nowNanos);
    } finally {
      unlockAndFollowUp();
    }
  }

  /** Nothing runs, and nothing will. */
  private boolean isQuiet() {
    return state != State.ACTIVE && isIdle();
  }

  /** No user code runs. */
  private boolean isIdle() {
    return running.isEmpty() && !announcements.isTelling();
  }

  /** Everything that was offered is acknowledged, and everything announced is told. */
  private boolean isEmpty() {
    return flow.isEmpty() && announcements.isEmpty();
  }

  // ---- runners

  private void startRunnerIfWanted(long nowNanos) {
    if (state == State.ACTIVE && slots.hasFree(nowNanos) && canStart(nowNanos)) {
      slots.reserve(nowNanos);
      aftermath.add(this::startReservedRunner);
    }
  }

  private boolean canStart(long nowNanos) {
    if (running.size() >= settings.parallelism()) {
      return false;
    }
    if (!announcements.isEmpty()) {
      return announcements.isDue(nowNanos);
    }
    Work first = waiting.peek();
    return (first != null && first.dueNanos - nowNanos <= 0) || flow.hasReady() || flow.mayOpen();
  }

  private void startReservedRunner() {
    DeliveryRunner runner = new DeliveryRunner(this, hooks.context(), runtime);
    try {
      runner.submit(runtime.executor());
    } catch (RuntimeException e) {
      // Whatever the application's executor throws means that it did not take the task.
      log.debug("the handler executor refused {}", hooks.context().shard(), e);
      runnerRefused();
    }
  }

  /** A reserved runner did not get a thread; it is tried again. */
  void runnerRefused() {
    lock.lock();
    try {
      slots.rejected(runtime.nanoClock().getAsLong());
      aftermath.add(hooks.wake());
    } finally {
      unlockAndFollowUp();
    }
  }

  /** A runner has got its thread. */
  void runnerStarted() {
    lock.lock();
    try {
      slots.started();
    } finally {
      unlockAndFollowUp();
    }
  }

  /** Gives a runner its next turn. */
  Turn next(long nowNanos, boolean sliceOver) {
    lock.lock();
    try {
      Turn turn = sliceOver ? Turn.END : choose(nowNanos);
      if (turn == Turn.END) {
        slots.ended();
      }
      startRunnerIfWanted(nowNanos);
      wakeForNews();
      return turn;
    } finally {
      unlockAndFollowUp();
    }
  }

  private Turn choose(long nowNanos) {
    if (state != State.ACTIVE || running.size() >= settings.parallelism()) {
      return Turn.END;
    }
    if (!announcements.isEmpty()) {
      return announcements.isDue(nowNanos) ? new Turn.Tell(announcements.take()) : Turn.END;
    }
    Work work = waiting.peek();
    if (work != null && work.dueNanos - nowNanos <= 0) {
      waiting.remove();
    } else if (flow.mayOpen()) {
      flow.beginOpening();
      return Turn.OPEN;
    } else {
      work = flow.poll();
      if (work != null && stopsTheShard(work)) {
        park("corrupt aggregate at " + work.head().entry().sequenceNumber(), 0);
        return Turn.END;
      }
    }
    return work != null && startPart(work, nowNanos) ? new Turn.Call(work) : Turn.END;
  }

  private boolean stopsTheShard(Work work) {
    return work.head().isCorrupt()
        && settings.policy().corruptAggregates() == CorruptAggregates.PARK_SHARD;
  }

  /** The application was told what {@link Turn.Tell} said, or threw. */
  void told(@Nullable Throwable error, long nowNanos) {
    lock.lock();
    try {
      announcements.told(error, nowNanos);
      if (error != null) {
        String name = FailureDecisions.nameOf(error);
        aftermath.add(
            () ->
                log.warn(
                    "telling of a suspected loss in {} failed: {}", hooks.context().shard(), name));
      }
      runIdleTask();
      aftermath.add(hooks.wake());
    } finally {
      unlockAndFollowUp();
    }
  }

  /** Opens what was pulled; by the holder of the opening turn, which decodes outside the lock. */
  void open() {
    RecordOpener.Opened opened = flow.open();
    if (!runtime.duplicates().isOff()) {
      opened.records().forEach(runtime.duplicates()::identify);
    }
    lock.lock();
    try {
      flow.endOpening(opened, state == State.ACTIVE);
    } finally {
      unlockAndFollowUp();
    }
  }

  /** Starts a call with the current part on this thread, or puts the work aside. */
  private boolean startPart(Work work, long nowNanos) {
    if (!hooks.mayDeliver().test(nowNanos)) {
      if (!fenced) {
        fenced = true;
        fencedSinceNanos = nowNanos;
      }
      blockUntil(work, nowNanos + FENCED_RETRY_NANOS, nowNanos);
      return false;
    }
    fenced = false;
    if (leaveOutDuplicates(work)) {
      remove(work);
      flow.done(work);
      return false;
    }
    long slower = work.givenUp == null ? runtime.rate().take(work.partSize(), nowNanos) : 0;
    if (slower > 0) {
      blockUntil(work, nowNanos + slower, nowNanos);
      return false;
    }
    if (!runtime.gate().tryEnter()) {
      blockUntil(work, nowNanos + runtime.gate().nanosUntilProbe(nowNanos), nowNanos);
      return false;
    }
    if (!work.isRunning()) {
      running.add(work);
    }
    work.startCall(Thread.currentThread(), nowNanos);
    return true;
  }

  /** Acknowledges what need not be delivered of the current part; whether nothing is left. */
  private boolean leaveOutDuplicates(Work work) {
    if (runtime.duplicates().isOff() || work.givenUp != null || work.failures > 0) {
      return false;
    }
    while (!work.isFinished() && outcomes.leaveOutDuplicates(work)) {
      work.nextPart();
    }
    return work.isFinished();
  }

  /** Neither this work nor any other starts before a time. */
  private void blockUntil(Work work, long untilNanos, long nowNanos) {
    slots.block(untilNanos);
    putAside(work, untilNanos, nowNanos);
  }

  private void putAside(Work work, long dueNanos, long nowNanos) {
    stopRunning(work);
    work.dueNanos = dueNanos;
    waiting.add(work);
    if (dueNanos - nowNanos > 0) {
      news.deadlineChanged();
    }
  }

  /** Calls user code, or the destination, with the current part; outside the lock. */
  CallResult call(Work work) throws Exception {
    FailedRecord.Reason reason = work.givenUp;
    return reason == null
        ? runtime.observations().call(userCode, work, behindLatest, hooks.context())
        : Diversion.divert(work, reason, settings.policy().onFailure().orElseThrow());
  }

  /** A call has returned and its outcome comes later: the thread is free. The id of the call. */
  long detach(Work work) {
    lock.lock();
    try {
      work.leaveThread();
      return work.callId;
    } finally {
      unlockAndFollowUp();
    }
  }

  /**
   * Whether the runner, whose call has ended well, may call with the work's next record at once and
   * report both later: so that quick handlers take the lock once in a while, and slow ones for each
   * record.
   */
  boolean runsOn(Work work, long nowNanos) {
    long startNanos = work.partStartNanos;
    boolean goesOn =
        runsOn
            && state == State.ACTIVE
            && nowNanos - work.callStartNanos < RUN_ON_NANOS
            && hooks.mayDeliver().test(nowNanos)
            && work.runOn(nowNanos);
    if (goesOn) {
      hooks.meters().handlerCall(nowNanos - startNanos, false);
    }
    return goesOn;
  }

  /**
   * A call of the runner's own thread has ended.
   *
   * @param result what it returned, or null
   * @param error what it threw, or null
   * @return whether the runner goes on with the work's next part
   */
  boolean ended(
      Work work,
      @Nullable CallResult result,
      @Nullable Throwable error,
      boolean sliceOver,
      long nowNanos) {
    lock.lock();
    try {
      work.leaveThread();
      boolean goOn = settle(work, result, error, nowNanos);
      if (goOn && sliceOver) {
        putAside(work, nowNanos, nowNanos);
        goOn = false;
      } else if (goOn) {
        goOn = startPart(work, nowNanos);
      }
      wakeForNews();
      return goOn;
    } finally {
      unlockAndFollowUp();
    }
  }

  /**
   * The outcome of a detached call has come, on any thread; ignored if the call was given up
   * before.
   */
  void endedLater(Work work, long callId, @Nullable CallResult result, @Nullable Throwable error) {
    long nowNanos = runtime.nanoClock().getAsLong();
    lock.lock();
    try {
      if (work.callId == callId) {
        if (settle(work, result, error, nowNanos)) {
          putAside(work, nowNanos, nowNanos);
        }
        startRunnerIfWanted(nowNanos);
        wakeForNews();
      }
    } finally {
      unlockAndFollowUp();
    }
  }

  /** A runner met a defect of this package: the shard stops, loudly, and nothing is skipped. */
  void runnerFailed(Throwable defect, @Nullable Work work) {
    log.error("defect while delivering {}: the shard is parked", hooks.context().shard(), defect);
    lock.lock();
    try {
      slots.ended();
      flow.abortOpening();
      if (work != null) {
        work.leaveThread();
        remove(work);
      }
      park("defect " + defect.getClass().getName(), 0);
      aftermath.add(hooks.wake());
    } finally {
      unlockAndFollowUp();
    }
  }

  // ---- outcomes, under the lock

  /** Applies an outcome to the current part; whether the work has a part that may start at once. */
  private boolean settle(
      Work work, @Nullable CallResult result, @Nullable Throwable error, long nowNanos) {
    work.callId++;
    if (state == State.ABANDONED) {
      remove(work);
      return false;
    }
    Outcomes.Next next = outcomes.apply(work, result, error, nowNanos);
    if (next instanceof Outcomes.Next.Park park) {
      int attempts = work.head().attempt();
      remove(work);
      park(park.reason(), attempts);
      return false;
    }
    if (work.isFinished()) {
      remove(work);
      flow.done(work);
      return false;
    }
    if (state != State.ACTIVE) {
      remove(work);
      return false;
    }
    if (next instanceof Outcomes.Next.Later later) {
      putAside(work, nowNanos + later.delayNanos(), nowNanos);
    } else if (next instanceof Outcomes.Next.Pause pause) {
      blockUntil(work, nowNanos + pause.delayNanos(), nowNanos);
    }
    return next instanceof Outcomes.Next.GoOn;
  }

  private void remove(Work work) {
    stopRunning(work);
    runIdleTask();
  }

  private void stopRunning(Work work) {
    running.remove(work);
    work.stopped();
  }

  private void park(String reason, int attempts) {
    if (state == State.ACTIVE) {
      state = State.HALTED;
      letGo();
      parked = new DeliveryProgress.ParkRequest(reason, attempts);
    }
  }

  /** Ends calls beyond the time limit; nanos until the limit must be looked at again. */
  private long endOverdueCalls(long nowNanos) {
    if (settings.handlerTimeout().isEmpty() || flow.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long limit = settings.handlerTimeout().get().toNanos();
    for (Work work : List.copyOf(running)) {
      if (nowNanos - work.callStartNanos < limit) {
        continue;
      }
      if (!work.interrupt() && work.isDetached()) {
        TimeoutException error = new TimeoutException("handlerTimeout is over");
        if (settle(work, null, error, nowNanos)) {
          putAside(work, nowNanos, nowNanos);
        }
      }
    }
    return Math.max(1, limit / 4);
  }

  // ---- what follows a change

  private void runIdleTask() {
    Runnable task = whenIdle;
    if (task != null && isIdle()) {
      whenIdle = null;
      aftermath.add(() -> executeLast(task));
    }
  }

  private void executeLast(Runnable task) {
    try {
      runtime.executor().execute(hooks.context().around(task));
    } catch (RuntimeException e) {
      log.warn("the handler executor refused the last call for {}", hooks.context().shard());
    }
  }

  private void wakeForNews() {
    if (news.take(flow.acknowledgements(), parked != null, isQuiet(), isEmpty())) {
      aftermath.add(hooks.wake());
    }
  }

  private void unlockAndFollowUp() {
    if (aftermath.isEmpty()) {
      lock.unlock();
      return;
    }
    List<Runnable> todo = List.copyOf(aftermath);
    aftermath.clear();
    lock.unlock();
    todo.forEach(Runnable::run);
  }
}
