package io.millrace.producer.internal.loop;

import io.millrace.producer.PutFailure;
import io.millrace.producer.UnsentRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All of a producer's duties: its streams, those who wait for room, flush and close. One thread
 * ticks it; the same code runs on a virtual clock in tests and simulation.
 *
 * <p>{@link #tick} is confined to that thread. The other methods are thread-safe and only post.
 */
public final class ProducerLoop implements Duty {
  private static final Logger LOG = LoggerFactory.getLogger("io.millrace.producer.StreamProducer");

  private final Admission admission;
  private final AtomicLong deliveriesUnderWay;
  private final Wakeup wakeup;
  private final Function<StreamIntake, StreamLoop> makeLoop;

  /** Read by any thread, changed by the loop. */
  private final List<StreamLoop> streams = new CopyOnWriteArrayList<>();

  /** Guards what must not be posted once the loop has finished. */
  private final Object posting = new Object();

  private final Queue<StreamIntake> newStreams = new ConcurrentLinkedQueue<>();
  private final Queue<CompletableFuture<Void>> flushes = new ConcurrentLinkedQueue<>();
  private boolean finished;
  private volatile @Nullable Closing closing;
  private volatile boolean finishedForReaders;
  private volatile long tickedNanos;

  /** A close under way. */
  private static final class Closing {
    private final long drainNanos;
    private final boolean awaitsCallbacks;
    private final CompletableFuture<List<UnsentRecord>> done = new CompletableFuture<>();
    private final List<UnsentRecord> unsent = new ArrayList<>();
    private volatile boolean hurried;
    private boolean begun;
    private boolean ended;
    private long deadlineNanos;

    Closing(long drainNanos, boolean awaitsCallbacks) {
      this.drainNanos = drainNanos;
      this.awaitsCallbacks = awaitsCallbacks;
    }
  }

  ProducerLoop(
      Admission admission,
      AtomicLong deliveriesUnderWay,
      Wakeup wakeup,
      Function<StreamIntake, StreamLoop> makeLoop) {
    this.admission = admission;
    this.deliveriesUnderWay = deliveriesUnderWay;
    this.wakeup = wakeup;
    this.makeLoop = makeLoop;
  }

  @Override
  public long tick(long nowNanos) {
    tickedNanos = nowNanos;
    startNewStreams(nowNanos);
    startFlushes(nowNanos);
    long next = admission.tick(nowNanos);
    long wantedBytes = admission.wantedBytes();
    for (StreamLoop stream : streams) {
      next = Math.min(next, tick(stream, wantedBytes, nowNanos));
    }
    if (wantedBytes > 0) {
      next = Math.min(next, admission.tick(nowNanos));
    }
    Closing close = closing;
    return close == null ? next : Math.min(next, tick(close, nowNanos));
  }

  private long tick(StreamLoop stream, long wantedBytes, long nowNanos) {
    try {
      return stream.tick(wantedBytes, nowNanos);
    } catch (RuntimeException | Error e) {
      LOG.error(
          "stream '{}': a defect ends its loop, and its records fail; please report it",
          stream.intake().address().text(),
          e);
      stream.end(PutFailure.DEFECT, e, new ArrayList<>(), nowNanos);
      return Long.MAX_VALUE;
    }
  }

  private void startNewStreams(long nowNanos) {
    for (StreamIntake intake = newStreams.poll(); intake != null; intake = newStreams.poll()) {
      StreamLoop stream = makeLoop.apply(intake);
      stream.start(nowNanos);
      streams.add(stream);
    }
  }

  private void startFlushes(long nowNanos) {
    for (CompletableFuture<Void> flush = flushes.poll(); flush != null; flush = flushes.poll()) {
      relay(flushStreams(nowNanos), flush);
    }
  }

  private CompletableFuture<Void> flushStreams(long nowNanos) {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (StreamLoop stream : streams) {
      all.add(stream.flush(nowNanos));
    }
    return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new));
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the dependent stage relays to the other future
  private static void relay(CompletableFuture<Void> from, CompletableFuture<Void> to) {
    from.whenComplete((nothing, failure) -> to.complete(null));
  }

  private long tick(Closing close, long nowNanos) {
    if (!close.begun) {
      close.begun = true;
      close.deadlineNanos = nowNanos + close.drainNanos;
      admission.close();
      CompletableFuture<Void> unused = flushStreams(nowNanos);
      assert unused != null;
    }
    boolean late = close.hurried || close.deadlineNanos - nowNanos <= 0;
    if (!close.ended && (late || isIdle())) {
      close.ended = true;
      end(PutFailure.CLOSED, null, close.unsent, nowNanos);
    }
    if (close.ended && (late || !close.awaitsCallbacks || deliveriesUnderWay.get() == 0)) {
      finishedForReaders = true;
      close.done.complete(List.copyOf(close.unsent));
    }
    return finishedForReaders ? Long.MAX_VALUE : Math.max(0, close.deadlineNanos - nowNanos);
  }

  private boolean isIdle() {
    for (StreamLoop stream : streams) {
      if (!stream.isIdle()) {
        return false;
      }
    }
    return newStreams.isEmpty();
  }

  private void end(
      PutFailure reason, @Nullable Throwable defect, List<UnsentRecord> unsent, long nowNanos) {
    synchronized (posting) {
      finished = true;
    }
    startNewStreams(nowNanos);
    startFlushes(nowNanos);
    for (StreamLoop stream : streams) {
      stream.end(reason, defect, unsent, nowNanos);
    }
  }

  /** The loop can't go on: every record fails. Called by the thread that ticks. */
  public void broken(Throwable defect) {
    LOG.error("a defect ends the producer's loop, and all records fail; please report it", defect);
    List<UnsentRecord> unsent = new ArrayList<>();
    admission.close();
    end(PutFailure.DEFECT, defect, unsent, tickedNanos);
    finishedForReaders = true;
    Closing close = closing;
    if (close != null) {
      close.done.complete(unsent);
    }
  }

  /** Whether nothing is to be done any more. */
  public boolean isFinished() {
    return finishedForReaders;
  }

  /** A stream was put to for the first time. */
  void register(StreamIntake intake) {
    boolean late;
    synchronized (posting) {
      late = finished;
      if (!late) {
        newStreams.add(intake);
      }
    }
    if (late) {
      intake.endBeforeStart();
    } else {
      wakeup.run();
    }
  }

  /** Completes on some thread of ours when everything put before has its outcome told. */
  CompletableFuture<Void> flush() {
    CompletableFuture<Void> flush = new CompletableFuture<>();
    boolean late;
    synchronized (posting) {
      late = finished;
      if (!late) {
        flushes.add(flush);
      }
    }
    if (late) {
      flush.complete(null);
    } else {
      wakeup.run();
    }
    return flush;
  }

  /**
   * Drains and ends; the first call decides how.
   *
   * @param awaitsCallbacks whether outcomes are to be told before this completes, if time allows
   */
  public CompletableFuture<List<UnsentRecord>> close(long drainNanos, boolean awaitsCallbacks) {
    Closing close;
    synchronized (posting) {
      Closing earlier = closing;
      close = earlier == null ? new Closing(drainNanos, awaitsCallbacks) : earlier;
      closing = close;
      if (finishedForReaders) {
        close.done.complete(List.of());
      }
    }
    wakeup.run();
    return close.done;
  }

  /** A close under way does not wait any longer. */
  void hurryClose() {
    Closing close = closing;
    if (close != null) {
      close.hurried = true;
      wakeup.run();
    }
  }

  /** Whether a close has begun. */
  boolean isClosing() {
    return closing != null || finishedForReaders;
  }

  /** All streams. */
  List<StreamLoop> streams() {
    return streams;
  }

  /** The time of the last tick. */
  long tickedNanos() {
    return tickedNanos;
  }
}
