package io.millrace.testkit.kinesis.limit;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void secondsWorthIsThereAtFirstAndComesBackEvenly() {
    TokenBucket bucket = new TokenBucket(10, 0);
    for (int i = 0; i < 10; i++) {
      assertThat(bucket.tryTake(1, 0)).isTrue();
    }

    assertThat(bucket.tryTake(1, SECOND / 10 - 1)).isFalse();
    assertThat(bucket.tryTake(1, SECOND / 10)).isTrue();
    assertThat(bucket.tryTake(1, SECOND / 10)).isFalse();
  }

  @Test
  void restDoesNotAddUpBeyondASecond() {
    TokenBucket bucket = new TokenBucket(10, 0);

    assertThat(bucket.has(10, 3_600 * SECOND)).isTrue();
    bucket.take(10);

    assertThat(bucket.has(1, 3_600 * SECOND)).isFalse();
  }

  @Test
  void debtIsPaidOffBeforeAnythingElse() {
    TokenBucket bucket = new TokenBucket(10, 0);
    bucket.take(30);

    assertThat(bucket.nanosUntilAny(0)).isEqualTo(2 * SECOND + 1);
    assertThat(bucket.hasAny(2 * SECOND)).isFalse();
    assertThat(bucket.hasAny(2 * SECOND + 1)).isTrue();
  }

  @Test
  void clockMayWrapAround() {
    TokenBucket bucket = new TokenBucket(10, Long.MAX_VALUE);
    bucket.take(10);

    assertThat(bucket.has(10, Long.MAX_VALUE + SECOND)).isTrue();
  }

  @Property
  void neverMoreThanTheRateAndOneSecondsBurst(
      @ForAll @LongRange(min = 1, max = 1_000_000) long rate,
      @ForAll @IntRange(min = 1, max = 50) int steps,
      @ForAll @LongRange(min = 0, max = 200_000_000) long stepNanos) {
    TokenBucket bucket = new TokenBucket(rate, 0);
    long taken = 0;
    long now = 0;
    for (int i = 0; i < steps; i++) {
      long amount = Math.max(1, rate / 7);
      while (bucket.tryTake(amount, now)) {
        taken += amount;
      }
      now += stepNanos;
    }

    assertThat(taken)
        .isLessThanOrEqualTo(rate + (long) Math.ceil((double) now * rate / SECOND) + 1);
  }
}
