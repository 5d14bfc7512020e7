package io.millrace.benchmarks.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.benchmarks.consumer.reader.ReaderMain;
import io.millrace.benchmarks.producer.candidate.ProcessTree;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One consumer in a JVM of its own. Used by one thread, but {@link #close()} by any. */
final class ReaderProcess implements AutoCloseable {
  /** The same for all; the collector is the JDK's choice. The KCL has no logging provider. */
  private static final List<String> JVM =
      List.of(
          "-Xms512m",
          "-Xmx512m",
          "-Dslf4j.internal.verbosity=ERROR",
          ProcessTree.KEEPS_COMPILER_THREADS);

  private final Process process;
  private final PrintWriter commands;
  private final BufferedReader answers;

  /**
   * Starts it.
   *
   * @param classPath of its JVM
   * @param arguments of {@link ReaderMain}
   */
  ReaderProcess(String classPath, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM);
    command.addAll(extraArguments());
    command.add(ReaderMain.class.getName());
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
   * Gives a command and waits for its answer.
   *
   * @throws IllegalStateException if the process ends instead; the reason is on standard error
   */
  String ask(String command) throws IOException {
    commands.println(command);
    String line;
    while ((line = answers.readLine()) != null) {
      if (line.startsWith(ReaderMain.MARK)) {
        return line.substring(ReaderMain.MARK.length());
      }
    }
    throw new IllegalStateException("a consumer ended before it answered " + command);
  }

  /** Ends it at once. */
  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** Lets it end by itself: an idle one flushes what a profiler has recorded. */
  void finish() throws InterruptedException {
    commands.close();
    process.waitFor();
  }
}
