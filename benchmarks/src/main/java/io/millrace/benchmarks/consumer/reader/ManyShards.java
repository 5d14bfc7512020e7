package io.millrace.benchmarks.consumer.reader;

import io.millrace.benchmarks.producer.candidate.ProcessTree;
import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.ShardStatus;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One worker with many shards, each with more to read than its slow handler takes. */
final class ManyShards implements Role {
  private static final Duration PATIENCE = Duration.ofSeconds(100);
  private static final Duration WATCHED = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final long HANDLER_MILLIS = 2;

  private final Source source;
  private final int idleThreads;
  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private final MillraceReader reader;

  ManyShards(Source source, int idleThreads) {
    this.source = source;
    this.idleThreads = idleThreads;
    this.reader =
        new MillraceReader(
            source,
            "millrace-" + source.stream(),
            MillraceReader.Shape.RECORDS,
            Fetching.polling(),
            ConsumerSettings.defaults(),
            Slow::new);
  }

  /** Takes its time for each record. */
  private final class Slow implements ShardSink {
    private final String shardId;

    Slow(String shardId) {
      this.shardId = shardId;
    }

    @Override
    public void take(String partitionKey, ByteBuffer data) {
      seen.add(shardId);
      try {
        Thread.sleep(HANDLER_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Waits until every shard has been read, and watches for a while: the most threads above an idle
   * JVM's, the most bytes held, the peak of the resident size in KiB.
   */
  @Override
  public String answer(String command) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (seen.size() < source.shards()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            "of " + source.shards() + " shards only " + seen.size() + " were read");
      }
      Thread.sleep(PAUSE.toMillis());
    }
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    int mostThreads = 0;
    long mostBytes = 0;
    long end = System.nanoTime() + WATCHED.toNanos();
    while (System.nanoTime() - end < 0) {
      mostThreads = Math.max(mostThreads, threads.getThreadCount() - idleThreads);
      mostBytes =
          Math.max(
              mostBytes,
              reader.consumer().shards().stream()
                  .mapToLong(ShardStatus::unacknowledgedBytes)
                  .sum());
      Thread.sleep(PAUSE.toMillis());
    }
    return mostThreads + " " + mostBytes + " " + ProcessTree.peakKibibytes();
  }

  @Override
  public void close() {
    reader.close();
  }
}
