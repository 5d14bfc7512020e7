package io.millrace.benchmarks.producer.candidate;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How long records took from their put to their outcome: all of a paced round, else a sample.
 * Recording is thread-safe; reading is for after the round.
 */
final class Latencies {
  /** Taking the time of each record would be seen in the CPU time of small ones. */
  private static final int SAMPLED_OF = 512;

  /** Enough for a round; what comes beyond is dropped. */
  private static final int MOST = 1 << 17;

  private final long[] nanos = new long[MOST];
  private final AtomicInteger count = new AtomicInteger();

  void clear() {
    count.set(0);
  }

  /** Whether the time of this record is to be taken. */
  static boolean isSampled(Task task, long record) {
    return task.perSecond() > 0 || record % SAMPLED_OF == 0;
  }

  void record(long latencyNanos) {
    int index = count.getAndIncrement();
    if (index < MOST) {
      nanos[index] = latencyNanos;
    }
  }

  /** The latency that so many percent of the records kept below or at; 0 without records. */
  long percentileNanos(double percent) {
    int size = Math.min(count.get(), MOST);
    if (size == 0) {
      return 0;
    }
    long[] sorted = Arrays.copyOf(nanos, size);
    Arrays.sort(sorted);
    return sorted[Math.max(0, (int) Math.ceil(size * percent / 100) - 1)];
  }
}
