package io.millrace.consumer.internal.process;

import io.millrace.consumer.failure.FailedRecord;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Records that one runner delivers one part after the other: a part is what one call of user code
 * gets, a single record or a batch. A part that fails stays at the front until it is acknowledged,
 * halved, or given up; nothing behind it overtakes.
 *
 * <p>Confined to the delivery's lock, but for the current part: that is the running call's, which
 * reads it, and moves it by {@link #runOn}.
 */
final class Work {
  private static final VarHandle NEXT = next();

  private final List<DeliveredRecord> records;
  private final boolean batch;
  private final Collection<String> keys;

  /** Moved by {@link #runOn} so that whoever sees it move sees what user code did before. */
  private int next;

  private int partEnd;

  /** The records before it are acknowledged; those up to {@code next} are processed. */
  private int acknowledged;

  /** Where the parts behind the current one end, after halving; the last ends with the records. */
  private final ArrayDeque<Integer> laterEnds = new ArrayDeque<>();

  // The state of the current part.
  int failures;
  int countedFailures;
  int destinationFailures;
  long firstFailureNanos;
  @Nullable Throwable lastError;
  @Nullable Throwable destinationError;
  FailedRecord.@Nullable Reason givenUp;

  /** When a part that waits may start. */
  long dueNanos;

  // The state of the current call.
  long callStartNanos;
  long partStartNanos;

  /** The wall time just before the fence was last looked at for this call. */
  long fenceMillis;

  long callId;
  private @Nullable Thread thread;
  private boolean interrupted;
  private boolean running;

  /**
   * Creates work.
   *
   * @param records at least one, in order
   * @param batch whether a call gets them all; else one
   * @param keys what the order has reserved for it
   */
  Work(List<DeliveredRecord> records, boolean batch, Collection<String> keys) {
    this.records = records;
    this.batch = batch;
    this.keys = keys;
    this.partEnd = batch ? records.size() : 1;
    if (records.get(0).isCorrupt()) {
      givenUp = FailedRecord.Reason.CORRUPT_AGGREGATE;
    }
  }

  private static VarHandle next() {
    try {
      return MethodHandles.lookup().findVarHandle(Work.class, "next", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  Collection<String> keys() {
    return keys;
  }

  /** The records of the current part: a view. */
  List<DeliveredRecord> part() {
    return records.subList(next, partEnd);
  }

  /** A record of the current part; 0 is its head. */
  DeliveredRecord inPart(int index) {
    return records.get(next + index);
  }

  DeliveredRecord head() {
    return records.get(next);
  }

  int partSize() {
    return partEnd - next;
  }

  boolean isBatch() {
    return batch;
  }

  boolean isFinished() {
    return next == records.size();
  }

  /**
   * Goes on to the next record while the call counts as one: for the runner, without the lock.
   * False if the current part is not a plain record before another one.
   */
  boolean runOn(long nowNanos) {
    if (batch || failures > 0 || givenUp != null || partEnd == records.size()) {
      return false;
    }
    int following = partEnd++;
    partStartNanos = nowNanos;
    records.get(following).countAttempt();
    NEXT.setRelease(this, following);
    return true;
  }

  /** A record that was run over without being acknowledged, which it counts as now; or null. */
  @Nullable DeliveredRecord takeProcessed() {
    return acknowledged < (int) NEXT.getAcquire(this) ? records.get(acknowledged++) : null;
  }

  /** The current part is done with: the next one becomes current, with no failures. */
  void nextPart() {
    next = partEnd;
    acknowledged = next;
    if (!isFinished()) {
      partEnd = laterEnds.isEmpty() ? (batch ? records.size() : next + 1) : laterEnds.pop();
    }
    clearFailures();
  }

  private void clearFailures() {
    failures = 0;
    countedFailures = 0;
    destinationFailures = 0;
    lastError = null;
    destinationError = null;
    givenUp = null;
  }

  /** A call with the current part starts on a thread. */
  void startCall(Thread caller, long nowNanos) {
    if (givenUp == null) {
      for (int i = next; i < partEnd; i++) {
        records.get(i).countAttempt();
      }
    }
    callId++;
    callStartNanos = nowNanos;
    partStartNanos = nowNanos;
    interrupted = false;
    thread = caller;
    running = true;
  }

  /** Whether a call is under way, or was and the next part follows it at once. */
  boolean isRunning() {
    return running;
  }

  /** No call is under way any more. */
  void stopped() {
    running = false;
  }

  /** Interrupts the thread of the call, once; false if there is none. */
  boolean interrupt() {
    Thread caller = thread;
    if (caller == null) {
      return false;
    }
    if (!interrupted) {
      interrupted = true;
      caller.interrupt();
    }
    return true;
  }

  /**
   * The call's thread, which is the current one, goes on to other work: an interrupt of ours must
   * not follow it.
   */
  void leaveThread() {
    thread = null;
    if (interrupted) {
      interrupted = false;
      boolean unused = Thread.interrupted();
    }
  }

  /** Whether a call is under way that holds no thread. */
  boolean isDetached() {
    return thread == null;
  }

  /** User code failed on the current part. */
  void failed(@Nullable Throwable error, long nowNanos) {
    if (failures++ == 0) {
      firstFailureNanos = nowNanos;
    }
    lastError = error;
  }

  /** The destination did not take some of the current part. */
  void destinationFailed(@Nullable Throwable error, long nowNanos) {
    if (destinationFailures++ == 0) {
      firstFailureNanos = nowNanos;
    }
    failures++;
    destinationError = error;
  }

  /** Orders by due time; elapsed times may wrap, so they are compared by subtraction. */
  static int compareDue(Work one, Work other) {
    return Long.signum(one.dueNanos - other.dueNanos);
  }

  /** Splits the current part: its first half becomes current, its second half comes next. */
  void halve() {
    laterEnds.push(partEnd);
    partEnd = next + partSize() / 2;
    countedFailures = 0;
  }

  /**
   * Keeps only some records of the current part, in order; the others were acknowledged.
   *
   * @param kept at least one record of the part
   */
  void keep(Set<DeliveredRecord> kept) {
    int write = partEnd;
    for (int read = partEnd - 1; read >= next; read--) {
      if (kept.contains(records.get(read))) {
        records.set(--write, records.get(read));
      }
    }
    next = write;
    acknowledged = write;
  }
}
