package io.millrace.benchmarks.consumer;

import io.millrace.benchmarks.Benchmark;
import io.millrace.benchmarks.Figures;
import io.millrace.benchmarks.consumer.reader.Source;
import io.millrace.benchmarks.producer.candidate.Measurement;
import io.millrace.benchmarks.producer.candidate.WarmUp;
import io.millrace.testkit.kinesis.CoreStatistics;
import io.millrace.testkit.kinesis.call.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Millrace's consumer beside the KCL and the bare SDK: CPU per user record, from records that the
 * endpoint gives again and again.
 *
 * <p>Every candidate has a JVM of its own and reads the same stream over TLS. All are alive at
 * once, warm up, and then take turns for some rounds. A figure is the median of all rounds. Each
 * user record carries its index: one that is missing, twice or out of order fails the run.
 */
public final class ThroughputBenchmark implements Benchmark {
  private static final String STREAM = "benchmark";
  private static final int SHARDS = 4;
  private static final int AGGREGATES = 200;
  private static final int ROUNDS = 5;

  private static final Duration WARM_UP_AT_MOST = Duration.ofSeconds(20);
  private static final Duration NO_NEW_ROUND_AFTER = Duration.ofSeconds(220);

  /** What takes part, and how many records it reads in a turn: some seconds of CPU. */
  private record Entry(String role, long records) {}

  /** In the order of turns. */
  private static final List<Entry> ENTRIES =
      List.of(
          new Entry("millrace", 3_000_000),
          new Entry("kcl", 1_000_000),
          new Entry("sdk", 4_000_000),
          new Entry("sdk-md5", 3_000_000),
          new Entry("millrace-batch", 3_000_000));

  /** A candidate at work. */
  private record Contender(Entry entry, ReaderProcess process, Series series) {}

  @Override
  public String description() {
    return "CPU per user record of Millrace, KCL and bare SDK, 200 of 100 bytes per aggregate";
  }

  /** Arguments: the candidates that run; all if there are none, and only then there are figures. */
  @Override
  public void run(List<String> arguments) throws Exception {
    List<String> roles = ENTRIES.stream().map(Entry::role).toList();
    if (!roles.containsAll(arguments)) {
      throw new IllegalArgumentException(
          "arguments are " + arguments + ": all must be in " + roles);
    }
    long start = System.nanoTime();
    List<Contender> contenders = new ArrayList<>();
    try (Endpoints endpoints = new Endpoints("--stream", STREAM + ":" + SHARDS, "--endless")) {
      Source source = endpoints.source(STREAM, SHARDS);
      endpoints.fill(source, AGGREGATES);
      for (Entry entry : ENTRIES) {
        if (arguments.isEmpty() || arguments.contains(entry.role())) {
          contenders.add(
              new Contender(
                  entry, endpoints.start(entry.role(), source), new Series(entry.role())));
        }
      }
      // The KCL last: it takes its time to start.
      for (Contender contender : contenders) {
        if (!contender.entry().role().equals("kcl")) {
          warmUp(contender, endpoints);
        }
      }
      for (Contender contender : contenders) {
        if (contender.entry().role().equals("kcl")) {
          warmUp(contender, endpoints);
        }
      }
      for (int i = 0; i < ROUNDS && System.nanoTime() - start < NO_NEW_ROUND_AFTER.toNanos(); i++) {
        for (Contender contender : contenders) {
          contender.series().add(measure(contender, endpoints));
        }
      }
      for (Contender contender : contenders) {
        contender.process().finish();
      }
    }
    System.out.println(Series.HEADING);
    contenders.forEach(contender -> System.out.println(contender.series().toLine()));
    if (arguments.isEmpty()) {
      printFigures(contenders.stream().map(Contender::series).toList());
    }
  }

  /** See {@link WarmUp}. */
  private static void warmUp(Contender contender, Endpoints endpoints) throws IOException {
    // Not counted: it waits for the start.
    measure(contender, endpoints);
    WarmUp.run(() -> measure(contender, endpoints).measured(), WARM_UP_AT_MOST);
  }

  private static Series.Round measure(Contender contender, Endpoints endpoints) throws IOException {
    CoreStatistics before = endpoints.server().statistics();
    String answer = contender.process().ask(Long.toString(contender.entry().records()));
    CoreStatistics after = endpoints.server().statistics();
    Measurement measured = Measurement.parse(answer).orElseThrow();
    if (measured.records() < contender.entry().records()) {
      throw new IllegalStateException(
          contender.entry().role() + " read only " + measured.records() + " user records");
    }
    return new Series.Round(
        measured, after.calls(Operation.GET_RECORDS) - before.calls(Operation.GET_RECORDS));
  }

  private static void printFigures(List<Series> all) {
    Series ours = all.get(0);
    Series kcl = all.get(1);
    Series sdk = all.get(2);
    Series sdkMd5 = all.get(3);
    Series batch = all.get(4);
    double cpu = ours.cpuMicrosPerRecord();
    figure("cpu_per_record_us", cpu);
    figure("batch_cpu_per_record_us", batch.cpuMicrosPerRecord());
    figure("kcl_cpu_per_record_us", kcl.cpuMicrosPerRecord());
    figure("sdk_cpu_per_record_us", sdk.cpuMicrosPerRecord());
    figure("sdk_md5_cpu_per_record_us", sdkMd5.cpuMicrosPerRecord());
    figure("records_per_second", ours.recordsPerSecond());
    figure("batch_cpu_per_record.vs_kcl", batch.cpuMicrosPerRecord() / kcl.cpuMicrosPerRecord());
    figure("cpu_per_record.vs_kcl", cpu / kcl.cpuMicrosPerRecord());
    figure("cpu_per_record.vs_sdk", cpu / sdk.cpuMicrosPerRecord());
    figure("cpu_per_record.vs_sdk_md5", cpu / sdkMd5.cpuMicrosPerRecord());
  }

  private static void figure(String name, double value) {
    Figures.print("consumer." + name, value);
  }
}
