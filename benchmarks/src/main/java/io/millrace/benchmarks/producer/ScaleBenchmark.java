package io.millrace.benchmarks.producer;

import io.millrace.benchmarks.Benchmark;
import io.millrace.benchmarks.Figures;
import io.millrace.benchmarks.producer.candidate.Scenario;
import io.millrace.benchmarks.producer.candidate.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * What Millrace's producer costs per record as shards, putting threads and streams grow, and as the
 * budget fills. All loads take turns in one JVM that is warm from all of them.
 */
public final class ScaleBenchmark implements Benchmark {
  private static final int RECORD_BYTES = 100;
  private static final int ROUNDS = 3;

  /** No round is begun that would end later than this, if it takes as long as the one before. */
  private static final Duration AT_MOST = Duration.ofSeconds(230);

  /** Of a round's records, what warms up: a number that all threads can share evenly. */
  private static final int WARM_UP_FRACTION = 5;

  private static final String HEAP = "2g";

  @Override
  public String description() {
    return "CPU per record of Millrace from 1 to 4,096 shards, 1 to 64 threads, 1 to 16 streams";
  }

  /** Arguments: the scenarios that run; all if there are none, and only then there are figures. */
  @Override
  public void run(List<String> arguments) throws Exception {
    List<Scenario> scenarios =
        arguments.isEmpty()
            ? List.of(Scenario.values())
            : arguments.stream().map(Scenario::valueOf).toList();
    Map<Scenario, Series> all = new EnumMap<>(Scenario.class);
    scenarios.forEach(scenario -> all.put(scenario, new Series(scenario.title())));
    try (Contest contest = new Contest(streams(scenarios))) {
      CandidateProcess candidate = contest.start("millrace-scale", HEAP, "-", RECORD_BYTES);
      for (Scenario scenario : scenarios) {
        Task task = scenario.task();
        contest.measure(candidate, task.withRecords(task.records() / WARM_UP_FRACTION));
      }
      Duration round = Duration.ZERO;
      for (int i = 0; i == 0 || (i < ROUNDS && fits(round, contest)); i++) {
        Duration begun = contest.elapsed();
        for (Scenario scenario : scenarios) {
          series(all, scenario).add(contest.measure(candidate, scenario.task()));
        }
        round = contest.elapsed().minus(begun);
      }
      candidate.finish();
    }
    System.out.printf("%d bytes; medians (least-most)%n", RECORD_BYTES);
    System.out.println(Series.HEADING);
    all.values().forEach(series -> System.out.println(series.toLine()));
    if (arguments.isEmpty()) {
      printFigures(all);
    }
  }

  private static boolean fits(Duration round, Contest contest) {
    return contest.elapsed().plus(round).compareTo(AT_MOST) < 0;
  }

  private static List<String> streams(List<Scenario> scenarios) {
    List<String> streams = new ArrayList<>();
    for (Scenario scenario : scenarios) {
      scenario.streams().forEach(name -> streams.add(name + ":" + scenario.shards()));
    }
    return streams;
  }

  private static void printFigures(Map<Scenario, Series> all) {
    Arrays.stream(Scenario.values())
        .forEach(
            scenario ->
                figure(
                    "cpu_per_record_us." + scenario.name().toLowerCase(Locale.ROOT),
                    cpu(all, scenario)));
    ratio(all, "threads_64_vs_1", Scenario.THREADS_64, Scenario.THREADS_1);
    ratio(all, "streams_16_vs_1", Scenario.STREAMS_16, Scenario.THREADS_16);
    ratio(all, "full_vs_empty", Scenario.THREADS_1, Scenario.EMPTY_BUDGET);
    ratio(all, "defaults_4096_vs_16", Scenario.DEFAULTS_4096, Scenario.THREADS_1);
    ratio(all, "16_vs_1", Scenario.SHARDS_16, Scenario.SHARDS_1);
    ratio(all, "256_vs_1", Scenario.SHARDS_256, Scenario.SHARDS_1);
    ratio(all, "4096_vs_1", Scenario.SHARDS_4096, Scenario.SHARDS_1);
  }

  private static void ratio(
      Map<Scenario, Series> all, String name, Scenario numerator, Scenario denominator) {
    figure("cpu_per_record." + name, cpu(all, numerator) / cpu(all, denominator));
  }

  private static double cpu(Map<Scenario, Series> all, Scenario scenario) {
    return series(all, scenario).cpuMicrosPerRecord();
  }

  private static Series series(Map<Scenario, Series> all, Scenario scenario) {
    return Objects.requireNonNull(all.get(scenario));
  }

  private static void figure(String name, double value) {
    Figures.print("producer_scale." + name, value);
  }
}
