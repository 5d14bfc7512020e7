package io.millrace.benchmarks;

import io.millrace.benchmarks.producer.CandidateMain;
import io.millrace.benchmarks.producer.Measurement;
import io.millrace.testkit.KinesisServerProcess;
import io.millrace.testkit.kinesis.CoreStatistics;
import io.millrace.testkit.kinesis.call.Operation;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Millrace's producer beside the KPL and the bare SDK: CPU per user record and user records per
 * second.
 *
 * <p>Every candidate has a JVM of its own and puts into one endpoint, over TLS, that takes all and
 * keeps nothing. In each pass new JVMs are started and warmed up; then they take turns for some
 * rounds. A figure is the median of all rounds. The endpoint counts the user records that arrive:
 * too few or too many, and the run fails.
 */
final class ProducerBenchmark implements Benchmark {
  private static final String STREAM = "benchmark";
  private static final int SHARDS = 4;
  private static final int ROUNDS = 3;
  private static final int PASSES = 3;

  /** The JIT compiler is done by then, with the ciphers too. */
  private static final Duration WARM_UP_CPU = Duration.ofSeconds(12);

  private static final Duration WARM_UP_AT_MOST = Duration.ofSeconds(40);
  private static final Duration NO_NEW_PASS_AFTER = Duration.ofSeconds(100);
  private static final Duration GIVE_UP_AFTER = Duration.ofSeconds(285);
  private static final List<String> SINK_JVM = List.of("-Xms512m", "-Xmx512m");

  /** Who competes, in the order of turns. */
  private static final List<String> NAMES = List.of("millrace", "kpl", "sdk", "millrace-callback");

  private static final int MILLRACE = 0;
  private static final int KPL = 1;
  private static final int SDK = 2;
  private static final int MILLRACE_CALLBACK = 3;

  /** A candidate at work, how many records it puts in a round, and where its rounds go. */
  private record Contender(CandidateProcess process, long records, Series series) {}

  private final String prefix;
  private final int recordBytes;
  private final long records;
  private final long kplRecords;

  private ProducerBenchmark(String prefix, int recordBytes, long records, long kplRecords) {
    this.prefix = prefix;
    this.recordBytes = recordBytes;
    this.records = records;
    this.kplRecords = kplRecords;
  }

  static ProducerBenchmark smallRecords() {
    return new ProducerBenchmark("producer", 100, 1_000_000, 50_000);
  }

  static ProducerBenchmark largeRecords() {
    return new ProducerBenchmark("producer_1k", 1_000, 200_000, 30_000);
  }

  @Override
  public String description() {
    return "CPU and throughput of Millrace, KPL and bare SDK, records of " + recordBytes + " bytes";
  }

  /** Arguments: the candidates that run; all if there are none, and only then there are figures. */
  @Override
  public void run(List<String> arguments) throws Exception {
    if (!NAMES.containsAll(arguments)) {
      throw new IllegalArgumentException(
          "arguments are " + arguments + ": all must be in " + NAMES);
    }
    List<Series> all =
        NAMES.stream()
            .filter(name -> arguments.isEmpty() || arguments.contains(name))
            .map(Series::new)
            .toList();
    try (KinesisServerProcess sink =
        KinesisServerProcess.start(
            SINK_JVM, List.of("--sink", "--stream", STREAM + ":" + SHARDS))) {
      runPasses(sink, all);
    }
    System.out.printf("%d bytes, %d shards; medians (least-most)%n", recordBytes, SHARDS);
    System.out.println(Series.HEADING);
    all.forEach(series -> System.out.println(series.toLine()));
    if (arguments.isEmpty()) {
      printFigures(all);
    }
  }

  private void runPasses(KinesisServerProcess sink, List<Series> all) throws Exception {
    Queue<CandidateProcess> started = new ConcurrentLinkedQueue<>();
    Timer watchdog = new Timer(true);
    // Ends the wait for an answer: the run fails.
    watchdog.schedule(
        new TimerTask() {
          @Override
          public void run() {
            started.forEach(CandidateProcess::close);
          }
        },
        GIVE_UP_AFTER.toMillis());
    long start = System.nanoTime();
    int pass = 0;
    try {
      do {
        runPass(sink, all, started);
        pass++;
      } while (pass < PASSES && System.nanoTime() - start < NO_NEW_PASS_AFTER.toNanos());
    } finally {
      watchdog.cancel();
      started.forEach(CandidateProcess::close);
    }
  }

  private void runPass(KinesisServerProcess sink, List<Series> all, Queue<CandidateProcess> started)
      throws Exception {
    List<Contender> contenders = new ArrayList<>();
    for (Series series : all) {
      boolean kpl = series.name().equals(NAMES.get(KPL));
      CandidateProcess process = start(series.name(), kpl, sink);
      started.add(process);
      contenders.add(new Contender(process, kpl ? kplRecords : records, series));
    }
    for (Contender contender : contenders) {
      warmUp(contender, sink);
    }
    for (int i = 0; i < ROUNDS; i++) {
      for (Contender contender : contenders) {
        contender.series().add(measure(contender.process(), contender.records(), sink));
      }
    }
    for (Contender contender : contenders) {
      contender.process().finish();
    }
  }

  /** By CPU time, not wall time: a busy machine makes it longer, not worse. */
  private static void warmUp(Contender contender, KinesisServerProcess sink) throws IOException {
    long start = System.nanoTime();
    long cpuNanos = 0;
    while (cpuNanos < WARM_UP_CPU.toNanos()
        && System.nanoTime() - start < WARM_UP_AT_MOST.toNanos()) {
      cpuNanos += measure(contender.process(), contender.records(), sink).measured().cpuNanos();
    }
  }

  private CandidateProcess start(String name, boolean kpl, KinesisServerProcess sink)
      throws IOException, GeneralSecurityException, URISyntaxException {
    return new CandidateProcess(
        kpl ? kplClassPath() : System.getProperty("java.class.path"),
        List.of(
            name,
            sink.tlsEndpoint().toString(),
            Base64.getEncoder().encodeToString(sink.certificate().getEncoded()),
            STREAM,
            Integer.toString(recordBytes)));
  }

  private static String kplClassPath() throws IOException, URISyntaxException {
    Path own =
        Path.of(CandidateMain.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    // As the build of benchmarks/kpl has written it; benchmarks/run starts in the project's root.
    Path file = Path.of("benchmarks", "kpl", "target", "kpl.classpath");
    return own + File.pathSeparator + Files.readString(file).strip();
  }

  private static Series.Round measure(
      CandidateProcess candidate, long records, KinesisServerProcess sink) throws IOException {
    CoreStatistics before = sink.statistics();
    Measurement measured = candidate.put(records);
    CoreStatistics after = sink.statistics();
    long arrived = after.userRecordsPut() - before.userRecordsPut();
    if (measured.records() < records || arrived != measured.records()) {
      throw new IllegalStateException(
          measured.records() + " user records were put, but " + arrived + " arrived");
    }
    return new Series.Round(
        measured,
        after.kinesisRecordsPut() - before.kinesisRecordsPut(),
        after.calls(Operation.PUT_RECORDS) - before.calls(Operation.PUT_RECORDS));
  }

  private void printFigures(List<Series> all) {
    Series ours = all.get(MILLRACE);
    Series kpl = all.get(KPL);
    Series sdk = all.get(SDK);
    double cpu = ours.cpuMicrosPerRecord();
    figure("cpu_per_record_us", cpu);
    figure("callback_cpu_per_record_us", all.get(MILLRACE_CALLBACK).cpuMicrosPerRecord());
    figure("kpl_cpu_per_record_us", kpl.cpuMicrosPerRecord());
    figure("sdk_cpu_per_record_us", sdk.cpuMicrosPerRecord());
    figure("records_per_second", ours.recordsPerSecond());
    figure("kpl_records_per_second", kpl.recordsPerSecond());
    figure("sdk_records_per_second", sdk.recordsPerSecond());
    figure("cpu_per_record.vs_kpl", cpu / kpl.cpuMicrosPerRecord());
    figure("cpu_per_record.vs_sdk", cpu / sdk.cpuMicrosPerRecord());
    figure("records_per_second.vs_kpl", ours.recordsPerSecond() / kpl.recordsPerSecond());
  }

  private void figure(String name, double value) {
    Figures.print(prefix + "." + name, value);
  }
}
