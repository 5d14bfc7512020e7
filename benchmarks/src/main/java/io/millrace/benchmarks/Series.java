package io.millrace.benchmarks;

import io.millrace.benchmarks.producer.Measurement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The rounds of one candidate, told by their medians. Not thread-safe. */
final class Series {
  static final String HEADING =
      String.format(
          "%-18s %6s %20s %12s %11s %9s %11s %12s",
          "candidate",
          "rounds",
          "CPU us/record",
          "records/s",
          "heap B/rec",
          "peak MiB",
          "records/agg",
          "aggs/request");

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

  /** A line under {@link #HEADING}. */
  String toLine() {
    return String.format(
        Locale.ROOT,
        "%-18s %6d %20s %,12.0f %11.0f %9.0f %11.1f %12.1f",
        name,
        rounds.size(),
        cpuWithSpread(),
        recordsPerSecond(),
        median(round -> round.measured().allocatedBytesPerRecord()),
        median(round -> round.measured().peakKibibytes() / 1024.0),
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

  private double median(ToDoubleFunction<Round> value) {
    double[] sorted = sorted(value);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private double[] sorted(ToDoubleFunction<Round> value) {
    return rounds.stream().mapToDouble(value).sorted().toArray();
  }
}
