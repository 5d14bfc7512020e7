package io.millrace.consumer.internal.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.internal.backoff.FullJitter;
import io.millrace.consumer.internal.testing.TestRecords;
import io.millrace.model.Position;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CheckpointScheduleTest {
  private static final long START = Long.MAX_VALUE - 5;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final CheckpointSchedule schedule =
      new CheckpointSchedule(
          Duration.ofSeconds(5),
          100,
          new FullJitter(Duration.ofMillis(200), Duration.ofSeconds(10), new SplittableRandom(1)),
          at(0));

  private static Position at(int number) {
    return new Position(TestRecords.sequence(number), 0);
  }

  @Test
  void nothingIsDueWithoutProgress() {
    assertThat(schedule.due(null, 0, START)).isEmpty();
    assertThat(schedule.due(at(0), 0, START)).isEmpty();
    assertThat(schedule.nanosUntilDue(0, START)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void progressIsWrittenAfterTheIntervalWithWhatCameMeanwhile() {
    assertThat(schedule.due(at(1), 1, START)).isEmpty();
    assertThat(schedule.nanosUntilDue(1, START + SECOND)).isEqualTo(4 * SECOND);
    assertThat(schedule.due(at(3), 3, START + 5 * SECOND)).contains(at(3));
  }

  @Test
  void onlyOneWriteIsInFlight() {
    assertThat(schedule.dueNow(at(1), 1, START)).contains(at(1));
    assertThat(schedule.dueNow(at(2), 2, START)).isEmpty();
    assertThat(schedule.due(at(2), 200, START + 60 * SECOND)).isEmpty();
    schedule.applied();
    assertThat(schedule.durable()).contains(at(1));
    assertThat(schedule.dueNow(at(2), 2, START)).contains(at(2));
  }

  @Test
  void manyRecordsAreWrittenEarlyButNotMoreOftenThanOnceASecond() {
    assertThat(schedule.due(at(1), 100, START)).contains(at(1));
    schedule.applied();
    assertThat(schedule.due(at(2), 250, START + SECOND / 2)).isEmpty();
    assertThat(schedule.due(at(3), 300, START + SECOND)).contains(at(3));
  }

  @Test
  void failedWriteIsRepeatedAfterABackoffAndNotBefore() {
    assertThat(schedule.due(at(1), 100, START)).contains(at(1));
    schedule.unavailable("throttled", START);
    long wait = schedule.retryNanosLeft(START);
    assertThat(wait).isPositive().isLessThanOrEqualTo(200_000_000L);
    assertThat(schedule.dueNow(at(1), 100, START + wait - 1)).isEmpty();
    assertThat(schedule.due(at(2), 101, START + 5 * SECOND)).contains(at(2));
    schedule.applied();
    assertThat(schedule.failures()).isZero();
    assertThat(schedule.durable()).contains(at(2));
  }

  @Test
  void acknowledgementsBeyondTheWatermarkAreWrittenBesideTheSamePosition() {
    assertThat(schedule.dueNow(at(4), 4, START)).contains(at(4));
    schedule.applied();
    assertThat(schedule.dueNow(at(4), 4, START)).as("nothing new").isEmpty();
    assertThat(schedule.dueNow(at(4), 7, START)).as("3 of them").contains(at(4));
    schedule.inFlight(at(5));
    schedule.applied();
    assertThat(schedule.durable()).as("what was written, not what was due").contains(at(5));
  }
}
