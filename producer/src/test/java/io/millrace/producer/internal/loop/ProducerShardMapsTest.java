package io.millrace.producer.internal.loop;

import static io.millrace.producer.internal.loop.Harness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.producer.PutAttempt;
import io.millrace.producer.internal.loop.FakeKinesis.SeenRecord;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import java.time.Duration;
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
    assertThat(h.futures)
        .allSatisfy(
            f ->
                assertThat(f.join().attempts())
                    .extracting(PutAttempt::code)
                    .containsExactly("WrongShard", "Success"));
    h.assertSettled();
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
}
