package io.millrace.producer.internal.aggregate;

import java.util.concurrent.ArrayBlockingQueue;

/**
 * Empty aggregates to be used again, so that a stream under load allocates neither encoders nor
 * chunks. Keeps a few; the rest goes to the garbage collector. Thread-safe, never blocks.
 */
public final class AggregatePool {
  private static final int MAX_KEPT = 16;

  private final long maxBytes;
  private final ArrayBlockingQueue<OpenAggregate> kept = new ArrayBlockingQueue<>(MAX_KEPT);

  /** Makes aggregates of at most so many bytes. */
  public AggregatePool(Packing packing) {
    this.maxBytes = packing.maxBytes();
  }

  OpenAggregate take() {
    OpenAggregate aggregate = kept.poll();
    return aggregate == null ? new OpenAggregate(maxBytes) : aggregate;
  }

  /** Takes an empty aggregate back, if it is of the usual size and there is room. */
  void give(OpenAggregate aggregate) {
    if (aggregate.maxBytes() == maxBytes) {
      boolean keptIt = kept.offer(aggregate);
      assert keptIt || kept.size() > 0;
    }
  }
}
