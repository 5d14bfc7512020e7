package io.millrace.testkit;

import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.fault.Latency;
import io.millrace.testkit.kinesis.model.KinesisError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A {@link KinesisServer} in a JVM of its own. Prints one line once it is ready; runs until it is
 * killed or, with {@code --exit-with-parent}, until its standard input ends. Exits with status 2
 * and the usage if the command line is wrong, with 1 if it cannot start.
 *
 * <p>From Java, {@link KinesisServerProcess} starts it more conveniently.
 */
public final class KinesisServerMain {
  private KinesisServerMain() {}

  /** Starts the server; {@code --help} prints the flags. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    System.exit(run(List.of(arguments), System.in, System.out, System.err));
  }

  /** Runs to the end and gives the exit status. */
  static int run(List<String> arguments, InputStream in, PrintStream out, PrintStream err)
      throws IOException, InterruptedException {
    if (arguments.contains("--help")) {
      out.print(ServerArguments.USAGE);
      return 0;
    }
    ServerArguments parsed;
    try {
      parsed = ServerArguments.parse(arguments);
    } catch (IllegalArgumentException e) {
      err.println(e.getMessage());
      err.print(ServerArguments.USAGE);
      return 2;
    }
    try (KinesisServer server = KinesisServer.start(parsed.settings())) {
      parsed.streams().forEach(server::createStream);
      if (!parsed.replyDelay().isZero()) {
        Fault delay = Fault.delay(Latency.constant(parsed.replyDelay()));
        server.core().faults().onEveryCall().inject(delay);
      }
      out.println(ReadyLine.of(server));
      out.flush();
      await(parsed.exitWithParent(), in);
      return 0;
    } catch (IllegalStateException | KinesisError e) {
      err.println(e.getMessage());
      return 1;
    }
  }

  private static void await(boolean exitWithParent, InputStream in)
      throws IOException, InterruptedException {
    if (exitWithParent) {
      in.transferTo(OutputStream.nullOutputStream());
    } else {
      new CountDownLatch(1).await();
    }
  }
}
