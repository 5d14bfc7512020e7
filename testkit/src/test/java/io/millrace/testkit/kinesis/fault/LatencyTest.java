package io.millrace.testkit.kinesis.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LatencyTest {
  @Test
  void longTailHasItsMedianAndItsPercentile() {
    Latency latency = Latency.longTailed(Duration.ofMillis(10), Duration.ofMillis(100));
    SplittableRandom random = new SplittableRandom(3);

    long[] drawn = new long[100_000];
    Arrays.setAll(drawn, i -> latency.nextNanos(random));
    Arrays.sort(drawn);

    assertThat(drawn[50_000]).isBetween(9_500_000L, 10_500_000L);
    assertThat(drawn[99_000]).isBetween(90_000_000L, 110_000_000L);
  }

  @Test
  void uniformIncludesBothBounds() {
    Latency latency = Latency.uniform(Duration.ofNanos(3), Duration.ofNanos(5));
    SplittableRandom random = new SplittableRandom(3);

    assertThat(java.util.stream.LongStream.range(0, 100).map(i -> latency.nextNanos(random)))
        .containsOnly(3L, 4L, 5L)
        .contains(3L, 5L);
  }
}
