package io.millrace.benchmarks.fleet.worker;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Runs one worker until the process is told to end. It dies with its parent. */
public final class WorkerMain {
  private WorkerMain() {}

  /** Arguments: {@link Job#toArguments}. */
  public static void main(String[] arguments) throws InterruptedException {
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.US_ASCII);
    Reports reports = new Reports(out);
    endWithParent();
    Job job = Job.parse(arguments);
    FleetWorker worker =
        switch (job.library()) {
          case MILLRACE, MILLRACE_PER_LEASE -> new MillraceWorker(job, reports);
          case KCL -> new KclWorker(job, reports);
        };
    worker.start();
    reports.ready();
    worker.run();
  }

  private static void endWithParent() {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // Nothing is ever sent.
                }
              } catch (IOException e) {
                // As good as its end.
              }
              Runtime.getRuntime().halt(1);
            },
            "watch-parent");
    watch.setDaemon(true);
    watch.start();
  }
}
