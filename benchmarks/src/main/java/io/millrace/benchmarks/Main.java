package io.millrace.benchmarks;

import io.millrace.benchmarks.consumer.ParallelBenchmark;
import io.millrace.benchmarks.consumer.ShardsBenchmark;
import io.millrace.benchmarks.producer.LatencyBenchmark;
import io.millrace.benchmarks.producer.ScaleBenchmark;
import io.millrace.benchmarks.producer.ThroughputBenchmark;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Finds the benchmark that the command line names, and runs it. */
public final class Main {
  private static final Map<String, Benchmark> BENCHMARKS =
      new TreeMap<>(
          Map.of(
              "consumer", new io.millrace.benchmarks.consumer.ThroughputBenchmark(),
              "consumer-latency", new io.millrace.benchmarks.consumer.LatencyBenchmark(),
              "consumer-parallel", new ParallelBenchmark(),
              "consumer-shards", new ShardsBenchmark(),
              "producer", ThroughputBenchmark.smallRecords(),
              "producer-1k", ThroughputBenchmark.largeRecords(),
              "producer-latency", new LatencyBenchmark(),
              "producer-scale", new ScaleBenchmark(),
              "testkit", new TestkitBenchmark()));

  private Main() {}

  /** Runs a benchmark: its name, then its own arguments. */
  public static void main(String[] arguments) throws Exception {
    Benchmark benchmark = arguments.length == 0 ? null : BENCHMARKS.get(arguments[0]);
    if (benchmark == null) {
      System.err.println("Usage: benchmarks/run <name> [arguments]");
      BENCHMARKS.forEach((name, b) -> System.err.printf("  %-18s %s%n", name, b.description()));
      System.exit(2);
      return;
    }
    benchmark.run(List.of(arguments).subList(1, arguments.length));
    // Idle threads of HTTP clients would hold the JVM for a while.
    System.exit(0);
  }
}
