package io.millrace.consumer.internal.backoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FullJitterTest {
  private final FullJitter jitter =
      new FullJitter(Duration.ofMillis(100), Duration.ofSeconds(30), new SplittableRandom(3));

  @Test
  void rangeDoublesUpToTheMaximum() {
    assertThat(jitter.ceilingNanos(1)).isEqualTo(100_000_000L);
    assertThat(jitter.ceilingNanos(4)).isEqualTo(800_000_000L);
    assertThat(jitter.ceilingNanos(12)).isEqualTo(30_000_000_000L);
    assertThat(jitter.ceilingNanos(1_000)).isEqualTo(30_000_000_000L);
  }

  @Test
  void timesSpreadOverTheWholeRange() {
    long low = Long.MAX_VALUE;
    long high = 0;
    for (int i = 0; i < 10_000; i++) {
      long nanos = jitter.nanos(3);
      low = Math.min(low, nanos);
      high = Math.max(high, nanos);
    }
    assertThat(low).isBetween(0L, 4_000_000L);
    assertThat(high).isBetween(396_000_000L, 400_000_000L);
  }

  @Test
  void boundsAreChecked() {
    assertThatThrownBy(
            () ->
                new FullJitter(
                    Duration.ofSeconds(2), Duration.ofSeconds(1), new SplittableRandom(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT2S");
  }
}
