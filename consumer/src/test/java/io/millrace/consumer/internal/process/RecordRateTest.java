package io.millrace.consumer.internal.process;

import static io.millrace.consumer.internal.testing.TestRecords.aggregate;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.internal.testing.FakeOwnership;
import io.millrace.consumer.internal.testing.Worker;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class RecordRateTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  @Test
  void withoutALimitNothingWaits() {
    RecordRate rate = new RecordRate(OptionalDouble.empty());
    assertThat(rate.take(1_000_000, 0)).isZero();
    assertThat(rate.take(1_000_000, 0)).isZero();
  }

  @Test
  void waitIsAsLongAsTheTokensNeed() {
    RecordRate rate = new RecordRate(OptionalDouble.of(100));
    long now = Long.MAX_VALUE - SECOND / 2;
    for (int i = 0; i < 10; i++) {
      assertThat(rate.take(1, now)).isZero();
    }
    assertThat(rate.take(1, now)).isEqualTo(SECOND / 100);
    assertThat(rate.take(1, now + SECOND / 100)).isZero();
    assertThat(rate.take(1, now + SECOND)).as("the clock wraps").isZero();
  }

  @Test
  void largePartPassesAndLeavesADebt() {
    RecordRate rate = new RecordRate(OptionalDouble.of(100));
    assertThat(rate.take(1_000, 0)).isZero();
    assertThat(rate.take(1, 0)).isGreaterThan(9 * SECOND);
    assertThat(rate.take(1, 10 * SECOND)).isZero();
  }

  @Test
  void allShardsOfAWorkerTogetherKeepTheRate() {
    Worker worker = new Worker();
    worker.excerpt =
        new Excerpt(Optional.empty(), shard -> true, Optional.empty(), OptionalDouble.of(100));
    int[] delivered = {0};
    worker.onRecord(record -> delivered[0]++);
    for (int i = 0; i < 4; i++) {
      ShardId shard = new ShardId("shardId-00000000000" + i);
      for (int n = 0; n < 10; n++) {
        worker.kinesis.put(shard, aggregate(n, 50));
      }
      worker.grant(shard, new FakeOwnership());
    }
    worker.run(Duration.ofSeconds(10));
    assertThat(delivered[0]).isBetween(900, 1_011);
    worker.run(Duration.ofSeconds(11));
    assertThat(delivered[0]).isEqualTo(2_000);
  }
}
