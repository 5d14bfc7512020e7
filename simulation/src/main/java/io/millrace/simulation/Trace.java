package io.millrace.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The last lines of what happened, each with its virtual time: printed when a run fails.
 *
 * <p>Confined to the simulation's thread.
 */
final class Trace {
  private final VirtualTime time;
  private final int capacity;
  private final Deque<String> lines = new ArrayDeque<>();
  private long dropped;

  /**
   * Creates an empty trace.
   *
   * @param time stamps the lines
   * @param capacity how many lines are kept: the oldest go first
   */
  Trace(VirtualTime time, int capacity) {
    this.time = time;
    this.capacity = capacity;
  }

  /** Adds a line; {@code format} as in {@link String#format}. */
  @SuppressWarnings("AnnotateFormatMethod") // Error Prone's annotations are no dependency
  void say(String format, Object... arguments) {
    if (lines.size() == capacity) {
      lines.removeFirst();
      dropped++;
    }
    long micros = time.nowNanos() / 1_000;
    lines.addLast(
        String.format(
            "%6d.%06d  %s",
            micros / 1_000_000, micros % 1_000_000, String.format(format, arguments)));
  }

  /** The lines, oldest first. */
  List<String> lines() {
    return List.copyOf(lines);
  }

  @Override
  public String toString() {
    String head = dropped == 0 ? "" : "... " + dropped + " earlier lines\n";
    return head + String.join("\n", lines);
  }
}
