package io.millrace.benchmarks.producer;

import io.millrace.benchmarks.producer.candidate.Measurement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The rounds of one candidate, told by their medians. Not thread-safe. */
final class Series {
  static final String HEADING =
      String.format(
          "%-24s %6s %22s %5s %10s %8s %8s %10s %8s %11s %8s",
          "candidate",
          "rounds",
          "CPU us/record",
          "JIT %",
          "records/s",
          "p50 ms",
          "p99 ms",
          "heap B/rec",
          "peak MiB",
          "records/agg",
          "aggs/req");

  private static final double NANOS_PER_MILLI = 1e6;

  /** A measurement and what the endpoint saw of it. */
  record Round(Measurement measured, long kinesisRecords, long requests) {}

  private final String name;
  private final List<Round> rounds = new ArrayList<>();

  Series(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  void add(Round round) {
    rounds.add(round);
  }

  double cpuMicrosPerRecord() {
    return median(round -> round.measured().cpuMicrosPerRecord());
  }

  double recordsPerSecond() {
    return median(round -> round.measured().recordsPerSecond());
  }

  double p50Millis() {
    return median(round -> round.measured().p50Nanos() / NANOS_PER_MILLI);
  }

  double p99Millis() {
    return median(round -> round.measured().p99Nanos() / NANOS_PER_MILLI);
  }

  double allocatedBytesPerRecord() {
    return median(round -> round.measured().allocatedBytesPerRecord());
  }

  double peakMebibytes() {
    return median(round -> round.measured().peakKibibytes() / 1024.0);
  }

  /** A line under {@link #HEADING}. */
  String toLine() {
    return String.format(
        Locale.ROOT,
        "%-24s %6d %22s %5.1f %,10.0f %8.2f %8.2f %10.0f %8.0f %11.1f %8.1f",
        name,
        rounds.size(),
        cpuWithSpread(),
        median(round -> round.measured().compilerPercent()),
        recordsPerSecond(),
        p50Millis(),
        p99Millis(),
        allocatedBytesPerRecord(),
        peakMebibytes(),
        median(round -> (double) round.measured().records() / round.kinesisRecords()),
        median(round -> (double) round.kinesisRecords() / round.requests()));
  }

  private String cpuWithSpread() {
    double[] sorted = sorted(round -> round.measured().cpuMicrosPerRecord());
    return String.format(
        Locale.ROOT,
        "%.2f (%.2f-%.2f)",
        cpuMicrosPerRecord(),
        sorted[0],
        sorted[sorted.length - 1]);
  }

  /**
   * The median of a value of all rounds.
   *
   * @throws IllegalStateException if there were none: a figure of an empty run would be a lie
   */
  private double median(ToDoubleFunction<Round> value) {
    if (rounds.isEmpty()) {
      throw new IllegalStateException("candidate " + name + " has no round");
    }
    double[] sorted = sorted(value);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private double[] sorted(ToDoubleFunction<Round> value) {
    return rounds.stream().mapToDouble(value).sorted().toArray();
  }
}
