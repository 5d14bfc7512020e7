package io.millrace.benchmarks.consumer;

import io.millrace.benchmarks.Benchmark;
import io.millrace.benchmarks.Figures;
import io.millrace.benchmarks.consumer.reader.Source;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** One shard whose handler waits 10 ms for each record, by one call at a time and by 32. */
public final class ParallelBenchmark implements Benchmark {
  private static final String STREAM = "benchmark";
  private static final int AGGREGATES = 100;
  private static final int PARALLELISM = 32;

  @Override
  public String description() {
    return "a 10 ms handler on one shard, parallelism 1 and 32, order per key";
  }

  @Override
  public void run(List<String> arguments) throws Exception {
    try (Endpoints endpoints = new Endpoints("--stream", STREAM + ":1", "--endless")) {
      Source source = endpoints.source(STREAM, 1);
      endpoints.fill(source, AGGREGATES);
      ReaderProcess reader = endpoints.start("millrace-parallel", source);
      System.out.printf("%12s %12s%n", "parallelism", "records/s");
      double one = measure(reader, 1);
      double many = measure(reader, PARALLELISM);
      Figures.print("consumer_parallel.records_per_second", many);
      Figures.print("consumer_parallel.speedup", many / one);
    }
  }

  private static double measure(ReaderProcess reader, int parallelism) throws IOException {
    double perSecond = Double.parseDouble(reader.ask(Integer.toString(parallelism)));
    System.out.printf(Locale.ROOT, "%12d %,12.0f%n", parallelism, perSecond);
    return perSecond;
  }
}
