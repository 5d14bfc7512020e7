package io.millrace.producer.internal.loop;

import io.millrace.producer.internal.aggregate.ShardBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Somebody waits for room: a put that blocks, or a caller who asked to be told. Completes once, on
 * the loop.
 *
 * <p>Thread-safe: whoever completes it first wins.
 */
final class RoomRequest extends CompletableFuture<RoomRequest.Answer> {
  private final long bytes;
  private final @Nullable ShardBuffer buffer;
  private final boolean reserves;

  /** Set by the loop when it first sees the request, or taken over from an earlier one. */
  private boolean hasDeadline;

  private long deadlineNanos;

  /** Set by the loop before it answers. */
  private long grantedBytes;

  /** What became of it. */
  enum Answer {
    /** The bytes are taken, or only there where the request reserves nothing. */
    GRANTED,
    /** Not within the time. */
    TIMED_OUT,
    /** The producer was closed. */
    CLOSED,
    /** The waiting thread was interrupted. */
    INTERRUPTED
  }

  /**
   * Asks for room.
   *
   * @param buffer whose share must allow it, too; null for none
   * @param reserves whether the bytes are taken for the asker, who then has a time limit
   */
  RoomRequest(long bytes, @Nullable ShardBuffer buffer, boolean reserves) {
    this.bytes = bytes;
    this.buffer = buffer;
    this.reserves = reserves;
  }

  /** Waits no longer than an earlier request of the same put would have. */
  RoomRequest succeeding(@Nullable RoomRequest earlier) {
    if (earlier != null && earlier.hasDeadline) {
      hasDeadline = true;
      deadlineNanos = earlier.deadlineNanos;
    }
    return this;
  }

  long bytes() {
    return bytes;
  }

  /** Notes what was taken from the budget for it: at least {@link #bytes}. Called on the loop. */
  void grant(long taken) {
    grantedBytes = taken;
  }

  /** What was taken from the budget for it; for whoever has seen the answer. */
  long grantedBytes() {
    return grantedBytes;
  }

  @Nullable ShardBuffer buffer() {
    return buffer;
  }

  boolean reserves() {
    return reserves;
  }

  /** Called on the loop. */
  boolean isOverdue(long maxBlockNanos, long nowNanos) {
    if (!reserves) {
      return false;
    }
    if (!hasDeadline) {
      hasDeadline = true;
      deadlineNanos = nowNanos + maxBlockNanos;
    }
    return deadlineNanos - nowNanos <= 0;
  }

  /** Nanoseconds until it is overdue; {@link Long#MAX_VALUE} if it never is. */
  long nanosLeft(long nowNanos) {
    return hasDeadline ? Math.max(0, deadlineNanos - nowNanos) : Long.MAX_VALUE;
  }

  /**
   * Blocks until it is answered. On an interrupt the flag stays set, and the answer is {@link
   * Answer#INTERRUPTED} unless the loop was faster.
   */
  Answer await() {
    try {
      return get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      complete(Answer.INTERRUPTED);
      return join();
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException("a room request never fails: this is a defect", e);
    }
  }
}
