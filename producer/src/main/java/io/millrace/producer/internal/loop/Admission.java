package io.millrace.producer.internal.loop;

import io.millrace.producer.internal.aggregate.ShardBuffer;
import io.millrace.producer.internal.loop.RoomRequest.Answer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * Who waits for room in the byte budget, first come first served. A request that only its shard's
 * share holds up is passed over; one that the whole budget holds up lets nobody pass.
 *
 * <p>Callers enqueue from any thread; the loop answers. The lock guards the queue; no answer is
 * given under it.
 */
final class Admission {
  private static final long MAX_EXTRA_BYTES = 64 * 1024;

  private final ByteBudget budget;
  private final long maxBlockNanos;
  private final Runnable wake;
  private final Deque<RoomRequest> waiting = new ArrayDeque<>();
  private boolean closed;

  Admission(ByteBudget budget, long maxBlockNanos, Runnable wake) {
    this.budget = budget;
    this.maxBlockNanos = maxBlockNanos;
    this.wake = wake;
  }

  /** Queues up. Bounded by the number of the application's threads and calls of whenRoomFor. */
  void enqueue(RoomRequest request) {
    boolean turnedAway;
    synchronized (waiting) {
      turnedAway = closed;
      if (!closed) {
        waiting.add(request);
        budget.contended(true);
      }
    }
    if (turnedAway) {
      request.complete(Answer.CLOSED);
    } else {
      wake.run();
    }
  }

  /** How many wait. */
  int waitingCount() {
    synchronized (waiting) {
      return waiting.size();
    }
  }

  /** How many bytes the waiting ask for. */
  long wantedBytes() {
    synchronized (waiting) {
      long bytes = 0;
      for (RoomRequest request : waiting) {
        bytes += request.bytes();
      }
      return bytes;
    }
  }

  /**
   * Answers whom it can.
   *
   * @return nanoseconds until somebody's time is over
   */
  long tick(long nowNanos) {
    List<RoomRequest> granted = new ArrayList<>();
    List<RoomRequest> overdue = new ArrayList<>();
    long next = Long.MAX_VALUE;
    synchronized (waiting) {
      boolean full = false;
      for (Iterator<RoomRequest> i = waiting.iterator(); i.hasNext(); ) {
        RoomRequest request = i.next();
        if (request.isDone()) {
          i.remove();
        } else if (request.isOverdue(maxBlockNanos, nowNanos)) {
          i.remove();
          overdue.add(request);
        } else if (!full && withinShare(request)) {
          if (budget.takeInTurn(request.bytes())) {
            request.grant(request.bytes() + takeMoreFor(request));
            i.remove();
            granted.add(request);
          } else {
            full = true;
          }
        }
        if (!request.isDone()) {
          next = Math.min(next, request.nanosLeft(nowNanos));
        }
      }
      budget.contended(!waiting.isEmpty());
    }
    granted.forEach(this::grant);
    overdue.forEach(request -> request.complete(Answer.TIMED_OUT));
    return next;
  }

  /**
   * Lets the next puts to the same shard pass without asking: with many threads and a full budget,
   * waking one for each record would cost more than the record.
   */
  private long takeMoreFor(RoomRequest request) {
    ShardBuffer buffer = request.buffer();
    long bytes = Math.min(MAX_EXTRA_BYTES, budget.freeBytes() / (2L * waiting.size()));
    return buffer != null && buffer.mayHold(request.bytes() + bytes) && budget.takeInTurn(bytes)
        ? bytes
        : 0;
  }

  private static boolean withinShare(RoomRequest request) {
    return request.buffer() == null || request.buffer().mayHold(request.bytes());
  }

  private void grant(RoomRequest request) {
    boolean takes = request.complete(Answer.GRANTED) && request.reserves();
    if (!takes) {
      budget.release(request.grantedBytes());
    }
  }

  /** Turns everybody away, now and later. */
  void close() {
    List<RoomRequest> turnedAway;
    synchronized (waiting) {
      closed = true;
      turnedAway = List.copyOf(waiting);
      waiting.clear();
      budget.contended(false);
    }
    turnedAway.forEach(request -> request.complete(Answer.CLOSED));
  }
}
