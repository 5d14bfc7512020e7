package io.millrace.consumer.internal.process;

import io.millrace.consumer.StallReason;
import io.millrace.consumer.internal.fetch.LoopInbox;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls of a shard processor beside the delivery of records: one at a time, on a handler thread,
 * with the outcome posted to the worker loop.
 *
 * <p>Confined to the worker loop, but for what handler threads note of the call under way, which a
 * lock guards: under it, that is noted, interrupted or forgotten, and nothing else happens.
 */
public final class ProcessorCalls {
  private static final Logger log = LoggerFactory.getLogger(ProcessorCalls.class);
  private static final long BUSY_NANOS = Duration.ofSeconds(1).toNanos();

  private final HandlerRuntime runtime;
  private final HandlerContext context;
  private final LoopInbox inbox;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Thread thread;
  private boolean interrupted;
  private boolean underWay;
  private @Nullable Runnable last;

  private String name = "";
  private boolean running;
  private boolean overdue;
  private long startNanos;

  /** Creates it without a call. */
  public ProcessorCalls(HandlerRuntime runtime, HandlerContext context, LoopInbox inbox) {
    this.runtime = runtime;
    this.context = context;
    this.inbox = inbox;
  }

  /** A method of the processor. */
  @FunctionalInterface
  public interface Call {
    /** Calls it. */
    void run() throws Exception;
  }

  /** What becomes of a call. */
  @FunctionalInterface
  public interface Outcome {
    /**
     * It has ended.
     *
     * @param error what it threw, or null
     */
    void ended(@Nullable Throwable error, long nowNanos);
  }

  /**
   * Starts a call.
   *
   * @param what its name, for operators
   * @param outcome called on the loop, once
   * @throws IllegalStateException if one is running: a defect of the caller
   */
  public void start(String what, Call call, Outcome outcome, long nowNanos) {
    if (running) {
      throw new IllegalStateException(what + " while " + name + " runs: this is a defect");
    }
    name = what;
    running = true;
    overdue = false;
    startNanos = nowNanos;
    setUnderWay();
    try {
      runtime.executor().execute(context.around(() -> run(call, outcome)));
    } catch (RejectedExecutionException e) {
      leave();
      inbox.post(now -> end(outcome, e, now));
    }
  }

  private void run(Call call, Outcome outcome) {
    Throwable error = null;
    enter();
    try {
      call.run();
    } catch (Throwable e) {
      // Errors too: whatever the application throws means that the call has not succeeded.
      error = e;
    }
    Runnable next = leave();
    Throwable thrown = error;
    inbox.post(now -> end(outcome, thrown, now));
    next.run();
  }

  private void end(Outcome outcome, @Nullable Throwable error, long nowNanos) {
    running = false;
    outcome.ended(error, nowNanos);
  }

  private void setUnderWay() {
    lock.lock();
    try {
      underWay = true;
    } finally {
      lock.unlock();
    }
  }

  private void enter() {
    lock.lock();
    try {
      thread = Thread.currentThread();
    } finally {
      lock.unlock();
    }
  }

  /** No call is under way any more; what is left to do on this thread. */
  private Runnable leave() {
    lock.lock();
    try {
      thread = null;
      underWay = false;
      if (interrupted) {
        interrupted = false;
        boolean unused = Thread.interrupted();
      }
      Runnable next = last == null ? () -> {} : last;
      last = null;
      return next;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes the last call of an ownership that is over: on this thread, or on that of the call under
   * way as soon as that has returned. Nobody waits for it. Callable from any thread.
   */
  public void last(Runnable call) {
    Runnable quiet = () -> runQuietly(call);
    boolean now;
    lock.lock();
    try {
      now = !underWay;
      last = now ? null : quiet;
    } finally {
      lock.unlock();
    }
    if (now) {
      quiet.run();
    }
  }

  private void runQuietly(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException | Error e) {
      log.warn("the last call for {} failed: {}", context.shard(), e.getClass().getName());
    }
  }

  /** Interrupts the running call, if there is one; whether there is. */
  public boolean interrupt() {
    lock.lock();
    try {
      if (thread != null) {
        interrupted = true;
        thread.interrupt();
      }
      return thread != null;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Interrupts the running call once it has taken longer than allowed; nanos until that may be the
   * case.
   */
  public long tick(Optional<Duration> limit, long nowNanos) {
    if (!running || limit.isEmpty() || overdue) {
      return Long.MAX_VALUE;
    }
    long left = startNanos + limit.get().toNanos() - nowNanos;
    if (left > 0) {
      return left;
    }
    // A call that still waits for its thread is interrupted once it has one.
    overdue = interrupt();
    return overdue ? Long.MAX_VALUE : Math.max(1, limit.get().toNanos() / 4);
  }

  /** The age of the running call. */
  public Optional<Duration> longestCall(long nowNanos) {
    return running
        ? Optional.of(Duration.ofNanos(Math.max(0, nowNanos - startNanos)))
        : Optional.empty();
  }

  /** Whether a call runs, or its outcome is still on its way. */
  public boolean isRunning() {
    return running;
  }

  /** The running call, if it takes long. */
  public Optional<StallReason> stall(long nowNanos) {
    long busy = nowNanos - startNanos;
    return running && busy >= BUSY_NANOS
        ? Optional.of(new StallReason.HandlerBusy(name, Duration.ofNanos(busy)))
        : Optional.empty();
  }
}
