package io.millrace.consumer.internal.fetch;

import io.millrace.consumer.StallReason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Reads one shard, in order and without a gap, from where it was told to the shard's end. Confined
 * to the worker loop.
 */
public interface ShardFetcher {
  /** Where reading goes on: behind everything that the sink was given. */
  ReadFrom position();

  /** Reads without blocking; nanos until it next has something to do without being woken. */
  long tick(long nowNanos);

  /**
   * Ends; what arrives later is ignored, and nothing of the budget stays reserved for it.
   * Idempotent.
   */
  void stop();

  /** Why it brings nothing, if it should. */
  Optional<StallReason> stall(long nowNanos);

  /** What a fetcher brings. Called on the worker loop, never after {@link #stop}. */
  interface Sink {
    /**
     * Records have arrived, each once and in order; already charged to the shard's share of the
     * budget. May be empty.
     *
     * @param behindLatest the distance to the tip
     */
    void fetched(List<KinesisRecord> records, Duration behindLatest, long nowNanos);

    /**
     * A read, or a subscription, has failed; it is tried again, unless {@link #refused} follows.
     */
    void readFailed(KinesisFault fault);

    /** The shard is closed and read to its end; nothing follows. */
    void endOfShard(List<ChildShard> children, long nowNanos);

    /**
     * This way of reading is not allowed; nothing follows.
     *
     * @param from where another fetcher has to go on
     */
    void refused(KinesisFault fault, ReadFrom from, long nowNanos);
  }
}
