package io.millrace.samples.fleet;

import java.util.Locale;

/** Writes one line with the time since the start. Thread-safe. */
public final class Narrator {
  private final long startNanos = System.nanoTime();

  /** Says something. */
  public void say(String format, Object... values) {
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    System.out.printf(
        Locale.ROOT, "%5.1f s  %s%n", seconds, String.format(Locale.ROOT, format, values));
  }
}
