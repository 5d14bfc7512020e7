package io.millrace.consumer.internal.process;

import io.millrace.consumer.StallReason;
import io.millrace.consumer.failure.CorruptAggregates;
import io.millrace.consumer.failure.FailedRecord;
import io.millrace.consumer.internal.checkpoint.Acknowledgements;
import io.millrace.consumer.internal.fetch.KinesisRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
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

  private static final long FENCED_RETRY_NANOS = Duration.ofMillis(100).toNanos();
  private static final long WAKE_BYTES = 128 * 1024;
  private static final int PULL_RECORDS = 64;

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
  private final RecordOpener opener;
  private final FailureDecisions decisions;

  private final ReentrantLock lock = new ReentrantLock();
  private final List<Runnable> aftermath = new ArrayList<>();
  private final ArrayDeque<KinesisRecord> fetched = new ArrayDeque<>();
  private final DeliveryOrder order;
  private final Acknowledgements acknowledgements = new Acknowledgements();
  private final Set<Work> running = new HashSet<>();
  private final PriorityQueue<Work> waiting = new PriorityQueue<>(Work::compareDue);
  private final RunnerSlots slots;
  private State state = State.ACTIVE;

  /** The opening turn: held by one runner at a time. */
  private boolean opening;

  private boolean openerHasMore;

  /** User records that were opened and are not acknowledged. */
  private int openedRecords;

  private boolean fenced;
  private long fencedSinceNanos;
  private DeliveryProgress.@Nullable ParkRequest parked;
  private @Nullable Runnable whenIdle;

  // What the loop saw last, to wake it only for news.
  private boolean wakePending;
  private boolean deadlineChanged;
  private long seenReleasedBytes;
  private long seenAcknowledged;

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
    this.opener = opener;
    this.decisions = new FailureDecisions(settings.policy(), random);
    this.order = settings.newOrder(userCode.takesBatches());
    this.slots = new RunnerSlots(settings.parallelism());
  }

  // ---- the worker loop's side

  /** Takes fetched records over, in order; the loop has charged them to the byte budget. */
  public void offer(List<KinesisRecord> records, Duration behind, long nowNanos) {
    behindLatest = behind;
    lock.lock();
    try {
      if (state != State.ABANDONED) {
        fetched.addAll(records);
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
      deadlineChanged = false;
      if (state == State.ACTIVE && !isEmpty()) {
        Work first = waiting.peek();
        if (first != null && first.dueNanos - nowNanos > 0) {
          next = Math.min(next, first.dueNanos - nowNanos);
        }
        next = Math.min(next, slots.nanosBlocked(nowNanos));
      }
      return next;
    } finally {
      unlockAndFollowUp();
    }
  }

  /** How far it is. */
  public DeliveryProgress progress() {
    lock.lock();
    try {
      wakePending = false;
      seenReleasedBytes = acknowledgements.releasedBytes();
      seenAcknowledged = acknowledgements.acknowledgedRecords();
      return new DeliveryProgress(
          acknowledgements.watermark(),
          acknowledgements.watermarkArrival(),
          seenAcknowledged,
          seenReleasedBytes,
          running.isEmpty(),
          isEmpty(),
          oldestArrival(),
          Optional.ofNullable(parked));
    } finally {
      unlockAndFollowUp();
    }
  }

  /** Hands nothing out any more; what runs may finish and is acknowledged. Idempotent. */
  public void halt() {
    lock.lock();
    try {
      if (state == State.ACTIVE) {
        state = State.HALTED;
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
        fetched.clear();
        order.clear();
        waiting.clear();
      }
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
      boolean handsOut = state == State.ACTIVE && !isEmpty();
      return DeliveryStalls.find(
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

  private boolean isEmpty() {
    return fetched.isEmpty()
        && !opening
        && !openerHasMore
        && acknowledgements.unacknowledgedRecords() == 0;
  }

  private Optional<Instant> oldestArrival() {
    KinesisRecord first = fetched.peek();
    Optional<Instant> opened = acknowledgements.oldestArrival();
    return opened.isPresent() || first == null ? opened : Optional.of(first.arrival());
  }

  // ---- runners

  /** What a runner does next. */
  sealed interface Turn {
    /** Open more records; the runner has the opening turn. */
    record Open() implements Turn {}

    /**
     * Call user code with the current part.
     *
     * @param work already counted as running
     */
    record Call(Work work) implements Turn {}

    /** End: nothing is there for this runner. It is no longer counted. */
    record End() implements Turn {}
  }

  private static final Turn OPEN = new Turn.Open();
  private static final Turn END = new Turn.End();

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
    Work first = waiting.peek();
    return (first != null && first.dueNanos - nowNanos <= 0) || order.hasReady() || mayOpen();
  }

  /** Whether the opening turn is free, there is something to open, and it is wanted and allowed. */
  private boolean mayOpen() {
    int limit = settings.maxUnacknowledgedRecords();
    return !opening
        && order.lacks(wantedReady())
        && openedRecords < limit
        && (openerHasMore || (!fetched.isEmpty() && acknowledgements.spanRecords() < limit));
  }

  /** A batch is filled before it is handed out; single records are handed out as they are there. */
  private int wantedReady() {
    return userCode.takesBatches() ? settings.batchMaxRecords() : 1;
  }

  private void startReservedRunner() {
    try {
      runtime.executor().execute(new DeliveryRunner(this, hooks.context(), runtime));
    } catch (RejectedExecutionException e) {
      lock.lock();
      try {
        slots.rejected(runtime.nanoClock().getAsLong());
        aftermath.add(hooks.wake());
      } finally {
        unlockAndFollowUp();
      }
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
      Turn turn = sliceOver ? END : choose(nowNanos);
      if (turn == END) {
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
      return END;
    }
    Work work = waiting.peek();
    if (work != null && work.dueNanos - nowNanos <= 0) {
      waiting.remove();
    } else if (mayOpen()) {
      opening = true;
      for (int i = 0; i < PULL_RECORDS && !openerHasMore && !fetched.isEmpty(); i++) {
        opener.pull(fetched.remove());
      }
      return OPEN;
    } else {
      work = order.poll();
      if (work != null && stopsTheShard(work)) {
        park("corrupt aggregate at " + work.head().entry().sequenceNumber(), 0);
        return END;
      }
    }
    return work != null && startPart(work, nowNanos) ? new Turn.Call(work) : END;
  }

  private boolean stopsTheShard(Work work) {
    return work.head().isCorrupt()
        && settings.policy().corruptAggregates() == CorruptAggregates.PARK_SHARD;
  }

  /** Opens what was pulled; by the holder of the opening turn, which decodes outside the lock. */
  void open() {
    int atLeast = settings.openingLength(userCode.takesBatches());
    RecordOpener.Opened opened = opener.open(atLeast);
    lock.lock();
    try {
      opening = false;
      openerHasMore = opener.hasMore();
      if (state != State.ABANDONED) {
        opened.entries().forEach(acknowledgements::add);
        opened.records().forEach(order::add);
        openedRecords += opened.records().size();
      }
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

  /** Neither this work nor any other starts before a time. */
  private void blockUntil(Work work, long untilNanos, long nowNanos) {
    slots.block(untilNanos);
    putAside(work, untilNanos, nowNanos);
  }

  private void putAside(Work work, long dueNanos, long nowNanos) {
    stopRunning(work);
    work.dueNanos = dueNanos;
    waiting.add(work);
    deadlineChanged |= dueNanos - nowNanos > 0;
  }

  /** Calls user code, or the destination, with the current part; outside the lock. */
  CallResult call(Work work) throws Exception {
    FailedRecord.Reason reason = work.givenUp;
    return reason == null
        ? userCode.call(work, behindLatest)
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
      opening = false;
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
    Throwable failure = error;
    boolean failed = failure != null;
    if (result instanceof CallResult.Failed some) {
      failure = keepFailed(work, some);
      failed = true;
    }
    if (work.givenUp == null) {
      hooks.meters().handlerCall(nowNanos - work.callStartNanos, failed);
    }
    if (!failed) {
      runtime.gate().passed();
      acknowledgePart(work);
      work.nextPart();
    } else if (work.givenUp != null) {
      runtime.gate().passed();
      work.destinationFailed(failure, nowNanos);
      long delay = decisions.destinationDelayNanos(work.destinationFailures);
      putAside(work, nowNanos + delay, nowNanos);
      return false;
    } else if (!applyFailure(work, failure, nowNanos)) {
      return false;
    }
    if (work.isFinished()) {
      remove(work);
      order.done(work);
      return false;
    }
    if (state != State.ACTIVE) {
      remove(work);
      return false;
    }
    return true;
  }

  private void remove(Work work) {
    stopRunning(work);
    runIdleTask();
  }

  private void stopRunning(Work work) {
    running.remove(work);
    work.stopped();
  }

  private void acknowledgePart(Work work) {
    int count = work.partSize();
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      bytes += acknowledge(work.inPart(i));
    }
    countDone(work, count, bytes);
  }

  /** Acknowledges a record; its size. */
  private int acknowledge(DeliveredRecord record) {
    acknowledgements.acknowledge(record.entry(), record.subSequenceNumber());
    openedRecords--;
    return record.sizeBytes();
  }

  private void countDone(Work work, int records, long bytes) {
    if (work.givenUp == null) {
      hooks.meters().processed(records, bytes);
    } else {
      hooks.meters().diverted(records);
    }
  }

  /**
   * Acknowledges the records that were not named, and keeps the others as the part.
   *
   * @return an error if a position is not in the part, and then nothing is acknowledged
   */
  private @Nullable Throwable keepFailed(Work work, CallResult.Failed some) {
    Set<DeliveredRecord> kept = new HashSet<>();
    List<DeliveredRecord> processed = new ArrayList<>();
    for (DeliveredRecord record : work.part()) {
      if (some.failed().contains(record.position())) {
        kept.add(record);
      } else {
        processed.add(record);
      }
    }
    if (kept.size() != some.failed().size()) {
      return new IllegalArgumentException(
          "the batch result names "
              + some.failed().size()
              + " failed positions, of which "
              + kept.size()
              + " are in the batch: they must all be");
    }
    long bytes = 0;
    for (DeliveredRecord record : processed) {
      bytes += acknowledge(record);
    }
    countDone(work, processed.size(), bytes);
    work.keep(kept);
    return null;
  }

  /** Applies the failure policy; whether the part may start at once (at the destination). */
  private boolean applyFailure(Work work, @Nullable Throwable error, long nowNanos) {
    FailureDecisions.Decision decision =
        decisions.decide(work, error, runtime.wallClock().instant());
    work.failed(error, nowNanos);
    if (decision instanceof FailureDecisions.Decision.Pause && error != null) {
      runtime.gate().failed(error);
      blockUntil(work, nowNanos + runtime.gate().nanosUntilProbe(nowNanos), nowNanos);
      return false;
    }
    runtime.gate().passed();
    work.countedFailures++;
    logFailure(work, error, decision);
    if (decision instanceof FailureDecisions.Decision.Retry retry) {
      putAside(work, nowNanos + retry.delayNanos(), nowNanos);
    } else if (decision instanceof FailureDecisions.Decision.Halve halve) {
      work.halve();
      putAside(work, nowNanos + halve.delayNanos(), nowNanos);
    } else if (decision instanceof FailureDecisions.Decision.GiveUp giveUp) {
      work.givenUp = giveUp.reason();
      return true;
    } else if (decision instanceof FailureDecisions.Decision.Park park) {
      remove(work);
      park(park.reason(), work.head().attempt());
    }
    return false;
  }

  private void park(String reason, int attempts) {
    if (state == State.ACTIVE) {
      state = State.HALTED;
      parked = new DeliveryProgress.ParkRequest(reason, attempts);
    }
  }

  /** The first failures are news, the later ones a rhythm: one line each time the count doubles. */
  private void logFailure(
      Work work, @Nullable Throwable error, FailureDecisions.Decision decision) {
    if (Integer.bitCount(work.failures) != 1) {
      return;
    }
    int records = work.partSize();
    Object position = work.head().position();
    int failures = work.failures;
    aftermath.add(
        () ->
            log.warn(
                "processing {} records from {} of {} failed for the {}. time with {}: {}",
                records,
                position,
                hooks.context().shard(),
                failures,
                FailureDecisions.nameOf(error),
                decision));
  }

  /** Ends calls beyond the time limit; nanos until the limit must be looked at again. */
  private long endOverdueCalls(long nowNanos) {
    if (settings.handlerTimeout().isEmpty() || isEmpty()) {
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
    if (task != null && running.isEmpty()) {
      whenIdle = null;
      aftermath.add(() -> executeLast(task));
    }
  }

  private void executeLast(Runnable task) {
    try {
      runtime.executor().execute(hooks.context().around(task));
    } catch (RejectedExecutionException e) {
      log.warn("the handler executor refused the last call for {}", hooks.context().shard());
    }
  }

  private void wakeForNews() {
    if (wakePending) {
      return;
    }
    long released = acknowledgements.releasedBytes() - seenReleasedBytes;
    long acknowledged = acknowledgements.acknowledgedRecords() - seenAcknowledged;
    wakePending =
        deadlineChanged
            || parked != null
            || (state != State.ACTIVE && running.isEmpty())
            || released >= WAKE_BYTES
            || acknowledged >= settings.checkpointRecords()
            || (released > 0 && isEmpty());
    if (wakePending) {
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
