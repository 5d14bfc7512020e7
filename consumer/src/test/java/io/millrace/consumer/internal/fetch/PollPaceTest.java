package io.millrace.consumer.internal.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PollPaceTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private final PollPace pace =
      new PollPace(5, 2_000_000, Duration.ofMillis(250), new SplittableRandom(1));

  @Test
  void shardThatIsBehindIsReadFiveTimesASecond() {
    assertThat(pace.afterAnswer(0, 1_000, true)).isEqualTo(200 * MILLI);
  }

  @Test
  void largeAnswersWaitUntilTheirBytesAreEarned() {
    assertThat(pace.afterAnswer(0, 10_000_000, true)).isEqualTo(5_000 * MILLI);
    assertThat(pace.afterAnswer(0, 10_000_000, false)).isEqualTo(5_000 * MILLI);
  }

  @Test
  void shardAtTheTipIsReadAtTheIdleInterval() {
    assertThat(pace.afterAnswer(0, 0, false)).isEqualTo(250 * MILLI);
  }

  @Test
  void throttlesSlowTheShardDownAndAnswersSpeedItUpAgain() {
    for (int i = 0; i < 3; i++) {
      assertThat(pace.afterThrottle(0)).isGreaterThanOrEqualTo(200 * MILLI);
    }
    assertThat(pace.throttles()).isEqualTo(3);
    long slowed = pace.afterAnswer(0, 0, true);
    assertThat(slowed).isBetween(600 * MILLI, 700 * MILLI);
    long next = slowed;
    for (int i = 0; i < 40; i++) {
      next = pace.afterAnswer(0, 0, true);
    }
    assertThat(next).isEqualTo(200 * MILLI);
    assertThat(pace.throttles()).isZero();
  }

  @Test
  void failuresBackOffWithinTenSeconds() {
    for (int i = 1; i < 30; i++) {
      assertThat(pace.afterFailure(0)).isBetween(0L, 10_000 * MILLI);
    }
  }
}
