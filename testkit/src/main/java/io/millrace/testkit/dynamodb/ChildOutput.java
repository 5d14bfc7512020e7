package io.millrace.testkit.dynamodb;

import io.millrace.testkit.dynamodb.DynamoDbLocalUnavailableException.Reason;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * Reads what the child prints, to the end of its life: a full pipe would stop it. Keeps the last
 * lines for error messages and turns the launcher's own line, or the lack of it, into the outcome
 * of the start.
 *
 * <p>Thread-safe. The lock guards the kept lines only; nothing blocks under it.
 */
final class ChildOutput {
  static final int KEPT_LINES = 20;
  private static final String NATIVE_LIBRARY_FAULT = "UnsatisfiedLinkError";
  private static final Pattern STACK_FRAME = Pattern.compile("^\\s+(at |\\.\\.\\. \\d+ more)");
  private static final AtomicInteger threadNumber = new AtomicInteger();

  private final Deque<String> lines = new ArrayDeque<>();
  private final CompletableFuture<Integer> port = new CompletableFuture<>();
  private volatile boolean nativeLibraryMissing;

  static ChildOutput follow(Process process) {
    ChildOutput output = new ChildOutput();
    Thread reader =
        new Thread(
            () -> output.readAll(process),
            "millrace-dynamodb-local-" + threadNumber.incrementAndGet());
    reader.setDaemon(true);
    reader.start();
    return output;
  }

  /** The port once a request was answered on it, or why that will not happen. */
  CompletableFuture<Integer> port() {
    return port;
  }

  String lastLines() {
    synchronized (lines) {
      return lines.isEmpty() ? "none" : String.join(" | ", lines);
    }
  }

  private void readAll(Process process) {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      String line;
      while ((line = reader.readLine()) != null) {
        accept(line);
      }
    } catch (IOException ignored) {
      // The process was killed: the same as the end of its output.
    }
    ended();
  }

  // Visible for tests.
  void accept(String line) {
    if (line.startsWith(DynamoDbLocalLauncher.READY)) {
      port.complete(Integer.parseInt(line.substring(DynamoDbLocalLauncher.READY.length())));
      return;
    }
    if (line.isBlank() || STACK_FRAME.matcher(line).find()) {
      return;
    }
    synchronized (lines) {
      lines.addLast(line.strip());
      if (lines.size() > KEPT_LINES) {
        lines.removeFirst();
      }
    }
    if (line.contains(NATIVE_LIBRARY_FAULT)) {
      nativeLibraryMissing = true;
    }
  }

  /** No more output will come; says nothing new when the child had been ready. */
  // Visible for tests.
  void ended() {
    port.completeExceptionally(
        nativeLibraryMissing
            ? new DynamoDbLocalUnavailableException(
                Reason.NATIVE_LIBRARY_MISSING,
                "DynamoDB Local brings no native database library for %s on %s"
                    .formatted(System.getProperty("os.name"), System.getProperty("os.arch")))
            : new DynamoDbLocalUnavailableException(
                Reason.PROCESS_FAILED,
                "DynamoDB Local ended before it answered; its last output: " + lastLines()));
  }
}
