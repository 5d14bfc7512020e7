package io.millrace.consumer.internal.process;

import io.millrace.consumer.StallReason;
import io.millrace.consumer.failure.FailedRecord;
import io.millrace.consumer.handler.SuspectedLoss;
import io.millrace.consumer.internal.backoff.FullJitter;
import io.millrace.consumer.internal.checkpoint.Acknowledgements;
import io.millrace.consumer.internal.fetch.KinesisRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

  private final DeliverySettings settings;
  private final HandlerRuntime runtime;
  private final ShardHooks hooks;
  private final UserCode userCode;

  private final ReentrantLock lock = new ReentrantLock();
  private final List<Runnable> aftermath = new ArrayList<>();
  private final RecordFlow flow;
  private final Outcomes outcomes;
  private final Announcements announcements;
  private final LoopNews news;
  private final Handout handout;

  /** Nobody has to hear of each call: no time limit, circuit breaker, rate or duplicate window. */
  private final boolean runsOn;

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
    this.news = new LoopNews(settings.checkpointRecords());
    this.handout = new Handout(settings, runtime, hooks, flow, outcomes, announcements, news);
    this.runsOn =
        settings.handlerTimeout().isEmpty()
            && settings.policy().pauseOn().isEmpty()
            && runtime.duplicates().isOff()
            && runtime.rate().isUnlimited();
  }

  // ---- the worker loop's side

  /** Takes fetched records over, in order; the loop has charged them to the byte budget. */
  public void offer(List<KinesisRecord> records, Duration behind, long nowNanos) {
    behindLatest = behind;
    lock.lock();
    try {
      if (handout.isActive()) {
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
      if (handout.isActive()) {
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
      next = Math.min(next, handout.nanosUntilDue(nowNanos));
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
      handout.acknowledgeProcessed();
      Acknowledgements acknowledgements = flow.acknowledgements();
      news.seen(acknowledgements, handout.parked() != null, handout.isQuiet());
      return new DeliveryProgress(
          acknowledgements.watermark(),
          acknowledgements.watermarkArrival(),
          acknowledgements.acknowledgedRecords(),
          acknowledgements.releasedBytes(),
          handout.isIdle(),
          handout.isEmpty(),
          flow.oldestArrival(),
          Optional.ofNullable(handout.parked()));
    } finally {
      unlockAndFollowUp();
    }
  }

  /**
   * What a checkpoint that is written now says; only once there is a watermark.
   *
   * @param maxAheadBytes how much of what is beyond it may be said
   */
  public CheckpointMark mark(int maxAheadBytes) {
    lock.lock();
    try {
      return CheckpointMark.of(flow.acknowledgements(), maxAheadBytes);
    } finally {
      unlockAndFollowUp();
    }
  }

  /** Halts it for an operator to look at: what the application decides about it can't be had. */
  public void park(String reason) {
    lock.lock();
    try {
      handout.park(reason, 0);
      aftermath.add(hooks.wake());
    } finally {
      unlockAndFollowUp();
    }
  }

  /** Lets go of what has not started; what runs may finish and is acknowledged. Idempotent. */
  public void halt() {
    lock.lock();
    try {
      handout.halt();
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
      handout.abandon();
    } finally {
      unlockAndFollowUp();
    }
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
      return handout.stall(nowNanos);
    } finally {
      unlockAndFollowUp();
    }
  }

  /** The age of the oldest call of user code that is under way. */
  public Optional<Duration> longestCall(long nowNanos) {
    lock.lock();
    try {
      return handout.longestCall(nowNanos);
    } finally {
      unlockAndFollowUp();
    }
  }

  // ---- runners

  private void startRunnerIfWanted(long nowNanos) {
    if (handout.wantsRunner(nowNanos)) {
      handout.slots().reserve(nowNanos);
      aftermath.add(this::startReservedRunner);
    }
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
      handout.slots().rejected(runtime.nanoClock().getAsLong());
      aftermath.add(hooks.wake());
    } finally {
      unlockAndFollowUp();
    }
  }

  /** A runner has got its thread. */
  void runnerStarted() {
    lock.lock();
    try {
      handout.slots().started();
    } finally {
      unlockAndFollowUp();
    }
  }

  /** Gives a runner its next turn. */
  Turn next(long nowNanos, boolean sliceOver) {
    lock.lock();
    try {
      Turn turn = sliceOver ? Turn.END : handout.next(nowNanos);
      if (turn == Turn.END) {
        handout.slots().ended();
      }
      runIdleTask();
      startRunnerIfWanted(nowNanos);
      wakeForNews();
      return turn;
    } finally {
      unlockAndFollowUp();
    }
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

  /**
   * Opens what was pulled; by the holder of the opening turn, which decodes outside the lock. If
   * the application can't choose, the shard is parked: nothing is left out or delivered by mistake.
   */
  void open() {
    RecordOpener.Opened opened;
    try {
      opened = flow.open();
    } catch (Choice.FailedException e) {
      park(String.valueOf(e.getMessage()));
      return;
    }
    if (!runtime.duplicates().isOff()) {
      opened.records().forEach(runtime.duplicates()::identify);
    }
    lock.lock();
    try {
      flow.endOpening(opened, handout.isActive());
    } finally {
      unlockAndFollowUp();
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
   * record. Without asking for the elapsed time where nobody needs it: as long as the wall clock
   * shows the millisecond in which the fence was last looked at, no more than that has passed, in
   * which nothing was suspended; the guard of the fence covers it.
   */
  boolean runsOnAtOnce(Work work) {
    return runsOn
        && hooks.meters() == DeliveryMeters.NONE
        && handout.isActive()
        && !hooks.heldBack().getAsBoolean()
        && runtime.wallClock().millis() == work.fenceMillis
        && work.runOn(work.partStartNanos);
  }

  /** The same by the elapsed time, and by a look at the fence. */
  boolean runsOn(Work work, long nowNanos) {
    long startNanos = work.partStartNanos;
    long wallMillis = runtime.wallClock().millis();
    boolean goesOn =
        runsOn
            && handout.isActive()
            && nowNanos - work.callStartNanos < RUN_ON_NANOS
            && hooks.mayDeliver().test(nowNanos)
            && work.runOn(nowNanos);
    if (goesOn) {
      work.fenceMillis = wallMillis;
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
        handout.putAside(work, nowNanos, nowNanos);
        goOn = false;
      } else if (goOn) {
        goOn = handout.start(work, nowNanos);
      }
      runIdleTask();
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
          handout.putAside(work, nowNanos, nowNanos);
        }
        runIdleTask();
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
      handout.slots().ended();
      flow.abortOpening();
      if (work != null) {
        work.leaveThread();
        handout.drop(work);
      }
      handout.park("defect " + defect.getClass().getName(), 0);
      runIdleTask();
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
    if (handout.isAbandoned()) {
      handout.drop(work);
      return false;
    }
    Outcomes.Next next = outcomes.apply(work, result, error, nowNanos);
    if (next instanceof Outcomes.Next.Park park) {
      int attempts = work.head().attempt();
      handout.drop(work);
      handout.park(park.reason(), attempts);
      return false;
    }
    if (work.isFinished()) {
      handout.drop(work);
      flow.done(work);
      return false;
    }
    if (!handout.isActive()) {
      handout.drop(work);
      return false;
    }
    if (next instanceof Outcomes.Next.Later later) {
      handout.putAside(work, nowNanos + later.delayNanos(), nowNanos);
    } else if (next instanceof Outcomes.Next.Pause pause) {
      handout.blockUntil(work, nowNanos + pause.delayNanos(), nowNanos);
    }
    return next instanceof Outcomes.Next.GoOn;
  }

  /** Ends calls beyond the time limit; nanos until the limit must be looked at again. */
  private long endOverdueCalls(long nowNanos) {
    if (settings.handlerTimeout().isEmpty() || flow.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long limit = settings.handlerTimeout().get().toNanos();
    for (Work work : handout.running()) {
      if (nowNanos - work.callStartNanos < limit) {
        continue;
      }
      if (!work.interrupt() && work.isDetached()) {
        TimeoutException error = new TimeoutException("handlerTimeout is over");
        if (settle(work, null, error, nowNanos)) {
          handout.putAside(work, nowNanos, nowNanos);
        }
      }
    }
    runIdleTask();
    return Math.max(1, limit / 4);
  }

  // ---- what follows a change

  private void runIdleTask() {
    Runnable task = whenIdle;
    if (task != null && handout.isIdle()) {
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
    if (news.take(
        flow.acknowledgements(), handout.parked() != null, handout.isQuiet(), handout.isEmpty())) {
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
