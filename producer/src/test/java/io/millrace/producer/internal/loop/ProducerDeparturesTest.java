package io.millrace.producer.internal.loop;

import static io.millrace.producer.internal.loop.Harness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.Aggregation;
import io.millrace.producer.PutResult;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.loop.FakeKinesis.PutCall;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
    h.advance(Duration.ofNanos(FakeKinesis.LATENCY_NANOS - 1));
    assertThat(h.kinesis.puts).as("before the first is answered").hasSize(2);
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

  @Test
  void aRequestHoldsNoMoreRecordsThanSet() {
    Harness h = new Harness(single().requestMaxRecords(3), 1).warm();
    for (int i = 0; i < 10; i++) {
      h.put("key-" + i, "data");
    }
    h.advance(Duration.ofMillis(200));
    assertThat(h.kinesis.puts).extracting(put -> put.entries.size()).containsExactly(3, 3, 3, 1);
    h.assertSettled();
  }

  @Test
  void aRequestHoldsNoMoreBytesThanSetUnlessOneRecordHasMore() {
    Harness h = new Harness(single().requestMaxBytes(64 << 10), 1).warm();
    for (int i = 0; i < 6; i++) {
      h.put("key-" + i, "x".repeat(20_000));
    }
    h.put("large", "x".repeat(100_000));
    h.advance(Duration.ofSeconds(2));
    assertThat(h.kinesis.puts)
        .allSatisfy(
            put ->
                assertThat(put.entries.size() == 1 || sizeBytes(put) <= 64 << 10)
                    .as("%d records with %d bytes", put.entries.size(), sizeBytes(put))
                    .isTrue());
    assertThat(h.kinesis.puts).hasSize(3);
    h.assertSettled();
  }

  private static int sizeBytes(PutCall put) {
    return put.entries.stream()
        .mapToInt(entry -> entry.data().length + entry.partitionKey().length())
        .sum();
  }

  @Test
  void recordsLeaveInTheOrderInWhichTheirLingerEnds() {
    Harness h = new Harness(settings().requestMaxRecords(1).requestsInFlight(1), 3).warm();
    for (int shard : new int[] {2, 0, 1}) {
      h.put(recordFor(h, shard, "to " + shard));
      h.advance(Duration.ofMillis(3));
    }
    h.advance(Duration.ofMillis(200));
    assertThat(h.kinesis.puts)
        .extracting(put -> FakeKinesis.text(ByteBuffer.wrap(put.entries.get(0).data())))
        .containsExactly("to 2", "to 0", "to 1");
    h.assertSettled();
  }

  @Test
  void noMoreRequestsAreInFlightThanSet() {
    Harness h = new Harness(single().requestMaxRecords(1).requestsInFlight(3), 1).warm();
    h.kinesis.onPut = PutCall::neverAnswer;
    for (int i = 0; i < 10; i++) {
      h.put("key-" + i, "data");
    }
    h.advance(Duration.ofSeconds(1));
    assertThat(h.kinesis.puts).hasSize(3);
  }

  @Test
  void theFullestAggregateLeavesEarlyWhenCallersWaitForRoom() {
    Harness h =
        new Harness(
                settings()
                    .linger(Duration.ofHours(1))
                    .deliveryTimeout(Duration.ofHours(2))
                    .bufferBytes(1 << 20)
                    .aggregateMaxBytes(1_000_000),
                2)
            .described();
    h.put(recordFor(h, 0, "of the other shard"));
    UserRecord record = recordFor(h, 1, "x".repeat(1_000));
    while (true) {
      Optional<CompletableFuture<PutResult>> put = h.producer.tryPut(Harness.STREAM, record);
      if (put.isEmpty()) {
        break;
      }
      h.futures.add(put.get());
    }
    h.advance(Duration.ofSeconds(1));
    assertThat(h.kinesis.puts).as("while nobody waits").isEmpty();
    CompletableFuture<Void> room = h.producer.whenRoomFor(Harness.STREAM, 300_000);
    h.advance(Duration.ofMillis(100));
    assertThat(room).isCompleted();
    assertThat(h.kinesis.puts.get(0).entries)
        .extracting(FakeKinesis::keyOf)
        .containsExactly(h.kinesis.shards.get(1).range.start());
  }

  private static ProducerSettings.Builder single() {
    return settings().aggregation(Aggregation.OFF);
  }

  private static UserRecord recordFor(Harness h, int shard, String data) {
    return UserRecord.builder()
        .partitionKey("key")
        .explicitHashKey(h.kinesis.shards.get(shard).range.start())
        .data(data.getBytes(StandardCharsets.UTF_8))
        .build();
  }
}
