package io.millrace.producer.internal.loop;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes that everything accepted and not settled may take. Those who wait for bytes are served
 * first and in order, by {@link Admission}: while somebody waits, {@link #take} refuses.
 *
 * <p>Thread-safe, lock-free.
 */
final class ByteBudget {
  private final long capacityBytes;
  private final AtomicLong usedBytes = new AtomicLong();
  private volatile boolean contended;
  private final Runnable wake;

  /**
   * Starts empty.
   *
   * @param wake called when bytes are given back while somebody waits
   */
  ByteBudget(long capacityBytes, Runnable wake) {
    this.capacityBytes = capacityBytes;
    this.wake = wake;
  }

  /** Takes bytes if they are free and nobody waits for them. */
  boolean take(long bytes) {
    return !contended && takeInTurn(bytes);
  }

  /** Takes bytes if they are free, for whoever is first in line. */
  boolean takeInTurn(long bytes) {
    long used = usedBytes.get();
    while (used + bytes <= capacityBytes) {
      if (usedBytes.compareAndSet(used, used + bytes)) {
        return true;
      }
      used = usedBytes.get();
    }
    return false;
  }

  /** Takes bytes also beyond the budget. */
  void takeRegardless(long bytes) {
    usedBytes.addAndGet(bytes);
  }

  /** Gives bytes back. */
  void release(long bytes) {
    if (bytes == 0) {
      return;
    }
    long left = usedBytes.addAndGet(-bytes);
    if (left < 0) {
      throw new IllegalStateException(
          "the byte budget was given more than was taken from it: this is a defect");
    }
    if (contended) {
      wake.run();
    }
  }

  /** What is free now; not below 0. */
  long freeBytes() {
    return Math.max(0, capacityBytes - usedBytes.get());
  }

  /** Bytes in use. */
  long usedBytes() {
    return usedBytes.get();
  }

  /** The whole of it. */
  long capacityBytes() {
    return capacityBytes;
  }

  /** Whether somebody waits. */
  void contended(boolean yes) {
    contended = yes;
  }
}
