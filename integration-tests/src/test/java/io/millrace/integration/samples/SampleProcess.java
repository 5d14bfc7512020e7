package io.millrace.integration.samples;

import io.millrace.testkit.dynamodb.DynamoDbLocal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** A sample in a JVM of its own, as samples/run starts it; its whole output is kept. */
final class SampleProcess implements AutoCloseable {
  private static final AtomicInteger STARTED = new AtomicInteger();

  private final Process process;
  private final List<String> lines = new ArrayList<>();
  private final CompletableFuture<Void> outputEnded = new CompletableFuture<>();

  private SampleProcess(Process process) {
    this.process = process;
  }

  static SampleProcess start(Class<?> main, Map<String, String> environment, String... args)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UseSerialGC");
    DynamoDbLocal.classPathFile()
        .ifPresent(
            file ->
                command.add(
                    "-D" + DynamoDbLocal.CLASS_PATH_PROPERTY + "=" + file.toAbsolutePath()));
    command.add("-Dmillrace.samples.logs=" + logsOf(main).toAbsolutePath());
    command.add(main.getName());
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().putAll(environment);
    SampleProcess sample = new SampleProcess(builder.start());
    Thread reader = new Thread(sample::read, "sample-output");
    reader.setDaemon(true);
    reader.start();
    return sample;
  }

  /** Of this run alone: the workers of others, in this JVM or beside it, have the same names. */
  private static Path logsOf(Class<?> main) {
    String run =
        main.getSimpleName()
            + "-"
            + ProcessHandle.current().pid()
            + "-"
            + STARTED.incrementAndGet();
    return Path.of(System.getProperty("basedir", "."), "target", "sample-logs", run);
  }

  /** What leads a sample to an endpoint of the testkit. */
  static Map<String, String> environmentFor(URI kinesis) {
    return Map.of(
        "AWS_ENDPOINT_URL_KINESIS", kinesis.toString(),
        "AWS_REGION", "us-east-1",
        "AWS_ACCESS_KEY_ID", "local",
        "AWS_SECRET_ACCESS_KEY", "local");
  }

  private void read() {
    try (BufferedReader output = process.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        synchronized (lines) {
          lines.add(line);
          lines.notifyAll();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      outputEnded.complete(null);
      synchronized (lines) {
        lines.notifyAll();
      }
    }
  }

  /** Waits for a line of its output. */
  String awaitLine(Predicate<String> wanted, Duration limit) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    int seen = 0;
    synchronized (lines) {
      while (true) {
        for (; seen < lines.size(); seen++) {
          if (wanted.test(lines.get(seen))) {
            return lines.get(seen);
          }
        }
        long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
        if (outputEnded.isDone() || leftMillis <= 0) {
          throw new AssertionError("the line did not come:\n" + output());
        }
        lines.wait(leftMillis);
      }
    }
  }

  /** Waits for its end; its exit status. */
  int exitStatus(Duration limit) throws InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("it still runs after " + limit + ":\n" + output());
    }
    outputEnded.orTimeout(60, TimeUnit.SECONDS).join();
    return process.exitValue();
  }

  String output() {
    synchronized (lines) {
      return String.join("\n", lines);
    }
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  void type(String line) throws IOException {
    process
        .getOutputStream()
        .write((line + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  @Override
  public void close() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
  }
}
