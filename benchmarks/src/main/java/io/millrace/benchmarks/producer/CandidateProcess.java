package io.millrace.benchmarks.producer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.benchmarks.producer.candidate.CandidateMain;
import io.millrace.benchmarks.producer.candidate.Measurement;
import io.millrace.benchmarks.producer.candidate.ProcessTree;
import io.millrace.benchmarks.producer.candidate.Task;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One candidate in a JVM of its own. Used by one thread, but {@link #close()} by any. */
final class CandidateProcess implements AutoCloseable {
  /** The collector is the JDK's choice. The KPL has no logging provider. */
  private static final List<String> JVM =
      List.of("-Dslf4j.internal.verbosity=ERROR", ProcessTree.KEEPS_COMPILER_THREADS);

  private final Process process;
  private final PrintWriter commands;
  private final BufferedReader answers;

  /**
   * Starts it.
   *
   * @param classPath of its JVM
   * @param heap the size of its heap, as {@code 512m}
   * @param arguments of {@link CandidateMain}
   */
  CandidateProcess(String classPath, String heap, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xms" + heap, "-Xmx" + heap));
    command.addAll(JVM);
    command.addAll(extraArguments());
    command.add(CandidateMain.class.getName());
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("CLASSPATH", classPath);
    process = builder.start();
    commands = new PrintWriter(process.outputWriter(UTF_8), true);
    answers = process.inputReader(UTF_8);
  }

  /** For a profiler, say. */
  private static List<String> extraArguments() {
    String extra = System.getProperty("candidate.jvm", "");
    return extra.isEmpty() ? List.of() : List.of(extra.split(" ", -1));
  }

  /**
   * Puts records and waits for the outcome.
   *
   * @throws IllegalStateException if a record was not stored; the reason is on standard error
   */
  Measurement put(Task task) throws IOException {
    commands.println(task.toLine());
    String line;
    while ((line = answers.readLine()) != null) {
      Optional<Measurement> measurement = Measurement.parse(line);
      if (measurement.isPresent()) {
        return measurement.get();
      }
    }
    throw new IllegalStateException("a candidate ended before it had put its records");
  }

  /** Ends it and its descendants, which might outlive it, at once. */
  @Override
  public void close() {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroyForcibly();
    descendants.forEach(ProcessHandle::destroyForcibly);
  }

  /** Lets it end by itself: an idle one flushes what a profiler has recorded. */
  void finish() throws InterruptedException {
    commands.close();
    process.waitFor();
  }
}
