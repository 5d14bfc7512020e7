package io.millrace.producer.internal.loop;

import static io.millrace.producer.internal.loop.Harness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.Aggregation;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When records leave, and with whom. */
@SuppressWarnings("FutureReturnValueIgnored") // the harness keeps them
class ProducerDeparturesTest {
  @Test
  void lingerHoldsARecordBackUntilItsTimeIsOver() {
    Harness h = new Harness(settings().linger(Duration.ofMillis(50)), 1).warm();
    h.put("a", "1");
    h.advance(Duration.ofMillis(49));
    assertThat(h.kinesis.puts).isEmpty();
    h.advance(Duration.ofMillis(1));
    assertThat(h.kinesis.puts).hasSize(1);
  }

  @Test
  void withoutLingerARecordLeavesAtOnceWhenNothingIsInFlightAndLaterOnesGather() {
    Harness h = new Harness(settings().linger(Duration.ZERO), 1).warm();
    h.put("a", "1");
    h.step();
    assertThat(h.kinesis.puts).hasSize(1);
    h.put("a", "2");
    h.step();
    h.put("a", "3");
    h.step();
    assertThat(h.kinesis.puts).hasSize(1);
    h.advance(Duration.ofMillis(3));
    assertThat(h.kinesis.puts).hasSize(2);
    assertThat(h.kinesis.puts.get(1).userRecords()).isEqualTo(2);
  }

  @Test
  void aHotShardIsHeldToItsRateWhileOthersGoOn() {
    ProducerSettings settings =
        settings().aggregation(Aggregation.OFF).linger(Duration.ZERO).build();
    Harness h = new Harness(settings, new FakeKinesis(2), 1).warm();
    for (int i = 0; i < 5_000; i++) {
      h.put("hot", "x");
    }
    h.advance(Duration.ofSeconds(2));
    long stored = h.kinesis.seen().size();
    assertThat(stored).isBetween(1_900L, 2_400L);
    var other = h.put(h.keyOfAnotherShard("hot"), "y");
    h.advance(Duration.ofMillis(50));
    assertThat(other).isCompleted();
  }
}
