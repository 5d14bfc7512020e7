package io.millrace.interop.peer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.function.Consumer;

/**
 * What a program tells and is told: lines on standard output and input. Whatever else is printed
 * goes to standard error. Thread-safe.
 */
public final class Report {
  private final PrintStream out;

  private Report(PrintStream out) {
    this.out = out;
  }

  /** Takes standard output for the report alone. */
  public static Report takeStandardOutput() {
    PrintStream out = new PrintStream(System.out, true, UTF_8);
    System.setOut(System.err);
    return new Report(out);
  }

  /** Tells of a delivered record. */
  public void delivered(Delivery delivery) {
    tell(delivery.line());
  }

  /** Tells of something else; the words are separated by tabs. */
  public void event(String... words) {
    tell(String.join("\t", words));
  }

  private void tell(String line) {
    synchronized (out) {
      out.println(line);
    }
  }

  /**
   * Hands on each line of standard input, until it ends: then whoever started the program is gone,
   * and the program ends at once.
   */
  public static void obey(Consumer<String> command) throws IOException {
    try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        command.accept(line);
      }
    }
    Runtime.getRuntime().halt(0);
  }
}
