package io.millrace.benchmarks;

import io.millrace.benchmarks.consumer.ParallelBenchmark;
import io.millrace.benchmarks.consumer.ShardsBenchmark;
import io.millrace.benchmarks.fleet.DeployBenchmark;
import io.millrace.benchmarks.fleet.DynamoDbCostBenchmark;
import io.millrace.benchmarks.fleet.FailoverBenchmark;
import io.millrace.benchmarks.fleet.StartBenchmark;
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
          Map.ofEntries(
              Map.entry("consumer", new io.millrace.benchmarks.consumer.ThroughputBenchmark()),
              Map.entry("consumer-latency", new io.millrace.benchmarks.consumer.LatencyBenchmark()),
              Map.entry("consumer-parallel", new ParallelBenchmark()),
              Map.entry("consumer-shards", new ShardsBenchmark()),
              Map.entry("deploy", new DeployBenchmark()),
              Map.entry("dynamodb-cost", new DynamoDbCostBenchmark()),
              Map.entry("failover", new FailoverBenchmark()),
              Map.entry("start", new StartBenchmark()),
              Map.entry("producer", ThroughputBenchmark.smallRecords()),
              Map.entry("producer-1k", ThroughputBenchmark.largeRecords()),
              Map.entry("producer-latency", LatencyBenchmark.local()),
              Map.entry("producer-latency-remote", LatencyBenchmark.remote()),
              Map.entry("producer-scale", new ScaleBenchmark()),
              Map.entry("testkit", new TestkitBenchmark())));

  private Main() {}

  /** Runs a benchmark: its name, then its own arguments. */
  public static void main(String[] arguments) {
    Benchmark benchmark = arguments.length == 0 ? null : BENCHMARKS.get(arguments[0]);
    if (benchmark == null) {
      System.err.println("Usage: benchmarks/run <name> [arguments]");
      BENCHMARKS.forEach((name, b) -> System.err.printf("  %-18s %s%n", name, b.description()));
      System.exit(2);
      return;
    }
    int status = 0;
    try {
      benchmark.run(List.of(arguments).subList(1, arguments.length));
    } catch (Exception e) {
      e.printStackTrace();
      status = 1;
    }
    // Idle threads of HTTP clients would hold the JVM for a while.
    System.exit(status);
  }
}
