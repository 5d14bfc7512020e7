package io.millrace.producer.internal.loop;

import static io.millrace.producer.internal.loop.Harness.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.HashKey;
import io.millrace.producer.ProducerSettings.Ordering;
import io.millrace.producer.PutFailure;
import io.millrace.producer.PutResult;
import io.millrace.producer.internal.loop.FakeKinesis.PutCall;
import io.millrace.producer.internal.loop.FakeKinesis.SeenRecord;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A record is in flight for long while shards come and go: nothing of its key overtakes it. */
@SuppressWarnings("FutureReturnValueIgnored") // the harness keeps them
class OrderAcrossReshardsTest {
  private final Harness h =
      new Harness(
              Harness.settings()
                  .ordering(Ordering.PER_KEY)
                  .streamRefreshInterval(Duration.ofSeconds(1))
                  .requestTimeout(Duration.ofSeconds(30)),
              2)
          .warm();
  private final String key = keyOfShard(0);
  private final String other = keyOfShard(1);
  private final List<String> told = new ArrayList<>();

  private String keyOfShard(int index) {
    return IntStream.range(0, 100)
        .mapToObj(i -> "key-" + i)
        .filter(k -> h.kinesis.shards.get(index).range.contains(HashKey.ofPartitionKey(k)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void recordOfAGrandchildWaitsForTheOneOfTheGrandparent() {
    putWithoutAnswer("1");
    h.kinesis.scaleTo(4);
    h.advance(Duration.ofSeconds(2));
    put("2");
    h.advance(Duration.ofSeconds(1));
    h.kinesis.scaleTo(8);
    h.advance(Duration.ofSeconds(2));
    put("3");
    h.advance(Duration.ofSeconds(2));
    assertThat(h.kinesis.seen()).as("before the first one is settled").isEmpty();

    h.advance(Duration.ofSeconds(40));
    assertThat(h.kinesis.seen()).extracting(SeenRecord::data).containsExactly("1", "2", "3");
    assertThat(told).containsExactly("1", "2", "3");
    h.assertSettled();
  }

  @Test
  void recordWaitsForAnOlderOneAlsoWhenTheStreamWasMissingInBetween() {
    putWithoutAnswer("1");
    h.kinesis.onPut = call -> call.fail(Kind.STREAM_MISSING, "ResourceNotFoundException");
    CompletableFuture<PutResult> lost = h.put(other, "lost");
    h.advance(Duration.ofSeconds(3));
    assertThat(failureOf(lost).reason()).isEqualTo(PutFailure.STREAM_MISSING);

    h.kinesis.onPut = PutCall::store;
    put("2");
    h.advance(Duration.ofSeconds(5));
    assertThat(h.kinesis.seen()).as("before the first one is settled").isEmpty();

    h.advance(Duration.ofSeconds(40));
    assertThat(h.kinesis.seen()).extracting(SeenRecord::data).containsExactly("1", "2");
    assertThat(told).containsExactly("1", "2");
    h.assertSettled();
  }

  @Test
  void outcomesOfAMissingStreamAreToldInOrder() {
    putWithoutAnswer("1");
    h.kinesis.onPut = call -> call.fail(Kind.STREAM_MISSING, "ResourceNotFoundException");
    h.kinesis.onListShards =
        () -> {
          throw FakeKinesis.failure(Kind.STREAM_MISSING, "ResourceNotFoundException");
        };
    h.put(other, "lost");
    h.advance(Duration.ofSeconds(3));
    CompletableFuture<PutResult> second = put("2");
    h.advance(Duration.ofSeconds(10));
    assertThat(second).as("before the first one is settled").isNotDone();

    h.advance(Duration.ofSeconds(40));
    assertThat(failureOf(second).reason()).isEqualTo(PutFailure.STREAM_MISSING);
    assertThat(told).containsExactly("1", "2");
    h.assertSettled();
  }

  private void putWithoutAnswer(String data) {
    h.kinesis.onPut = PutCall::neverAnswer;
    put(data);
    h.advance(Duration.ofMillis(100));
    assertThat(h.kinesis.puts).hasSize(1);
    h.kinesis.onPut = PutCall::store;
  }

  private CompletableFuture<PutResult> put(String data) {
    CompletableFuture<PutResult> put = h.put(key, data);
    put.whenComplete((result, failure) -> told.add(data));
    return put;
  }
}
