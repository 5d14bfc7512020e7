package io.millrace.benchmarks.fleet;

import io.millrace.benchmarks.fleet.worker.WorkerMain;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;

/**
 * How the JVM of a worker is started: at the JVM's defaults but for its heap, and on jars. In
 * directories of classes, which no deployed service has, the JVM searches at length for each class.
 * Immutable.
 *
 * <p>Like the KCL, which comes without a backend for its log, Millrace runs without one here.
 *
 * @param arguments of the JVM, but for the class path
 */
record WorkerJvm(List<String> arguments, String classPath) {
  private static final String HEAP = "-Xmx512m";
  private static final String NO_LOG =
      "-Dslf4j.provider=org.slf4j.helpers.NOP_FallbackServiceProvider";
  private static final Path JARS = Path.of("benchmarks", "target", "fleet-jars");

  /** Each directory's jar, made once: a worker may be running on it. */
  private static final Map<String, String> JAR_OF = new ConcurrentHashMap<>();

  /** A JVM on a class path, with jars in the place of its directories. */
  static WorkerJvm on(String classPath) {
    String jars =
        Arrays.stream(classPath.split(File.pathSeparator, -1))
            .map(
                entry ->
                    Files.isDirectory(Path.of(entry))
                        ? JAR_OF.computeIfAbsent(entry, WorkerJvm::jar)
                        : entry)
            .collect(Collectors.joining(File.pathSeparator));
    return new WorkerJvm(List.of(HEAP, NO_LOG), jars);
  }

  /** On this JVM's own class path. */
  static WorkerJvm likeThis() {
    return on(System.getProperty("java.class.path"));
  }

  private static String jar(String classes) {
    try {
      Files.createDirectories(JARS);
      Path jar = Files.createTempFile(JARS, "classes", ".jar");
      jar.toFile().deleteOnExit();
      int status =
          ToolProvider.findFirst("jar")
              .orElseThrow()
              .run(
                  System.out, System.err, "--create", "--file", jar.toString(), "-C", classes, ".");
      if (status != 0) {
        throw new IllegalStateException("no jar of " + classes);
      }
      return jar.toString();
    } catch (IOException e) {
      throw new UncheckedIOException("no jar of " + classes, e);
    }
  }

  /** One that writes an archive of the classes that it has loaded when it ends. */
  WorkerJvm writing(Path archive) {
    return with("-XX:ArchiveClassesAtExit=" + archive);
  }

  /** One that has its classes from an archive. */
  WorkerJvm reading(Path archive) {
    return with("-XX:SharedArchiveFile=" + archive);
  }

  private WorkerJvm with(String argument) {
    List<String> more = new ArrayList<>(arguments);
    more.add(argument);
    return new WorkerJvm(List.copyOf(more), classPath);
  }

  /** The command of a worker; its class path goes by the environment. */
  List<String> command(List<String> job) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    command.addAll(extraArguments());
    command.add(WorkerMain.class.getName());
    command.addAll(job);
    return command;
  }

  /** For a profiler, say. */
  private static List<String> extraArguments() {
    String extra = System.getProperty("worker.jvm", "");
    return extra.isEmpty() ? List.of() : List.of(extra.split(" ", -1));
  }
}
