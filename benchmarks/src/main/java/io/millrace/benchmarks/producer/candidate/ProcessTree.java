package io.millrace.benchmarks.producer.candidate;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What this process and all its living descendants have used. Linux only. */
public final class ProcessTree {
  /** An argument of the JVM whose {@link #compilerNanos()} are asked for. */
  public static final String KEEPS_COMPILER_THREADS = "-XX:-UseDynamicNumberOfCompilerThreads";

  private static final String PEAK = "VmHWM:";
  private static final Pattern COMPILER = Pattern.compile("C[12] Compil.*");
  private static final long NANOS_PER_TICK = TimeUnit.MILLISECONDS.toNanos(10);

  /** Behind the name in a thread's stat file, system time after it; see proc(5). */
  private static final int USER_TICKS = 11;

  private ProcessTree() {}

  /** CPU time, user and system, of all threads, in steps of the kernel's 10 ms. */
  public static long cpuNanos() {
    return processes()
        .mapToLong(process -> process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos())
        .sum();
  }

  /**
   * CPU time of this JVM's JIT compilers, in steps of the kernel's 10 ms. Only threads that live
   * are counted: {@link #KEEPS_COMPILER_THREADS} keeps them.
   */
  public static long compilerNanos() {
    try (Stream<Path> tasks = Files.list(Path.of("/proc", "self", "task"))) {
      return tasks.mapToLong(ProcessTree::compilerTicks).sum() * NANOS_PER_TICK;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long compilerTicks(Path task) {
    try {
      String stat = Files.readString(task.resolve("stat"));
      int nameEnd = stat.lastIndexOf(')');
      if (!COMPILER.matcher(stat.substring(stat.indexOf('(') + 1, nameEnd)).matches()) {
        return 0;
      }
      String[] fields = stat.substring(nameEnd + 2).split(" ", -1);
      return Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[USER_TICKS + 1]);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The sum of the largest resident sizes so far, in KiB. */
  public static long peakKibibytes() {
    return processes().mapToLong(ProcessTree::peakKibibytes).sum();
  }

  /** Bytes allocated on the heap by the threads that live. */
  public static long allocatedBytes() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
        .filter(bytes -> bytes > 0)
        .sum();
  }

  private static Stream<ProcessHandle> processes() {
    ProcessHandle self = ProcessHandle.current();
    return Stream.concat(Stream.of(self), self.descendants());
  }

  private static long peakKibibytes(ProcessHandle process) {
    try (Stream<String> lines = Files.lines(Path.of("/proc", "" + process.pid(), "status"))) {
      return lines
          .filter(line -> line.startsWith(PEAK))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .sum();
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
