package io.millrace.producer.internal.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class FullJitterTest {
  private final FullJitter jitter =
      new FullJitter(Duration.ofMillis(100), Duration.ofSeconds(5), new SplittableRandom(7));

  @Test
  void waitsAreUniformBelowACeilingThatDoublesUpToTheCap() {
    long ceiling = Duration.ofMillis(100).toNanos();
    for (int failures = 1; failures <= 40; failures++) {
      int n = failures;
      LongStream waits = LongStream.range(0, 2_000).map(i -> jitter.nanosAfter(n));
      var statistics = waits.summaryStatistics();
      assertThat(statistics.getMin()).isBetween(0L, ceiling / 50);
      assertThat(statistics.getMax()).isBetween(ceiling - ceiling / 50, ceiling);
      assertThat(statistics.getAverage()).isBetween(0.45 * ceiling, 0.55 * ceiling);
      ceiling = Math.min(2 * ceiling, Duration.ofSeconds(5).toNanos());
    }
  }

  @Test
  void theSameSeedGivesTheSameWaits() {
    FullJitter a =
        new FullJitter(Duration.ofMillis(1), Duration.ofSeconds(1), new SplittableRandom(3));
    FullJitter b =
        new FullJitter(Duration.ofMillis(1), Duration.ofSeconds(1), new SplittableRandom(3));
    assertThat(a.apply(9)).isEqualTo(b.apply(9));
  }
}
