package io.millrace.benchmarks.consumer.reader;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;

/**
 * Runs one consumer. Each line of standard input is a command, and has one line of standard output
 * as its answer, after {@link #MARK}. Ends with standard input, or with the first failure.
 */
public final class ReaderMain {
  /** Begins each answer: a consumer may print what it likes beside. */
  public static final String MARK = "answer ";

  private static final System.Logger LOG = System.getLogger(ReaderMain.class.getName());

  private ReaderMain() {}

  /** Arguments: the role, then a {@link Source}. */
  public static void main(String[] arguments) {
    int idleThreads = ManagementFactory.getThreadMXBean().getThreadCount();
    Source source = Source.parse(arguments, 1);
    int status = 1;
    try (Role role = create(arguments[0], source, idleThreads)) {
      serve(role);
      status = 0;
    } catch (Exception e) {
      LOG.log(System.Logger.Level.ERROR, arguments[0] + " failed", e);
    }
    // Threads of a consumer may outlive it.
    System.exit(status);
  }

  private static Role create(String name, Source source, int idleThreads) {
    return switch (name) {
      case "millrace" -> Throughput.ofMillrace(source, MillraceReader.Shape.RECORDS);
      case "millrace-batch" -> Throughput.ofMillrace(source, MillraceReader.Shape.BATCHES);
      case "kcl" -> Throughput.ofKcl(source);
      case "sdk" -> Throughput.ofSdk(source, false);
      case "sdk-md5" -> Throughput.ofSdk(source, true);
      case "millrace-polling", "millrace-fan-out" -> Latency.ofMillrace(source, name);
      case "kcl-polling", "kcl-polling-200", "kcl-fan-out" -> Latency.ofKcl(source, name);
      case "millrace-shards" -> new ManyShards(source, idleThreads);
      case "millrace-parallel" -> new ParallelHandlers(source);
      default -> throw new IllegalArgumentException("no role " + name);
    };
  }

  private static void serve(Role role) throws Exception {
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    String line;
    while ((line = commands.readLine()) != null) {
      System.out.println(MARK + role.answer(line));
    }
  }
}
