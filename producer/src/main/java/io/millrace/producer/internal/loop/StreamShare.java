package io.millrace.producer.internal.loop;

import io.millrace.producer.internal.aggregate.Memory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One stream's part of the byte budget. Where there are several streams, one may hold at most four
 * times what is left free, so that a stream that stands still leaves a fifth to the others, however
 * many shards it has. Shards share what their stream may have by the same idea.
 *
 * <p>Thread-safe, lock-free.
 */
final class StreamShare implements Memory {
  private static final int TIMES_FREE = 4;

  private final ByteBudget budget;
  private final AtomicInteger streams;
  private final AtomicLong heldBytes = new AtomicLong();

  /**
   * Holds nothing.
   *
   * @param streams how many streams there are
   */
  StreamShare(ByteBudget budget, AtomicInteger streams) {
    this.budget = budget;
    this.streams = streams;
  }

  @Override
  public boolean take(long bytes) {
    if (!budget.take(bytes)) {
      return false;
    }
    heldBytes.addAndGet(bytes);
    return true;
  }

  @Override
  public void adopt(long bytes) {
    heldBytes.addAndGet(bytes);
  }

  @Override
  public void takeRegardless(long bytes) {
    budget.takeRegardless(bytes);
    heldBytes.addAndGet(bytes);
  }

  @Override
  public void release(long bytes) {
    heldBytes.addAndGet(-bytes);
    budget.release(bytes);
  }

  @Override
  public long freeBytes() {
    long free = budget.freeBytes();
    return streams.get() <= 1
        ? free
        : Math.max(0, Math.min(free, TIMES_FREE * free - heldBytes.get()));
  }
}
