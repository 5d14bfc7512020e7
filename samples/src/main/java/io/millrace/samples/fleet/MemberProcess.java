package io.millrace.samples.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A worker in a JVM of its own. */
public final class MemberProcess implements Member {
  private final String name;
  private final Process process;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  private MemberProcess(String name, Process process) {
    this.name = name;
    this.process = process;
  }

  public static MemberProcess start(
      Connection connection, Worker.Job job, Path logFile, Reports reports) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    command.add(WorkerMain.class.getName());
    command.addAll(WorkerMain.arguments(connection, job));
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(logFile.toFile());
    // The variable and not an argument: some systems bound the length of a command.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    try {
      MemberProcess member = new MemberProcess(job.worker(), builder.start());
      Thread reader = new Thread(() -> member.read(reports), job.worker() + "-reports");
      reader.setDaemon(true);
      reader.start();
      return member;
    } catch (IOException e) {
      throw new UncheckedIOException("the JVM of " + job.worker() + " did not start", e);
    }
  }

  private void read(Reports reports) {
    try {
      ReportLines.forward(process.getInputStream(), name, reports);
      process.onExit().join();
      ended.complete(null);
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      ended.completeExceptionally(e);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public CompletableFuture<Void> stop() {
    try {
      process.getOutputStream().write((WorkerMain.STOP + "\n").getBytes(StandardCharsets.US_ASCII));
      process.getOutputStream().flush();
    } catch (IOException alreadyGone) {
      // Then it has ended, which is what was asked for.
    }
    return ended;
  }

  @Override
  public boolean kill() {
    process.destroyForcibly();
    return true;
  }

  @Override
  public CompletableFuture<Void> terminate() {
    // Not Process.destroy: it closes the member's standard input, by which it knows its parent's
    // end.
    process.toHandle().destroy();
    return ended;
  }

  @Override
  public boolean suspend() {
    return signal("STOP");
  }

  @Override
  public void resume() {
    signal("CONT");
  }

  /** Sends a signal; false where there are none, or nobody to get it. */
  private boolean signal(String signal) {
    try {
      return new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
              .redirectErrorStream(true)
              .start()
              .waitFor()
          == 0;
    } catch (IOException noSuchCommand) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public CompletableFuture<Void> ended() {
    return ended;
  }
}
