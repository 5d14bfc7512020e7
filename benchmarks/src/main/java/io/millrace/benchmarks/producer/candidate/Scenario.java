package io.millrace.benchmarks.producer.candidate;

import java.util.List;
import java.util.stream.IntStream;

/**
 * A way to load the producer: how many streams, shards and threads, and how fast. Each has streams
 * and a producer of its own. Those named by their shards have room for every aggregate to fill; the
 * others have the default settings.
 */
public enum Scenario {
  /** One shard. */
  SHARDS_1("1 shard", true, 1, 1, 1, 0, 2_000_000),
  /** Sixteen. */
  SHARDS_16("16 shards", true, 1, 16, 1, 0, 2_000_000),
  /** Many. */
  SHARDS_256("256 shards", true, 1, 256, 1, 0, 2_000_000),
  /** Very many, each with an open aggregate. */
  SHARDS_4096("4,096 shards", true, 1, 4096, 1, 0, 4_000_000),
  /** Very many, of which the default budget does not hold a full aggregate each. */
  DEFAULTS_4096("4,096 shards, defaults", false, 1, 4096, 1, 0, 1_000_000),
  /** One thread that is slower than what the producer can send: the budget stays empty. */
  EMPTY_BUDGET("1 thread, empty budget", false, 1, 16, 1, 200_000, 1_000_000),
  /** One thread as fast as it can: the budget is full. */
  THREADS_1("1 thread, full budget", false, 1, 16, 1, 0, 1_000_000),
  /** A few. */
  THREADS_4("4 threads", false, 1, 16, 4, 0, 1_000_000),
  /** Some. */
  THREADS_16("16 threads", false, 1, 16, 16, 0, 1_000_000),
  /** Many that wait for room. */
  THREADS_64("64 threads", false, 1, 16, 64, 0, 1_000_000),
  /** Sixteen streams of one shard, each with a thread. */
  STREAMS_16("16 streams, 16 threads", false, 16, 1, 16, 0, 1_000_000);

  private final String title;
  private final boolean roomy;
  private final int streams;
  private final int shards;
  private final int threads;
  private final int perSecond;
  private final long records;

  /**
   * Describes a load.
   *
   * @param roomy whether budget and linger let every aggregate fill
   * @param streams put to by a thread each, in turn
   * @param shards of each stream
   * @param threads that put
   * @param perSecond records of all threads; 0 for as many as they can
   * @param records of one round
   */
  Scenario(
      String title,
      boolean roomy,
      int streams,
      int shards,
      int threads,
      int perSecond,
      long records) {
    this.title = title;
    this.roomy = roomy;
    this.streams = streams;
    this.shards = shards;
    this.threads = threads;
    this.perSecond = perSecond;
    this.records = records;
  }

  /** For the table. */
  public String title() {
    return title;
  }

  /** What to do in a round. */
  public Task task() {
    return new Task(name(), records, perSecond);
  }

  /** The names of its streams. */
  public List<String> streams() {
    return IntStream.range(0, streams).mapToObj(i -> name() + "-" + i).toList();
  }

  /** The shards of each stream. */
  public int shards() {
    return shards;
  }

  int threads() {
    return threads;
  }

  boolean isRoomy() {
    return roomy;
  }
}
