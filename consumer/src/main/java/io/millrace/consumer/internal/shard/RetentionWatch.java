package io.millrace.consumer.internal.shard;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Suspects that the retention of the stream has overtaken the reader of a shard: when records come
 * though what was read last is older than the retention. Confined to the worker loop.
 *
 * <p>While that goes on it is told at most once a minute, with everything since the last time.
 */
final class RetentionWatch {
  private static final Duration BETWEEN = Duration.ofMinutes(1);

  private final @Nullable Duration retention;

  /** Everything that arrived up to here was read. */
  private @Nullable Instant readUntil;

  private @Nullable Instant untoldFrom;
  private @Nullable Instant untoldTo;
  private @Nullable Instant toldAt;

  /**
   * A time in which records may have arrived that nobody can read any more.
   *
   * @param from its begin
   * @param to its end
   */
  record Range(Instant from, Instant to) {}

  RetentionWatch(Optional<Duration> retention) {
    this.retention = retention.orElse(null);
  }

  /**
   * An answer has come.
   *
   * @param first the arrival time of its first record; null if it has none
   * @param last the arrival time of its last record; null if it has none
   * @param atTip whether nothing is behind it
   * @param now wall time
   * @return what is to be told now
   */
  Optional<Range> see(@Nullable Instant first, @Nullable Instant last, boolean atTip, Instant now) {
    Instant before = readUntil;
    boolean overtaken =
        first != null
            && before != null
            && retention != null
            && before.isBefore(now.minus(retention))
            && before.isBefore(first);
    if (overtaken) {
      untoldFrom = untoldFrom == null ? before : untoldFrom;
      untoldTo = first;
    }
    if (atTip) {
      readUntil = now;
    } else if (last != null) {
      readUntil = last;
    }
    return untoldFrom != null && (!overtaken || isDue(now))
        ? Optional.of(tell(now))
        : Optional.empty();
  }

  private boolean isDue(Instant now) {
    return toldAt == null || !now.isBefore(toldAt.plus(BETWEEN));
  }

  private Range tell(Instant now) {
    Instant from = untoldFrom == null ? now : untoldFrom;
    Instant to = untoldTo == null ? now : untoldTo;
    untoldFrom = null;
    toldAt = now;
    return new Range(from, to);
  }
}
