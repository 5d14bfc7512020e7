package io.millrace.benchmarks.consumer.reader;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many user records of every shard through, and holds the threads that bring more until the
 * next turn: so several readers take turns, each as full of prefetched records at the end of its
 * turn as at the start. Checks that no record is missing, twice or out of order.
 *
 * <p>Thread-safe.
 */
final class Turnstile implements ShardSink.Factory {
  private final int shards;
  private final long indexes;
  private final Map<String, Gate> gates = new HashMap<>();

  /** How many records of each shard may be through since the start. */
  private volatile long target;

  private int shardsThrough;
  private @Nullable IllegalStateException failure;

  /**
   * Makes a closed one.
   *
   * @param shards how many shards take part
   * @param indexes after so many records of a shard the same ones come again
   */
  Turnstile(int shards, long indexes) {
    this.shards = shards;
    this.indexes = indexes;
  }

  @Override
  public synchronized ShardSink forShard(String shardId) {
    return gates.computeIfAbsent(shardId, id -> new Gate());
  }

  /**
   * Lets records through and waits until they are.
   *
   * @param perShard how many of each shard
   * @throws IllegalStateException if a record was not the one that had to come next
   */
  synchronized void let(long perShard) throws InterruptedException {
    shardsThrough = 0;
    target += perShard;
    notifyAll();
    while (shardsThrough < shards && failure == null) {
      wait();
    }
    if (failure != null) {
      throw failure;
    }
  }

  private synchronized void through() {
    shardsThrough++;
    notifyAll();
  }

  private synchronized void hold(long seen) {
    try {
      while (seen >= target) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while it held a record back", e);
    }
  }

  private synchronized IllegalStateException fail(String message) {
    if (failure == null) {
      failure = new IllegalStateException(message);
    }
    notifyAll();
    return failure;
  }

  /** One shard's. Confined to the thread that delivers it. */
  private final class Gate implements ShardSink {
    private long seen;
    private long next;

    @Override
    public void take(String partitionKey, ByteBuffer data) {
      if (seen >= target) {
        hold(seen);
      }
      if (partitionKey.isEmpty()
          || data.remaining() != CannedRecords.DATA_BYTES
          || data.getLong(data.position()) != next) {
        throw fail("record " + seen + " of a shard is not the one with index " + next);
      }
      next = next + 1 == indexes ? 0 : next + 1;
      seen++;
      if (seen == target) {
        through();
      }
    }
  }
}
