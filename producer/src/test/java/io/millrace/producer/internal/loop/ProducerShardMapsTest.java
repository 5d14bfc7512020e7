package io.millrace.producer.internal.loop;

import static io.millrace.producer.internal.loop.Harness.failureOf;
import static io.millrace.producer.internal.loop.Harness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.producer.ProducerSettings;
import io.millrace.producer.PutAttempt;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.producer.internal.loop.FakeKinesis.SeenRecord;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Records under a shard map that is out of date. */
@SuppressWarnings("FutureReturnValueIgnored") // the harness keeps them
class ProducerShardMapsTest {
  @Test
  void recordsSurviveASplitWhileTheMapIsOld() {
    Harness h = new Harness(settings(), 1).warm();
    h.kinesis.split(0);
    for (int i = 0; i < 100; i++) {
      h.put("key-" + i, "data-" + i);
    }
    h.advance(Duration.ofSeconds(5));
    assertThat(h.kinesis.seen()).extracting(SeenRecord::data).hasSize(100).doesNotHaveDuplicates();
    assertSentAnew(h);
  }

  @Test
  void anAggregateThatLandsOnAMergedShardIsWellPlaced() {
    Harness h = new Harness(settings(), 2).warm();
    h.kinesis.merge(0, 1);
    for (int i = 0; i < 100; i++) {
      h.put("key-" + i, "data-" + i);
    }
    h.advance(Duration.ofSeconds(5));
    assertThat(h.kinesis.seen()).extracting(SeenRecord::data).hasSize(100).doesNotHaveDuplicates();
    assertThat(h.kinesis.shards.get(2).records).hasSize(2);
    assertThat(h.producer.status().streams().get(0).openShards()).isEqualTo(1);
    h.assertSettled();
  }

  @Test
  void aFailedRefreshKeepsTheOldMap() {
    Harness h = new Harness(settings().streamRefreshInterval(Duration.ofSeconds(10)), 2).warm();
    h.kinesis.onListShards =
        () -> {
          throw FakeKinesis.failure(Kind.THROTTLED, "LimitExceededException");
        };
    h.advance(Duration.ofSeconds(30));
    assertThat(h.kinesis.shardListings).isGreaterThan(2);
    var a = h.put("a", "1");
    h.advance(Duration.ofMillis(100));
    assertThat(a).isCompleted();
  }

  @Test
  void aListingWithAHoleKeepsTheOldMap() {
    Harness h = new Harness(settings().streamRefreshInterval(Duration.ofSeconds(10)), 2).warm();
    h.kinesis.onListShards = () -> h.kinesis.openShards().subList(0, 1);
    h.advance(Duration.ofSeconds(30));
    assertThat(h.producer.status().streams().get(0).openShards()).isEqualTo(2);
  }

  @Test
  void anOutcomeWaitsUntilTheRangeOfTheShardIsKnown() {
    Harness h = inDoubt(settings());
    assertThat(h.futures).noneMatch(CompletableFuture::isDone);
    assertThat(h.producer.status().oldestAge())
        .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(5));
    h.kinesis.onListShards = h.kinesis::openShards;
    h.advance(Duration.ofSeconds(15));
    assertSentAnew(h);
  }

  @Test
  void anOutcomeThatStaysInDoubtExpiresAsPossiblyWritten() {
    Harness h = inDoubt(settings().deliveryTimeout(Duration.ofSeconds(10)));
    h.advance(Duration.ofSeconds(6));
    assertThat(h.futures)
        .allSatisfy(
            f -> {
              PutFailedException failure = failureOf(f);
              assertThat(failure.reason()).isEqualTo(PutFailure.EXPIRED);
              assertThat(failure.mayHaveBeenWritten()).isTrue();
              assertThat(failure.attempts())
                  .extracting(PutAttempt::code)
                  .containsExactly("UnknownShard");
              assertThat(failure).hasMessageContaining("UnknownShard");
            });
    h.assertSettled();
  }

  private static void assertSentAnew(Harness h) {
    assertThat(h.futures)
        .allSatisfy(
            f ->
                assertThat(f.join().attempts())
                    .extracting(PutAttempt::code)
                    .containsExactly("WrongShard", "Success"));
    h.assertSettled();
  }

  /**
   * A producer whose aggregates have lain for five seconds on shards that it has never heard of.
   */
  private static Harness inDoubt(ProducerSettings.Builder settings) {
    Harness h = new Harness(settings, 1).warm();
    h.kinesis.split(0);
    h.kinesis.onListShards =
        () -> {
          throw FakeKinesis.failure(Kind.THROTTLED, "LimitExceededException");
        };
    for (int i = 0; i < 100; i++) {
      h.put("key-" + i, "data-" + i);
    }
    h.advance(Duration.ofSeconds(5));
    return h;
  }
}
