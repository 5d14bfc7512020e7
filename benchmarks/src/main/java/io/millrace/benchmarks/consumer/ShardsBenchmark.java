package io.millrace.benchmarks.consumer;

import io.millrace.benchmarks.Benchmark;
import io.millrace.benchmarks.Figures;
import io.millrace.benchmarks.consumer.reader.Source;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What 1,000 shards cost one worker, beside 10: threads, bytes held, memory. */
public final class ShardsBenchmark implements Benchmark {
  private static final int FEW = 10;
  private static final int MANY = 1_000;
  private static final double MIB = 1 << 20;

  /** What was seen. */
  private record Seen(long threads, long heldBytes, long peakKibibytes) {}

  @Override
  public String description() {
    return "threads and memory of one worker with 1,000 shards and slow handlers";
  }

  @Override
  public void run(List<String> arguments) throws Exception {
    System.out.printf("%8s %14s %12s %12s%n", "shards", "more threads", "held MiB", "peak MiB");
    Seen few = measure(FEW);
    Seen many = measure(MANY);
    Figures.print("consumer_shards.threads_of_10", (double) few.threads());
    Figures.print("consumer_shards.threads", (double) many.threads());
    Figures.print("consumer_shards.held_mb", many.heldBytes() / MIB);
    Figures.print("consumer_shards.rss_mb", many.peakKibibytes() / 1024.0);
  }

  private static Seen measure(int shards) throws Exception {
    String stream = "shards-" + shards;
    try (Endpoints endpoints = new Endpoints("--stream", stream + ":" + shards, "--endless")) {
      Source source = endpoints.source(stream, shards);
      endpoints.fill(source, 2);
      ReaderProcess reader = endpoints.start("millrace-shards", source);
      long[] seen =
          Arrays.stream(reader.ask("watch").split(" ", -1)).mapToLong(Long::parseLong).toArray();
      System.out.printf(
          Locale.ROOT,
          "%8d %14d %12.1f %12.1f%n",
          shards,
          seen[0],
          seen[1] / MIB,
          seen[2] / 1024.0);
      return new Seen(seen[0], seen[1], seen[2]);
    }
  }
}
