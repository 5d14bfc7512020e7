package io.millrace.benchmarks.consumer;

import io.millrace.benchmarks.producer.candidate.Measurement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The turns of one candidate, told by their medians. Not thread-safe. */
final class Series {
  static final String HEADING =
      String.format(
          "%-18s %6s %20s %5s %12s %11s %9s %13s",
          "candidate",
          "rounds",
          "CPU us/record",
          "JIT %",
          "records/s",
          "heap B/rec",
          "peak MiB",
          "records/read");

  /** A turn, and how many reads the endpoint saw in it. */
  record Round(Measurement measured, long reads) {}

  private final String name;
  private final List<Round> rounds = new ArrayList<>();

  Series(String name) {
    this.name = name;
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
    double[] cpu = sorted(round -> round.measured().cpuMicrosPerRecord());
    String withSpread =
        String.format(
            Locale.ROOT, "%.3f (%.3f-%.3f)", cpuMicrosPerRecord(), cpu[0], cpu[cpu.length - 1]);
    return String.format(
        Locale.ROOT,
        "%-18s %6d %20s %5.1f %,12.0f %11.0f %9.0f %13.0f",
        name,
        rounds.size(),
        withSpread,
        median(round -> round.measured().compilerPercent()),
        recordsPerSecond(),
        median(round -> round.measured().allocatedBytesPerRecord()),
        median(round -> round.measured().peakKibibytes() / 1024.0),
        median(round -> (double) round.measured().records() / Math.max(1, round.reads())));
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
