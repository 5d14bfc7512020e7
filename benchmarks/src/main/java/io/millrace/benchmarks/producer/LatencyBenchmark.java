package io.millrace.benchmarks.producer;

import io.millrace.benchmarks.Benchmark;
import io.millrace.benchmarks.Figures;
import io.millrace.benchmarks.producer.candidate.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How long a put takes at a modest rate, and what it costs: Millrace without linger, the bare SDK
 * with a PutRecord for each record, and the KPL unbuffered and at its defaults.
 *
 * <p>On an endpoint of this machine a reply takes a millisecond, most of which is processor time of
 * both sides; on one that answers after a while, as a service behind a network does, the time that
 * requests wait for each other is a smaller part of what a put takes.
 *
 * <p>The KPL that CPU is compared with is the unbuffered one, which does the same job. In each pass
 * new JVMs are started and warmed up; then they take turns. A figure is the median of all rounds.
 */
public final class LatencyBenchmark implements Benchmark {
  private static final String STREAM = "benchmark";
  private static final int SHARDS = 4;
  private static final int RECORD_BYTES = 100;
  private static final int PER_SECOND = 1_000;
  private static final int ROUNDS = 4;
  private static final int PASSES = 2;
  private static final Duration NO_NEW_PASS_AFTER = Duration.ofSeconds(100);
  private static final String HEAP = "512m";

  /** A few hundred requests a second take long to get their code compiled. */
  private static final Duration WARM_UP_AT_MOST = Duration.ofSeconds(80);

  /** In rate and kind what is measured, but more. */
  private static final Task WARM_UP = Task.paced(6_000, 2 * PER_SECOND);

  private static final Task TASK = Task.paced(4_000, PER_SECOND);

  private static final List<String> NAMES =
      List.of("millrace-linger-0", "sdk-single", "kpl-unbuffered", "kpl");

  /** As {@link io.millrace.producer.KinesisClients#tune} sets their client up. */
  private static final List<String> TUNED_NAMES =
      List.of("millrace-linger-0-tuned", "sdk-single-tuned");

  private final String figures;
  private final Duration replyDelay;

  private LatencyBenchmark(String figures, Duration replyDelay) {
    this.figures = figures;
    this.replyDelay = replyDelay;
  }

  /** On an endpoint that answers at once. */
  public static LatencyBenchmark local() {
    return new LatencyBenchmark("producer_latency", Duration.ZERO);
  }

  /** On an endpoint that answers after 10 ms. */
  public static LatencyBenchmark remote() {
    return new LatencyBenchmark("producer_latency_remote", Duration.ofMillis(10));
  }

  @Override
  public String description() {
    return "delay and CPU of Millrace, KPL and bare SDK at "
        + PER_SECOND
        + " records/s"
        + (replyDelay.isZero() ? "" : ", replies after " + replyDelay.toMillis() + " ms");
  }

  /**
   * Arguments: the candidates that run. If there are none, all but those with a tuned client; only
   * then there are figures.
   */
  @Override
  public void run(List<String> arguments) throws Exception {
    List<String> names = arguments.isEmpty() ? NAMES : arguments;
    for (String name : names) {
      if (!NAMES.contains(name) && !TUNED_NAMES.contains(name)) {
        throw new IllegalArgumentException(
            "argument is " + name + ": it must be in " + NAMES + " or " + TUNED_NAMES);
      }
    }
    List<Series> all = names.stream().map(Series::new).toList();
    try (Contest contest = new Contest(List.of(STREAM + ":" + SHARDS), replyDelay)) {
      int pass = 0;
      do {
        runPass(contest, all);
        pass++;
      } while (pass < PASSES && contest.elapsed().compareTo(NO_NEW_PASS_AFTER) < 0);
    }
    System.out.printf(
        "%d records/s of %d bytes, %d shards; medians (least-most)%n",
        PER_SECOND, RECORD_BYTES, SHARDS);
    System.out.println(Series.HEADING);
    all.forEach(series -> System.out.println(series.toLine()));
    if (arguments.isEmpty()) {
      printFigures(all.get(0), all.get(1), all.get(2), all.get(3));
    }
  }

  private static void runPass(Contest contest, List<Series> all) throws Exception {
    List<Contender> contenders = new ArrayList<>();
    for (Series series : all) {
      contenders.add(
          new Contender(contest.start(series.name(), HEAP, STREAM, RECORD_BYTES), TASK, series));
    }
    for (Contender contender : contenders) {
      contest.warmUp(contender.process(), WARM_UP, WARM_UP_AT_MOST);
    }
    for (int i = 0; i < ROUNDS; i++) {
      for (Contender contender : contenders) {
        contender.series().add(contest.measure(contender.process(), contender.task()));
      }
    }
    for (Contender contender : contenders) {
      contender.process().finish();
    }
  }

  private void printFigures(Series ours, Series sdk, Series unbuffered, Series kpl) {
    figure("p50_ms", ours.p50Millis());
    figure("p99_ms", ours.p99Millis());
    figure("sdk_p50_ms", sdk.p50Millis());
    figure("sdk_p99_ms", sdk.p99Millis());
    figure("kpl_p50_ms", unbuffered.p50Millis());
    figure("kpl_p99_ms", unbuffered.p99Millis());
    figure("kpl_default_p50_ms", kpl.p50Millis());
    figure("kpl_default_p99_ms", kpl.p99Millis());
    figure("cpu_per_record_us", ours.cpuMicrosPerRecord());
    figure("sdk_cpu_per_record_us", sdk.cpuMicrosPerRecord());
    figure("kpl_cpu_per_record_us", unbuffered.cpuMicrosPerRecord());
    figure("kpl_default_cpu_per_record_us", kpl.cpuMicrosPerRecord());
    figure("peak_memory_mib", ours.peakMebibytes());
    figure("allocated_bytes_per_record", ours.allocatedBytesPerRecord());
    figure("cpu.vs_kpl_default", ours.cpuMicrosPerRecord() / kpl.cpuMicrosPerRecord());
    figure("cpu.vs_sdk", ours.cpuMicrosPerRecord() / sdk.cpuMicrosPerRecord());
    figure("p50.vs_sdk", ours.p50Millis() / sdk.p50Millis());
    figure("cpu.vs_kpl", ours.cpuMicrosPerRecord() / unbuffered.cpuMicrosPerRecord());
  }

  private void figure(String name, double value) {
    Figures.print(figures + "." + name, value);
  }
}
