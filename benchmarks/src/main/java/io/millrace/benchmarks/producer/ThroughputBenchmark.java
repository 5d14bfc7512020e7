package io.millrace.benchmarks.producer;

import io.millrace.benchmarks.Benchmark;
import io.millrace.benchmarks.Figures;
import io.millrace.benchmarks.producer.candidate.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Millrace's producer beside the KPL and the bare SDK: CPU per user record and user records per
 * second.
 *
 * <p>In each pass new JVMs are started and warmed up; then they take turns for some rounds. A
 * figure is the median of all rounds.
 */
public final class ThroughputBenchmark implements Benchmark {
  private static final String STREAM = "benchmark";
  private static final int SHARDS = 4;
  private static final int ROUNDS = 3;
  private static final int PASSES = 3;
  private static final Duration NO_NEW_PASS_AFTER = Duration.ofSeconds(100);
  private static final Duration WARM_UP_AT_MOST = Duration.ofSeconds(40);
  private static final String HEAP = "512m";

  /** Who competes, in the order of turns. */
  private static final List<String> NAMES = List.of("millrace", "kpl", "sdk", "millrace-callback");

  /** As {@link io.millrace.producer.KinesisClients#tune} sets their client up. */
  private static final List<String> TUNED_NAMES = List.of("millrace-tuned", "sdk-tuned");

  private static final int MILLRACE = 0;
  private static final int KPL = 1;
  private static final int SDK = 2;
  private static final int MILLRACE_CALLBACK = 3;

  private final String prefix;
  private final int recordBytes;
  private final long records;
  private final long kplRecords;

  private ThroughputBenchmark(String prefix, int recordBytes, long records, long kplRecords) {
    this.prefix = prefix;
    this.recordBytes = recordBytes;
    this.records = records;
    this.kplRecords = kplRecords;
  }

  /** Records of 100 bytes. */
  public static ThroughputBenchmark smallRecords() {
    return new ThroughputBenchmark("producer", 100, 2_000_000, 100_000);
  }

  /** Records of 1,000 bytes. */
  public static ThroughputBenchmark largeRecords() {
    return new ThroughputBenchmark("producer_1k", 1_000, 300_000, 50_000);
  }

  @Override
  public String description() {
    return "CPU and throughput of Millrace, KPL and bare SDK, records of " + recordBytes + " bytes";
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
    try (Contest contest = new Contest(List.of(STREAM + ":" + SHARDS))) {
      int pass = 0;
      do {
        runPass(contest, all);
        pass++;
      } while (pass < PASSES && contest.elapsed().compareTo(NO_NEW_PASS_AFTER) < 0);
    }
    System.out.printf("%d bytes, %d shards; medians (least-most)%n", recordBytes, SHARDS);
    System.out.println(Series.HEADING);
    all.forEach(series -> System.out.println(series.toLine()));
    if (arguments.isEmpty()) {
      printFigures(all);
    }
  }

  private void runPass(Contest contest, List<Series> all) throws Exception {
    List<Contender> contenders = new ArrayList<>();
    for (Series series : all) {
      boolean kpl = series.name().equals(NAMES.get(KPL));
      contenders.add(
          new Contender(
              contest.start(series.name(), HEAP, STREAM, recordBytes),
              Task.of(kpl ? kplRecords : records),
              series));
    }
    for (Contender contender : contenders) {
      contest.warmUp(contender.process(), contender.task(), WARM_UP_AT_MOST);
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

  private void printFigures(List<Series> all) {
    Series ours = all.get(MILLRACE);
    Series callbacks = all.get(MILLRACE_CALLBACK);
    Series kpl = all.get(KPL);
    Series sdk = all.get(SDK);
    double cpu = ours.cpuMicrosPerRecord();
    figure("cpu_per_record_us", cpu);
    figure("callback_cpu_per_record_us", callbacks.cpuMicrosPerRecord());
    figure("kpl_cpu_per_record_us", kpl.cpuMicrosPerRecord());
    figure("sdk_cpu_per_record_us", sdk.cpuMicrosPerRecord());
    figure("records_per_second", ours.recordsPerSecond());
    figure("kpl_records_per_second", kpl.recordsPerSecond());
    figure("sdk_records_per_second", sdk.recordsPerSecond());
    figure("p50_ms", ours.p50Millis());
    figure("p99_ms", ours.p99Millis());
    figure("kpl_p50_ms", kpl.p50Millis());
    figure("kpl_p99_ms", kpl.p99Millis());
    figure("peak_memory_mib", ours.peakMebibytes());
    figure("kpl_peak_memory_mib", kpl.peakMebibytes());
    figure("allocated_bytes_per_record", ours.allocatedBytesPerRecord());
    figure(
        "callback_cpu_per_record.vs_kpl",
        callbacks.cpuMicrosPerRecord() / kpl.cpuMicrosPerRecord());
    figure(
        "callback_cpu_per_record.vs_sdk",
        callbacks.cpuMicrosPerRecord() / sdk.cpuMicrosPerRecord());
    figure("cpu_per_record.vs_kpl", cpu / kpl.cpuMicrosPerRecord());
    figure("cpu_per_record.vs_sdk", cpu / sdk.cpuMicrosPerRecord());
    figure("records_per_second.vs_kpl", ours.recordsPerSecond() / kpl.recordsPerSecond());
  }

  private void figure(String name, double value) {
    Figures.print(prefix + "." + name, value);
  }
}
