package io.millrace.producer.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.producer.internal.send.FullJitter;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RefreshScheduleTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private final long start = Long.MAX_VALUE - 3 * SECOND;

  private final SplittableRandom random = new SplittableRandom(1);
  private final RefreshSchedule schedule =
      new RefreshSchedule(
          300 * SECOND,
          SECOND,
          new FullJitter(Duration.ofMillis(200), Duration.ofSeconds(10), random),
          random);

  @Test
  void theFirstIsDueAtOnceWhenWanted() {
    assertThat(schedule.isIdle()).isTrue();
    schedule.want(start);
    assertThat(schedule.isDue(start)).isTrue();
  }

  @Test
  void hintsAreAnsweredAtMostOncePerInterval() {
    succeedAt(start);
    schedule.want(start + 1);
    assertThat(schedule.isDue(start + 1)).isFalse();
    assertThat(schedule.isDue(start + SECOND)).isTrue();
  }

  @Test
  void withoutHintsItIsDueWithinThePeriod() {
    succeedAt(start);
    assertThat(schedule.nanosUntilDue(start)).isBetween(270 * SECOND, 300 * SECOND);
  }

  @Test
  void whatIsWantedWhileOneRunsIsAskedAgain() {
    schedule.want(start);
    schedule.started();
    schedule.want(start + 1);
    schedule.succeeded(start + 2);
    assertThat(schedule.nanosUntilDue(start + 2)).isEqualTo(SECOND);
  }

  @Test
  void failuresWaitLongerAndLongerAndHintsDontShortenThat() {
    long now = start;
    schedule.want(now);
    for (int i = 0; i < 50; i++) {
      schedule.started();
      schedule.failed(now);
      long wait = schedule.nanosUntilDue(now);
      assertThat(wait).isLessThanOrEqualTo(10 * SECOND + SECOND / 10);
      schedule.want(now);
      assertThat(schedule.nanosUntilDue(now)).isEqualTo(wait);
      now += wait;
      assertThat(schedule.isDue(now)).isTrue();
    }
    assertThat(schedule.failures()).isEqualTo(50);
  }

  @Test
  void afterARefusalNothingIsAskedBeforeSomebodyWantsIt() {
    schedule.want(start);
    schedule.started();
    schedule.refused(start);
    assertThat(schedule.isIdle()).isTrue();
    schedule.want(start + 1);
    assertThat(schedule.nanosUntilDue(start + 1)).isEqualTo(SECOND - 1);
  }

  private void succeedAt(long nowNanos) {
    schedule.want(nowNanos);
    schedule.started();
    schedule.succeeded(nowNanos);
  }
}
