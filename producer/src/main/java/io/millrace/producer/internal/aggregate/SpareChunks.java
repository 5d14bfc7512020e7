package io.millrace.producer.internal.aggregate;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Chunks of aggregates that have left, to be written to again: so a producer under load allocates
 * hardly any, and the collector has nothing to copy of those that a full budget keeps for long.
 * Bounded, for all streams of a producer together; the one given last is taken first.
 *
 * <p>Thread-safe, lock-free: it is used under the locks of buffers.
 */
public final class SpareChunks {
  static final int CHUNK_BYTES = 8 * 1024;

  /** About what requests in flight have left behind when all of the others are written to. */
  private static final int BUDGET_FRACTION = 8;

  private final int maxChunks;
  private final AtomicInteger count = new AtomicInteger();
  private final ConcurrentLinkedDeque<byte[]> chunks = new ConcurrentLinkedDeque<>();

  /** Keeps a part of this much at most, beside it. */
  public SpareChunks(long bufferBytes) {
    this.maxChunks = (int) Math.min(Integer.MAX_VALUE, bufferBytes / BUDGET_FRACTION / CHUNK_BYTES);
  }

  /** Gives a chunk of {@link #CHUNK_BYTES} with any content, if there is one. */
  byte @Nullable [] poll() {
    byte[] chunk = chunks.poll();
    if (chunk != null) {
      count.decrementAndGet();
    }
    return chunk;
  }

  /** Takes a chunk back; one of another size, or one too many, goes to the garbage collector. */
  void give(byte[] chunk) {
    if (chunk.length == CHUNK_BYTES) {
      if (count.incrementAndGet() <= maxChunks) {
        chunks.push(chunk);
      } else {
        count.decrementAndGet();
      }
    }
  }
}
