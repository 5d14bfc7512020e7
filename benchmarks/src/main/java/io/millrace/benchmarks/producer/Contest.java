package io.millrace.benchmarks.producer;

import io.millrace.benchmarks.producer.candidate.CandidateMain;
import io.millrace.benchmarks.producer.candidate.Measurement;
import io.millrace.benchmarks.producer.candidate.Task;
import io.millrace.benchmarks.producer.candidate.WarmUp;
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
 * The endpoint, the candidates that put into it, and the check that all they put arrives. Ends all
 * candidates when its time is over: the run fails then.
 *
 * <p>The endpoint speaks TLS, takes all, keeps nothing and counts user records. Used by one thread.
 */
final class Contest implements AutoCloseable {
  private static final Duration GIVE_UP_AFTER = Duration.ofSeconds(285);
  private static final List<String> SINK_JVM = List.of("-Xms512m", "-Xmx512m");

  private final KinesisServerProcess sink;
  private final Queue<CandidateProcess> started = new ConcurrentLinkedQueue<>();
  private final Timer watchdog = new Timer(true);
  private final long startNanos = System.nanoTime();

  /**
   * Starts the endpoint.
   *
   * @param streams to create, each as {@code NAME:SHARDS}
   */
  Contest(List<String> streams) {
    this(streams, Duration.ZERO);
  }

  /**
   * Starts the endpoint.
   *
   * @param streams to create, each as {@code NAME:SHARDS}
   * @param replyDelay how long it takes for each answer
   */
  Contest(List<String> streams, Duration replyDelay) {
    List<String> flags = new ArrayList<>(List.of("--sink"));
    flags.addAll(List.of("--reply-delay", Long.toString(replyDelay.toMillis())));
    streams.forEach(stream -> flags.addAll(List.of("--stream", stream)));
    sink = KinesisServerProcess.start(SINK_JVM, flags);
    watchdog.schedule(
        new TimerTask() {
          @Override
          public void run() {
            // Ends the wait for an answer.
            started.forEach(CandidateProcess::close);
          }
        },
        GIVE_UP_AFTER.toMillis());
  }

  /** Since the start. */
  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  /**
   * Starts a candidate.
   *
   * @param name as {@link CandidateMain} knows it
   * @param heap of its JVM
   */
  CandidateProcess start(String name, String heap, String stream, int recordBytes)
      throws IOException, GeneralSecurityException, URISyntaxException {
    CandidateProcess process =
        new CandidateProcess(
            name.startsWith("kpl") ? kplClassPath() : System.getProperty("java.class.path"),
            heap,
            List.of(
                name,
                sink.tlsEndpoint().toString(),
                Base64.getEncoder().encodeToString(sink.certificate().getEncoded()),
                stream,
                Integer.toString(recordBytes)));
    started.add(process);
    return process;
  }

  private static String kplClassPath() throws IOException, URISyntaxException {
    Path own =
        Path.of(CandidateMain.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    // As the build of benchmarks/kpl has written it; benchmarks/run starts in the project's root.
    Path file = Path.of("benchmarks", "kpl", "target", "kpl.classpath");
    return own + File.pathSeparator + Files.readString(file).strip();
  }

  /**
   * Lets a candidate do a task.
   *
   * @throws IllegalStateException if not exactly what it put has arrived
   */
  Series.Round measure(CandidateProcess candidate, Task task) throws IOException {
    CoreStatistics before = sink.statistics();
    Measurement measured = candidate.put(task);
    CoreStatistics after = sink.statistics();
    long arrived = after.userRecordsPut() - before.userRecordsPut();
    if (measured.records() < task.records() || arrived != measured.records()) {
      throw new IllegalStateException(
          measured.records() + " user records were put, but " + arrived + " arrived");
    }
    long requests =
        after.calls(Operation.PUT_RECORDS)
            + after.calls(Operation.PUT_RECORD)
            - before.calls(Operation.PUT_RECORDS)
            - before.calls(Operation.PUT_RECORD);
    return new Series.Round(
        measured, after.kinesisRecordsPut() - before.kinesisRecordsPut(), requests);
  }

  /** See {@link WarmUp}. */
  void warmUp(CandidateProcess candidate, Task task, Duration atMost) throws IOException {
    WarmUp.run(() -> measure(candidate, task).measured(), atMost);
  }

  @Override
  public void close() {
    watchdog.cancel();
    started.forEach(CandidateProcess::close);
    sink.close();
  }
}
