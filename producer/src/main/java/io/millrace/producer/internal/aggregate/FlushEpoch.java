package io.millrace.producer.internal.aggregate;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The Kinesis records that entered a stream's loop between two flushes; completes when all of them
 * are settled and the epoch is over. Thread-safe.
 */
public final class FlushEpoch {
  /** One more than the records: the epoch itself counts until it is over. */
  private final AtomicLong open = new AtomicLong(1);

  private final CompletableFuture<Void> settled = new CompletableFuture<>();

  /** A record entered, or one is split off a record of this epoch that did not leave yet. */
  public void enter() {
    open.incrementAndGet();
  }

  /** A record's outcome was delivered, or its members have moved to others that entered before. */
  public void leave() {
    if (open.decrementAndGet() == 0) {
      settled.complete(null);
    }
  }

  /** The epoch is over: no record enters from outside any more. Called once. */
  public CompletableFuture<Void> end() {
    leave();
    return settled;
  }
}
