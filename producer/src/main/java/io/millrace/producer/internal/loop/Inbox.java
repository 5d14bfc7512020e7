package io.millrace.producer.internal.loop;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What other threads tell a loop. Bounded by what the loop has started itself (calls in flight) and
 * by calls of flush and close that have not returned. Thread-safe.
 */
final class Inbox {
  /** So that no flood keeps a loop from its other duties. */
  private static final int MAX_PER_TICK = 256;

  private final Queue<Event> events = new ConcurrentLinkedQueue<>();
  private final Runnable wake;

  /** Something that happened. */
  interface Event {
    /** Runs on the loop. */
    void handle(long nowNanos);
  }

  Inbox(Runnable wake) {
    this.wake = wake;
  }

  void post(Event event) {
    events.add(event);
    wake.run();
  }

  void drain(long nowNanos) {
    for (int i = 0; i < MAX_PER_TICK; i++) {
      Event event = events.poll();
      if (event == null) {
        return;
      }
      event.handle(nowNanos);
    }
  }

  boolean isEmpty() {
    return events.isEmpty();
  }
}
