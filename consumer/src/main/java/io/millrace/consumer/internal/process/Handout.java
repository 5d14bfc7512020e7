package io.millrace.consumer.internal.process;

import io.millrace.consumer.StallReason;
import io.millrace.consumer.failure.CorruptAggregates;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a delivery hands out to its runners, and when: what is to be told before anything else, then
 * work whose time has come, then what the order has ready; nothing while the lease may have passed
 * to a peer, the circuit breaker is open, or the rate is used up; and nothing more once it is
 * halted.
 *
 * <p>Confined to the delivery's lock, but for {@link #isActive}.
 */
final class Handout {
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
  private final RecordFlow flow;
  private final Outcomes outcomes;
  private final Announcements announcements;
  private final LoopNews news;
  private final RunnerSlots slots;
  private final Set<Work> running = new HashSet<>();
  private final PriorityQueue<Work> waiting = new PriorityQueue<>(Work::compareDue);

  /** Read without the lock by {@link #isActive} only. */
  private volatile State state = State.ACTIVE;

  private boolean fenced;
  private long fencedSinceNanos;
  private DeliveryProgress.@Nullable ParkRequest parked;

  Handout(
      DeliverySettings settings,
      HandlerRuntime runtime,
      ShardHooks hooks,
      RecordFlow flow,
      Outcomes outcomes,
      Announcements announcements,
      LoopNews news) {
    this.settings = settings;
    this.runtime = runtime;
    this.hooks = hooks;
    this.flow = flow;
    this.outcomes = outcomes;
    this.announcements = announcements;
    this.news = news;
    this.slots = new RunnerSlots(settings.parallelism());
  }

  // ---- whether

  /** Whether records are handed out; callable without the lock. */
  boolean isActive() {
    return state == State.ACTIVE;
  }

  /** Whether outcomes count no more. */
  boolean isAbandoned() {
    return state == State.ABANDONED;
  }

  /** Why the failure policy stopped it, if it did. */
  DeliveryProgress.@Nullable ParkRequest parked() {
    return parked;
  }

  /** Lets go of what has not started; what runs may finish. */
  void halt() {
    if (state == State.ACTIVE) {
      state = State.HALTED;
      letGo();
    }
  }

  /** Halts it, for an operator to look at. */
  void park(String reason, int attempts) {
    if (state == State.ACTIVE) {
      halt();
      parked = new DeliveryProgress.ParkRequest(reason, attempts);
    }
  }

  /** Lets go of everything, and interrupts user code that runs. */
  void abandon() {
    if (state != State.ABANDONED) {
      state = State.ABANDONED;
      for (Work work : running) {
        work.interrupt();
        runtime.gate().abandoned();
      }
      letGo();
    }
  }

  /** What has not started never will: its memory is free. It stays unacknowledged. */
  private void letGo() {
    flow.letGo();
    waiting.clear();
    announcements.clear();
  }

  /** Nothing runs, and nothing will. */
  boolean isQuiet() {
    return state != State.ACTIVE && isIdle();
  }

  /** No user code runs. */
  boolean isIdle() {
    return running.isEmpty() && !announcements.isTelling();
  }

  /** Everything that was offered is acknowledged, and everything announced is told. */
  boolean isEmpty() {
    return flow.isEmpty() && announcements.isEmpty();
  }

  // ---- to runners

  /** The runners that there are. */
  RunnerSlots slots() {
    return slots;
  }

  /** Whether one more runner would find something to do now. */
  boolean wantsRunner(long nowNanos) {
    return state == State.ACTIVE && slots.hasFree(nowNanos) && canStart(nowNanos);
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

  /** Nanos until something that waits may be handed out; {@link Long#MAX_VALUE} if nothing does. */
  long nanosUntilDue(long nowNanos) {
    long next = announcements.nanosUntilDue(nowNanos);
    if (state == State.ACTIVE && !isEmpty()) {
      Work first = waiting.peek();
      if (first != null && first.dueNanos - nowNanos > 0) {
        next = Math.min(next, first.dueNanos - nowNanos);
      }
      next = Math.min(next, slots.nanosBlocked(nowNanos));
    }
    return next;
  }

  /** What the runner that asks does next. */
  Turn next(long nowNanos) {
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
    return work != null && start(work, nowNanos) ? new Turn.Call(work) : Turn.END;
  }

  private boolean stopsTheShard(Work work) {
    return work.head().isCorrupt()
        && settings.policy().corruptAggregates() == CorruptAggregates.PARK_SHARD;
  }

  /** Starts a call with the current part on this thread, or puts the work aside. */
  boolean start(Work work, long nowNanos) {
    // Before the look at the fence, so that no suspension can lie between.
    work.fenceMillis = runtime.wallClock().millis();
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
      drop(work);
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

  // ---- from runners

  /** Neither this work nor any other starts before a time. */
  void blockUntil(Work work, long untilNanos, long nowNanos) {
    slots.block(untilNanos);
    putAside(work, untilNanos, nowNanos);
  }

  /** This work does not start before a time. */
  void putAside(Work work, long dueNanos, long nowNanos) {
    drop(work);
    work.dueNanos = dueNanos;
    waiting.add(work);
    if (dueNanos - nowNanos > 0) {
      news.deadlineChanged();
    }
  }

  /** No call with this work is under way any more. */
  void drop(Work work) {
    running.remove(work);
    work.stopped();
  }

  /** Counts what runners have processed: one whose next call takes long reports it late. */
  void acknowledgeProcessed() {
    if (state != State.ABANDONED) {
      running.forEach(outcomes::acknowledgeProcessed);
    }
  }

  // ---- to those who look

  /** Work that a call of user code is under way with. */
  Collection<Work> running() {
    return List.copyOf(running);
  }

  /** The age of the oldest call of user code that is under way. */
  Optional<Duration> longestCall(long nowNanos) {
    return DeliveryStalls.longestCall(running, nowNanos);
  }

  /** Why records don't move, if they don't. */
  Optional<StallReason> stall(long nowNanos) {
    boolean handsOut = state == State.ACTIVE && !flow.isEmpty();
    return announcements
        .stall(nowNanos)
        .or(
            () ->
                DeliveryStalls.find(
                    handsOut,
                    handsOut ? waiting : List.of(),
                    running,
                    runtime.gate(),
                    fenced ? Math.max(0, nowNanos - fencedSinceNanos) : -1,
                    slots.nanosQueued(nowNanos),
                    nowNanos));
  }
}
