package io.millrace.benchmarks.consumer.reader;

import io.millrace.benchmarks.producer.candidate.Measurement;
import io.millrace.benchmarks.producer.candidate.ProcessTree;
import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import java.time.Duration;

/**
 * Reads as many user records as it is told, and tells what that took.
 *
 * <p>The CPU is counted until the consumer is quiet again: what it reads ahead for the next turn is
 * what it found read ahead at the start of this one.
 */
final class Throughput implements Role {
  /** Kinesis records of one read, the same for all: about 2.3 MB. */
  private static final int MAX_RECORDS = 100;

  /** Aggregates that the endpoint gives of each shard before the first one comes again. */
  static final int AGGREGATES = 200;

  private static final Duration QUIET_WINDOW = Duration.ofMillis(250);
  private static final double QUIET_SHARE = 0.08;
  private static final int QUIET_WINDOWS = 12;

  private final Turn turn;
  private final AutoCloseable reader;

  /** Reads user records. */
  private interface Turn {
    /** Reads about so many; how many. */
    long read(long records) throws InterruptedException;
  }

  private Throughput(Turn turn, AutoCloseable reader) {
    this.turn = turn;
    this.reader = reader;
  }

  static Throughput ofMillrace(Source source, MillraceReader.Shape shape) {
    Turnstile turnstile = turnstile(source);
    ConsumerSettings settings =
        ConsumerSettings.builder()
            .fetchMaxRecords(MAX_RECORDS)
            // The endpoint allows more than the service does.
            .shardReadsPerSecond(1_000)
            .shardReadBytesPerSecond(Long.MAX_VALUE)
            .build();
    return new Throughput(
        turnsOf(turnstile, source),
        new MillraceReader(
            source, "millrace-" + shape, shape, Fetching.polling(), settings, turnstile));
  }

  static Throughput ofKcl(Source source) {
    Turnstile turnstile = turnstile(source);
    return new Throughput(
        turnsOf(turnstile, source),
        new KclReader(source, "kcl", new KclReader.Retrieval.Polling(MAX_RECORDS, 200), turnstile));
  }

  static Throughput ofSdk(Source source, boolean checksum) {
    SdkReader reader = new SdkReader(source, MAX_RECORDS, checksum);
    return new Throughput(reader::read, reader);
  }

  private static Turnstile turnstile(Source source) {
    return new Turnstile(source.shards(), (long) AGGREGATES * CannedRecords.MEMBERS);
  }

  private static Turn turnsOf(Turnstile turnstile, Source source) {
    return records -> {
      long perShard = records / source.shards();
      turnstile.let(perShard);
      return perShard * source.shards();
    };
  }

  @Override
  public String answer(String command) throws InterruptedException {
    long cpu = ProcessTree.cpuNanos();
    long compiler = ProcessTree.compilerNanos();
    long allocated = ProcessTree.allocatedBytes();
    long start = System.nanoTime();
    long read = turn.read(Long.parseLong(command));
    long nanos = System.nanoTime() - start;
    awaitQuiet();
    return new Measurement(
            read,
            nanos,
            ProcessTree.cpuNanos() - cpu,
            ProcessTree.compilerNanos() - compiler,
            ProcessTree.allocatedBytes() - allocated,
            ProcessTree.peakKibibytes(),
            0,
            0)
        .toLine();
  }

  private static void awaitQuiet() throws InterruptedException {
    long limit = (long) (QUIET_WINDOW.toNanos() * QUIET_SHARE);
    for (int i = 0; i < QUIET_WINDOWS; i++) {
      long before = ProcessTree.cpuNanos();
      Thread.sleep(QUIET_WINDOW.toMillis());
      if (ProcessTree.cpuNanos() - before <= limit) {
        return;
      }
    }
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (Exception e) {
      throw new IllegalStateException("a reader does not close", e);
    }
  }
}
