package io.millrace.benchmarks;

import java.util.Locale;

/** The results that machines read: lines of the form {@code figure <name> <value>}. */
final class Figures {
  private Figures() {}

  static void print(String name, double value) {
    System.out.printf(Locale.ROOT, "figure %s %.3f%n", name, value);
  }
}
