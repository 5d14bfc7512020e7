package io.millrace.benchmarks.fleet;

import io.millrace.benchmarks.fleet.worker.Job;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** A worker in a JVM of its own. Thread-safe. */
final class WorkerProcess implements AutoCloseable {
  private static final Path LOGS = Path.of("benchmarks", "target", "fleet-logs");

  private final Job job;
  private final Process process;
  private final long startedMicros;
  private final Deliveries deliveries;
  private volatile long readyMicros;

  private WorkerProcess(Job job, Process process, long startedMicros, Deliveries deliveries) {
    this.job = job;
    this.process = process;
    this.startedMicros = startedMicros;
    this.deliveries = deliveries;
  }

  /** Starts a worker. */
  static WorkerProcess start(Job job, WorkerJvm jvm, Deliveries deliveries) {
    try {
      Files.createDirectories(LOGS);
      ProcessBuilder builder =
          new ProcessBuilder(jvm.command(job.toArguments()))
              .redirectError(LOGS.resolve(job.worker() + ".log").toFile());
      builder.environment().put("CLASSPATH", jvm.classPath());
      long startedMicros = Clock.nowMicros();
      WorkerProcess worker = new WorkerProcess(job, builder.start(), startedMicros, deliveries);
      Thread reader = new Thread(worker::read, job.worker() + "-reports");
      reader.setDaemon(true);
      reader.start();
      return worker;
    } catch (IOException e) {
      throw new UncheckedIOException("the JVM of " + job.worker() + " did not start", e);
    }
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
      String line;
      while ((line = lines.readLine()) != null) {
        String[] words = line.split(" ", -1);
        if (words[0].equals("ready")) {
          readyMicros = Long.parseLong(words[1]);
        } else if (words[0].equals("got") && words.length == 5) {
          // A killed worker's last line may be cut off, but then it lacks its last word.
          deliveries.delivered(
              new Deliveries.Delivery(
                  job.worker(), words[1], Integer.parseInt(words[2]), Long.parseLong(words[3])));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String name() {
    return job.worker();
  }

  /** When its JVM was started. */
  long startedMicros() {
    return startedMicros;
  }

  /** When it was a member of its fleet; empty as long as it is not. */
  OptionalLong readyMicros() {
    return readyMicros == 0 ? OptionalLong.empty() : OptionalLong.of(readyMicros);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Asks it to end, by SIGTERM; returns when it has. */
  void terminate() throws InterruptedException {
    // Not Process.destroy: it closes the worker's standard input, by which it knows its parent's
    // end.
    process.toHandle().destroy();
    process.waitFor();
  }

  /** Ends it at once, by SIGKILL; returns when it has. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
