package io.millrace.producer.internal.aggregate;

import io.millrace.producer.KinesisLimits;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Empty aggregates to be used again, so that a stream under load allocates few encoders, and where
 * their chunks come from. Keeps a few; the rest goes to the garbage collector. Thread-safe, never
 * blocks.
 */
public final class AggregatePool {
  private static final int MAX_KEPT = 64;

  private final long maxBytes;
  private final SpareChunks spareChunks;
  private final ArrayBlockingQueue<OpenAggregate> kept = new ArrayBlockingQueue<>(MAX_KEPT);

  /** Makes aggregates of at most so many bytes. */
  public AggregatePool(Packing packing, SpareChunks spareChunks) {
    this.maxBytes = packing.maxBytes();
    this.spareChunks = spareChunks;
  }

  OpenAggregate take() {
    OpenAggregate aggregate = kept.poll();
    return aggregate == null ? new OpenAggregate(maxBytes, spareChunks) : aggregate;
  }

  /** One for a record that must be framed, whatever its size: it may leave as it is. */
  OpenAggregate takeForOversized() {
    return new OpenAggregate(2L * KinesisLimits.RECORD_MAX_BYTES, spareChunks);
  }

  /** Takes an empty aggregate back, if it is of the usual size and there is room. */
  void give(OpenAggregate aggregate) {
    if (aggregate.maxBytes() == maxBytes) {
      boolean keptIt = kept.offer(aggregate);
      assert keptIt || kept.size() > 0;
    }
  }
}
