package io.millrace.benchmarks;

import java.util.Locale;

/** The results that machines read: lines of the form {@code figure <name> <value>}. */
public final class Figures {
  private Figures() {}

  /** Prints one line. */
  public static void print(String name, double value) {
    System.out.printf(Locale.ROOT, "figure %s %.4f%n", name, value);
  }
}
