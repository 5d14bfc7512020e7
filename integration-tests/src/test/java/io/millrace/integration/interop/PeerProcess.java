package io.millrace.integration.interop;

import io.millrace.integration.endpoint.NodePackage;
import io.millrace.integration.endpoint.TestStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A program in a process of its own, which obeys lines and reports by lines. It ends with this JVM,
 * since its standard input ends then. Its log is under target/interop-logs. Thread-safe.
 */
final class PeerProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(3);
  private static final Duration STOP_LIMIT = Duration.ofMinutes(3);
  private static final int LAST_LINES = 40;

  /** For the peers' slf4j-simple, which else tells no time. */
  private static final List<String> LOGGING =
      List.of(
          "-Dorg.slf4j.simpleLogger.showDateTime=true",
          "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
          "-Dorg.slf4j.simpleLogger.showShortLogName=true",
          "-Dorg.slf4j.simpleLogger.log.software.amazon.awssdk=warn");

  private final String name;
  private final Process process;
  private final Path log;
  private final Predicate<String> taken;
  private final List<String> events = new ArrayList<>();
  private final CompletableFuture<Void> outputEnded = new CompletableFuture<>();

  private PeerProcess(String name, Process process, Path log, Predicate<String> taken) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.taken = taken;
  }

  /**
   * Starts a Java program, and waits until it says that it has started.
   *
   * @param taken gets each line of its report; those that it does not take are events
   */
  static PeerProcess java(
      String name,
      Class<?> main,
      String classPath,
      Collection<String> arguments,
      Predicate<String> taken) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(LOGGING);
    command.add(main.getName());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    // The variable and not an argument: some systems bound the length of a command.
    builder.environment().put("CLASSPATH", classPath);
    return start(name, builder, taken);
  }

  /** Starts a script of an npm package. */
  static PeerProcess node(String name, String packageName, String script, Predicate<String> taken) {
    ProcessBuilder builder =
        new ProcessBuilder(NodePackage.program("node"), script)
            .directory(NodePackage.install(packageName, script).toFile());
    return start(name, builder, taken);
  }

  private static PeerProcess start(String name, ProcessBuilder builder, Predicate<String> taken) {
    try {
      Path logs = Path.of(System.getProperty("basedir", "."), "target", "interop-logs");
      Files.createDirectories(logs);
      Path log = Files.createTempFile(logs, name + "-", ".log");
      PeerProcess peer =
          new PeerProcess(name, builder.redirectError(log.toFile()).start(), log, taken);
      Thread reader = new Thread(peer::read, name + "-report");
      reader.setDaemon(true);
      reader.start();
      peer.await("it has started", START_LIMIT, "started"::equals);
      return peer;
    } catch (IOException e) {
      throw new UncheckedIOException(name + " did not start", e);
    }
  }

  private void read() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (!taken.test(line)) {
          synchronized (events) {
            events.add(line);
          }
        }
      }
    } catch (IOException killed) {
      // What it had reported until then has been read.
    } finally {
      outputEnded.complete(null);
    }
  }

  String name() {
    return name;
  }

  /** What it has told and nobody took, a line each. */
  List<String> events() {
    synchronized (events) {
      return List.copyOf(events);
    }
  }

  /** Waits for an event. */
  String await(String what, Duration limit, Predicate<String> wanted) {
    TestStream.await(
        name + ": " + what,
        limit,
        () -> {
          boolean told = events().stream().anyMatch(wanted);
          if (!told && outputEnded.isDone()) {
            throw new AssertionError(name + " has ended before " + what + ": " + events());
          }
          return told;
        });
    return events().stream().filter(wanted).findFirst().orElseThrow();
  }

  /** Types a line. */
  void command(String line) {
    try {
      process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " listens no more", e);
    }
  }

  /** Asks it to end, and waits until it has. */
  void stop() {
    command("stop");
    awaitEnd();
  }

  /** Kills it, and waits until all that it had reported is read. */
  void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** Whether it lives, what it told last, and the end of its log: for who looks for a mistake. */
  String account() {
    List<String> told = events();
    return "%s: %s; of %d events the last: %s%n%s"
        .formatted(
            name,
            process.isAlive() ? "lives" : "has ended with " + process.exitValue(),
            told.size(),
            lastOf(told),
            endOfLog());
  }

  private String endOfLog() {
    try {
      return log + ":\n  " + String.join("\n  ", lastOf(Files.readAllLines(log)));
    } catch (IOException e) {
      return log + " can't be read: " + e;
    }
  }

  private static List<String> lastOf(List<String> lines) {
    return lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size());
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError(name + " still runs after " + STOP_LIMIT + ": " + events());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while " + name + " ended", e);
    }
    outputEnded.orTimeout(30, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroyForcibly();
    descendants.forEach(ProcessHandle::destroyForcibly);
  }
}
