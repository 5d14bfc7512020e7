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
    lines.add(line("duplicates", "%,d%s", result.repeats().size(), origins()));
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
            gap(story.killed(), format(" (failover time %d s)", failoverTime().toSeconds()))));
    return lines;
  }

  /** Whose going they follow: after a kill there are some, after anything else none. */
  private String origins() {
    String killed = story.killed().map(Story.Departure::worker).orElse("");
    StringBuilder text = new StringBuilder();
    result
        .repeatsByWorkerBefore()
        .forEach(
            (worker, count) ->
                text.append(
                    worker.equals(killed)
                        ? format(
                            ", %,d of them since the last checkpoint of the killed worker", count)
                        : format(", %,d delivered before by %s", count, worker)));
    return text.toString();
  }

  private String gap(Optional<Story.Departure> departure, String remark) {
    OptionalLong micros =
        departure
            .map(gone -> result.gapMicros(gone.worker(), gone.atMicros()))
            .orElse(OptionalLong.empty());
    return micros.isPresent() ? format("%.1f s%s", micros.getAsLong() / 1e6, remark) : "none";
  }

  private static String line(String what, String format, Object... values) {
    return format("%-18s", what) + format(format, values);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
