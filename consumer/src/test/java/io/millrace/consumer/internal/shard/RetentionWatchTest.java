package io.millrace.consumer.internal.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.internal.shard.RetentionWatch.Range;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetentionWatchTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final RetentionWatch watch = new RetentionWatch(Optional.of(Duration.ofHours(1)));

  private static Instant noon(int minutes) {
    return NOON.plus(Duration.ofMinutes(minutes));
  }

  /** One record per answer, and more behind it. */
  private Optional<Range> read(int arrivedMinute, int nowMinute) {
    return watch.see(noon(arrivedMinute), noon(arrivedMinute), false, noon(nowMinute));
  }

  @Test
  void recordsWithinTheRetentionAreNoLoss() {
    assertThat(read(0, 30)).isEmpty();
    assertThat(read(1, 60)).isEmpty();
  }

  @Test
  void gapThatBeganBeyondTheRetentionIsALoss() {
    assertThat(read(0, 30)).isEmpty();
    assertThat(read(40, 95)).contains(new Range(noon(0), noon(40)));
    assertThat(read(41, 96)).isEmpty();
  }

  @Test
  void lossThatGoesOnIsToldOnceAMinuteWithAllOfIt() {
    assertThat(read(0, 30)).isEmpty();
    assertThat(read(10, 80)).contains(new Range(noon(0), noon(10)));
    assertThat(watch.see(noon(11), noon(11), false, noon(80))).as("the same minute").isEmpty();
    assertThat(watch.see(noon(12), noon(12), false, noon(80))).isEmpty();
    assertThat(read(13, 81)).contains(new Range(noon(10), noon(13)));
    assertThat(watch.see(noon(14), noon(80), false, noon(81))).isEmpty();
    assertThat(read(80, 81))
        .as("the rest, once it is over")
        .contains(new Range(noon(13), noon(14)));
  }

  @Test
  void idleTipIsNoLoss() {
    assertThat(watch.see(null, null, true, noon(0))).isEmpty();
    assertThat(watch.see(null, null, true, noon(500))).isEmpty();
    assertThat(watch.see(noon(501), noon(501), true, noon(501))).isEmpty();
  }

  @Test
  void withoutAKnownRetentionNothingIsSuspected() {
    RetentionWatch blind = new RetentionWatch(Optional.empty());
    assertThat(blind.see(noon(0), noon(0), false, noon(0))).isEmpty();
    assertThat(blind.see(noon(9_000), noon(9_000), false, noon(9_001))).isEmpty();
  }
}
