package io.millrace.samples.ledger;

import java.util.Locale;
import java.util.stream.LongStream;

/** Many durations, to be asked for percentiles. Immutable. */
public final class Latencies {
  private final long[] sortedMicros;

  public Latencies(LongStream micros) {
    sortedMicros = micros.sorted().toArray();
  }

  /** The value that so many of a hundred don't exceed; 0 if there is none at all. */
  public long percentileMicros(double percent) {
    if (sortedMicros.length == 0) {
      return 0;
    }
    int index = (int) Math.ceil(percent / 100 * sortedMicros.length) - 1;
    return sortedMicros[Math.max(0, index)];
  }

  @Override
  public String toString() {
    return "p50 " + millis(percentileMicros(50)) + ", p99 " + millis(percentileMicros(99));
  }

  private static String millis(long micros) {
    return String.format(Locale.ROOT, micros < 10_000 ? "%.1f ms" : "%,.0f ms", micros / 1_000.0);
  }
}
