package io.millrace.consumer.internal.loop;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs events, timers and replies one after another, on whichever thread ticks it.
 *
 * <p>The clock stands still during an event: {@link #nowNanos()} is the time of the tick. Events
 * come from any thread and are never dropped; their number is bounded by what causes them: one for
 * each request in flight, one for each consumer that wants to be woken, one for each call of the
 * application that waits for its answer. A tick runs a bounded number of them.
 *
 * <p>Confined to the ticking thread, but for {@link #post}, {@link #onPost} and {@link #hasEvents}.
 */
public final class EventLoop implements Duty {
  private static final int EVENTS_PER_TICK = 4_096;
  private static final long UNMARKED = -1;

  private final InstantSource wallClock;
  private final ConcurrentLinkedQueue<Runnable> events = new ConcurrentLinkedQueue<>();
  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private volatile Runnable onPost = () -> {};
  private final AtomicLong posted = new AtomicLong();
  private long markedUpTo = UNMARKED;
  private long handled;
  private long nowNanos;
  private long timersMade;

  /**
   * Creates a loop.
   *
   * @param nowNanos the time until the first tick
   * @param wallClock for what crosses the edge of the process, never for elapsed time
   */
  public EventLoop(long nowNanos, InstantSource wallClock) {
    this.nowNanos = nowNanos;
    this.wallClock = wallClock;
  }

  /** What is called after each {@link #post}, on the posting thread: wakes up whoever ticks. */
  public void onPost(Runnable wakeup) {
    this.onPost = wakeup;
  }

  /** The time of this tick. */
  public long nowNanos() {
    return nowNanos;
  }

  /** The wall clock's time now. */
  public Instant wallTime() {
    return wallClock.instant();
  }

  /** Has {@code event} run on the loop. From any thread. */
  public void post(Runnable event) {
    events.add(event);
    posted.incrementAndGet();
    onPost.run();
  }

  /** Whether an event waits for the next tick. From any thread. */
  public boolean hasEvents() {
    return !events.isEmpty();
  }

  /** Has {@code action} run on the loop when {@code delayNanos} are over. */
  public Timer after(long delayNanos, Runnable action) {
    Timer timer = new Timer(nowNanos + Math.max(0, delayNanos), timersMade++, action);
    timers.add(timer);
    return timer;
  }

  /**
   * Sends a request, and has {@code onReply} run on the loop once: with the reply, with the
   * failure, or after {@code timeoutNanos} with a {@link TimeoutException}. A later reply is
   * ignored.
   */
  public <T> void request(
      Supplier<CompletionStage<T>> request,
      long timeoutNanos,
      BiConsumer<@Nullable T, @Nullable Throwable> onReply) {
    Reply<T> reply = new Reply<>(onReply);
    reply.timeout =
        after(timeoutNanos, () -> reply.settle(null, new TimeoutException("no reply in time")));
    CompletionStage<T> stage;
    try {
      stage = request.get();
    } catch (RuntimeException e) {
      post(() -> reply.settle(null, e));
      return;
    }
    stage.whenComplete((value, failure) -> post(() -> reply.settle(value, failure)));
  }

  /**
   * Says that the next tick handles no event that comes from now on. Called before the time of that
   * tick is read: so no event is handled at a time before it came, however long the thread stood
   * still in between. Whoever judges by this loop's time for how long something has not changed
   * relies on it.
   */
  public void mark() {
    markedUpTo = posted.get();
  }

  @Override
  public long tick(long now) {
    nowNanos = now;
    long upTo = markedUpTo == UNMARKED ? posted.get() : markedUpTo;
    markedUpTo = UNMARKED;
    for (int i = 0; i < EVENTS_PER_TICK && handled < upTo; i++) {
      handled++;
      Objects.requireNonNull(events.poll()).run();
    }
    fireDueTimers(now);
    if (!events.isEmpty()) {
      return 0;
    }
    Timer next = timers.peek();
    return next == null ? Long.MAX_VALUE : Math.max(0, next.dueNanos - now);
  }

  /** Fires what is due, but nothing that is set meanwhile: a tick ends. */
  private void fireDueTimers(long now) {
    long setBefore = timersMade;
    for (Timer timer = timers.peek(); timer != null; timer = timers.peek()) {
      boolean due = timer.dueNanos - now <= 0 && timer.order < setBefore;
      if (!due && !timer.isCancelled()) {
        return;
      }
      timers.poll();
      timer.fire();
    }
  }

  /** One reply, which settles once. */
  private static final class Reply<T> {
    private final BiConsumer<@Nullable T, @Nullable Throwable> onReply;
    private @Nullable Timer timeout;
    private boolean settled;

    Reply(BiConsumer<@Nullable T, @Nullable Throwable> onReply) {
      this.onReply = onReply;
    }

    void settle(@Nullable T value, @Nullable Throwable failure) {
      if (settled) {
        return;
      }
      settled = true;
      if (timeout != null) {
        timeout.cancel();
      }
      onReply.accept(value, failure);
    }
  }
}
