package io.millrace.consumer.internal.shard;

import io.millrace.consumer.internal.fetch.KinesisRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Where a replay stops to read a shard: behind the first record that arrived clearly later than it
 * wants, or at the tip once that time is clearly over. Arrival times are approximate, so it reads a
 * little further than it delivers. Immutable.
 */
final class ReadUntil {
  private static final Duration CLEARLY = Duration.ofSeconds(5);

  private final Optional<Instant> stop;

  ReadUntil(Optional<Instant> until) {
    this.stop = until.map(time -> time.plus(CLEARLY));
  }

  /** Whether nothing that is wanted comes behind an answer. */
  boolean isReached(List<KinesisRecord> records, boolean atTip, Instant now) {
    if (stop.isEmpty()) {
      return false;
    }
    boolean late =
        !records.isEmpty() && !records.get(records.size() - 1).arrival().isBefore(stop.get());
    return late || (atTip && !now.isBefore(stop.get()));
  }
}
