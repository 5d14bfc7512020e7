package io.millrace.samples.quickstart;

import io.millrace.samples.ledger.Reconciliation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** The reconciliation in words. */
record Report(Reconciliation result, Story story, Duration failoverTime) {
  boolean good() {
    return result.good();
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(line("put", "%,d, failed %,d", result.put(), result.failed()));
    lines.add(line("delivered", "%,d, lost %,d", result.delivered(), result.lost()));
    lines.add(line("duplicates", "%,d%s", result.repeats().size(), afterTheKill()));
    lines.add(
        result.orderViolations() == 0
            ? line("order", "kept for each of %,d keys", result.keys())
            : line("order", "BROKEN %,d times", result.orderViolations()));
    lines.add(line("put latency", "%s", result.putToResult()));
    lines.add(line("click to handler", "%s", result.clickToHandler()));
    lines.add(line("longest gap", "at the stop %s", gap(story.stopped(), "")));
    lines.add(
        line(
            "",
            "at the kill %s",
            gap(
                story.killed(),
                String.format(Locale.ROOT, " (failover time %d s)", failoverTime().toSeconds()))));
    return lines;
  }

  private String afterTheKill() {
    long count = story.killed().map(killed -> result.repeatsAfter(killed.worker())).orElse(0L);
    return count == 0
        ? ""
        : String.format(
            Locale.ROOT, ", %,d of them since the last checkpoint of the killed worker", count);
  }

  private String gap(Optional<Story.Departure> departure, String remark) {
    OptionalLong micros =
        departure
            .map(gone -> result.gapMicros(gone.worker(), gone.atMicros()))
            .orElse(OptionalLong.empty());
    return micros.isPresent()
        ? String.format(Locale.ROOT, "%.1f s%s", micros.getAsLong() / 1e6, remark)
        : "none";
  }

  private static String line(String what, String format, Object... values) {
    return String.format(Locale.ROOT, "%-18s", what) + String.format(Locale.ROOT, format, values);
  }
}
