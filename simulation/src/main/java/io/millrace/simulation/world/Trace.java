package io.millrace.simulation.world;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The last lines of what happened, each with its virtual time: printed when a run fails. A line is
 * put into words only then, so what it is made of must be immutable.
 *
 * <p>Confined to the simulation's thread.
 */
public final class Trace {
  private final VirtualTime time;
  private final int capacity;
  private final Deque<Line> lines = new ArrayDeque<>();
  private long dropped;

  /**
   * Creates an empty trace.
   *
   * @param time stamps the lines
   * @param capacity how many lines are kept: the oldest go first
   */
  public Trace(VirtualTime time, int capacity) {
    this.time = time;
    this.capacity = capacity;
  }

  /** Adds a line; {@code format} as in {@link String#format}. */
  @SuppressWarnings("AnnotateFormatMethod") // Error Prone's annotations are no dependency
  public void say(String format, Object... arguments) {
    if (capacity == 0) {
      return;
    }
    if (lines.size() == capacity) {
      lines.removeFirst();
      dropped++;
    }
    lines.addLast(new Line(time.nowNanos() / 1_000, format, arguments));
  }

  /** The lines, oldest first. */
  public List<String> lines() {
    return lines.stream().map(Line::text).toList();
  }

  @Override
  public String toString() {
    String head = dropped == 0 ? "" : "... " + dropped + " earlier lines\n";
    return head + String.join("\n", lines());
  }

  private static final class Line {
    private final long micros;
    private final String format;
    private final Object[] arguments;

    Line(long micros, String format, Object[] arguments) {
      this.micros = micros;
      this.format = format;
      this.arguments = arguments;
    }

    String text() {
      return String.format(
          "%6d.%06d  %s", micros / 1_000_000, micros % 1_000_000, String.format(format, arguments));
    }
  }
}
