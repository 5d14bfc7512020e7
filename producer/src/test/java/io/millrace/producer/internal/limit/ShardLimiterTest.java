package io.millrace.producer.internal.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ShardLimiterTest {
  private final long start = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(1);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final double MIB = 1 << 20;

  @Test
  void recordsAreHeldToTheirRate() {
    ShardLimiter limiter = new ShardLimiter(1_000, MIB, start);
    assertThat(sentWithin(limiter, 10, 10)).isBetween(10_000L, 10_300L);
  }

  @Test
  void bytesAreHeldToTheirRate() {
    ShardLimiter limiter = new ShardLimiter(1_000, MIB, start);
    assertThat(sentWithin(limiter, 50_000, 10) * 50_000.0).isBetween(10 * MIB, 10.4 * MIB);
  }

  @Test
  void aRecordLargerThanTheBurstPassesAndIsPaidOffAfterwards() {
    ShardLimiter limiter = new ShardLimiter(1_000, MIB, start);
    assertThat(limiter.nanosUntilAvailable(start)).isZero();
    limiter.take(10 << 20, start);
    assertThat(limiter.nanosUntilAvailable(start))
        .isBetween((long) (9.7 * SECOND), (long) (9.8 * SECOND));
  }

  @Test
  void aThrottleCutsTheRateAndTimeWithoutOneRestoresIt() {
    ShardLimiter limiter = new ShardLimiter(1_000, MIB, start);
    assertThat(limiter.throttled(start, start + 10)).isTrue();
    assertThat(limiter.factor(start + 10)).isCloseTo(0.7, within(0.001));
    assertThat(limiter.factor(start + 10 + SECOND)).isCloseTo(0.8, within(0.001));
    assertThat(limiter.factor(start + 100 * SECOND)).isEqualTo(1);
  }

  @Test
  void throttlesOfRequestsThatLeftBeforeTheLastCutSayNothingNew() {
    ShardLimiter limiter = new ShardLimiter(1_000, MIB, start);
    assertThat(limiter.throttled(start, start + 10)).isTrue();
    assertThat(limiter.throttled(start + 5, start + 20)).isFalse();
    assertThat(limiter.throttled(start + 15, start + 30)).isTrue();
  }

  @Test
  void theRateNeverFallsToNothing() {
    ShardLimiter limiter = new ShardLimiter(1_000, MIB, start);
    for (int i = 1; i <= 100; i++) {
      limiter.throttled(start + i, start + i);
    }
    assertThat(limiter.factor(start + 100)).isBetween(0.009, 0.011);
  }

  @Property(tries = 20)
  void severalProducersOfOneShardConvergeToFairShares(
      @ForAll @IntRange(min = 2, max = 6) int count) {
    ShardLimiter[] limiters = new ShardLimiter[count];
    long[] sent = new long[count];
    for (int i = 0; i < count; i++) {
      limiters[i] = new ShardLimiter(1_000, MIB, start);
      // They join at different times, so all begin with different factors.
      for (int j = 0; j < i; j++) {
        limiters[i].throttled(start + j, start + j);
      }
    }
    long now = start;
    double tokens = 250;
    for (int step = 0; step < 60_000; step++) {
      now += TimeUnit.MILLISECONDS.toNanos(1);
      tokens = Math.min(tokens + 1, 250);
      for (int k = 0; k < count; k++) {
        int i = (k + step) % count;
        if (limiters[i].nanosUntilAvailable(now) == 0) {
          limiters[i].take(10, now);
          if (tokens >= 1) {
            tokens--;
            sent[i] += step > 30_000 ? 1 : 0;
          } else {
            limiters[i].throttled(now - 1_000_000, now);
          }
        }
      }
    }
    double fair = 30_000.0 / count;
    for (long own : sent) {
      assertThat((double) own).isBetween(0.6 * fair, 1.3 * fair);
    }
  }

  private long sentWithin(ShardLimiter limiter, int bytes, int seconds) {
    long now = start;
    long end = start + seconds * SECOND;
    long sent = 0;
    while (now - end < 0) {
      long wait = limiter.nanosUntilAvailable(now);
      if (wait == 0) {
        limiter.take(bytes, now);
        sent++;
      } else {
        now += wait;
      }
    }
    return sent;
  }
}
