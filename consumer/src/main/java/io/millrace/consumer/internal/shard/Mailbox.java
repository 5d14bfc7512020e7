package io.millrace.consumer.internal.shard;

import io.millrace.consumer.internal.fetch.LoopInbox;
import java.util.ArrayDeque;

/**
 * Events of one shard on their way to the worker loop. Bounded by what causes them: one for each
 * request in flight, each running call, each checkpoint that a processor waits for.
 *
 * <p>Thread-safe by its monitor, which guards queue and flag; under it, nothing else happens.
 */
final class Mailbox implements LoopInbox {
  private final Runnable wakeup;
  private ArrayDeque<Event> events = new ArrayDeque<>();
  private boolean closed;

  Mailbox(Runnable wakeup) {
    this.wakeup = wakeup;
  }

  @Override
  public void post(Event event) {
    boolean unused = offer(event);
  }

  /** Posts an event; false if the mailbox is closed. */
  boolean offer(Event event) {
    synchronized (this) {
      if (closed) {
        return false;
      }
      events.add(event);
    }
    wakeup.run();
    return true;
  }

  /** Applies everything that is there; on the loop. */
  void drain(long nowNanos) {
    for (Event event : take(false)) {
      event.apply(nowNanos);
    }
  }

  /** Applies what is there and takes nothing more; on the loop. */
  void close(long nowNanos) {
    for (Event event : take(true)) {
      event.apply(nowNanos);
    }
  }

  private synchronized ArrayDeque<Event> take(boolean last) {
    closed |= last;
    if (events.isEmpty()) {
      return events;
    }
    ArrayDeque<Event> taken = events;
    events = new ArrayDeque<>();
    return taken;
  }
}
