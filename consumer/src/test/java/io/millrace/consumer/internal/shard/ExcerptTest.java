package io.millrace.consumer.internal.shard;

import static io.millrace.consumer.internal.testing.TestRecords.aggregate;
import static io.millrace.consumer.internal.testing.TestRecords.plain;
import static io.millrace.consumer.internal.testing.TestRecords.plainAt;
import static io.millrace.consumer.internal.testing.TestRecords.sequence;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.ShardState;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.internal.process.Choice;
import io.millrace.consumer.internal.process.Excerpt;
import io.millrace.consumer.internal.testing.FakeOwnership;
import io.millrace.consumer.internal.testing.Worker;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a replay delivers of a shard, and where it ends. */
class ExcerptTest {
  private static final ShardId SHARD = new ShardId("shardId-000000000000");

  private final Worker worker = new Worker();
  private final FakeOwnership lease = new FakeOwnership();
  private final List<String> seen = new ArrayList<>();

  @BeforeEach
  void setUp() {
    worker.onRecord(
        record ->
            seen.add(
                record.position().sequenceNumber().toString().substring(28)
                    + "/"
                    + record.position().subSequenceNumber()));
  }

  private void only(
      Optional<Instant> until, Predicate<ShardId> shards, Predicate<ReceivedRecord> records) {
    worker.excerpt = new Excerpt(until, shards, Optional.of(records), OptionalDouble.empty());
  }

  @Test
  void recordsThatAreLeftOutCountAsProcessedInsideAggregatesToo() {
    only(Optional.empty(), shard -> true, record -> record.position().subSequenceNumber() % 3 == 1);
    worker.kinesis.put(SHARD, aggregate(1, 8), aggregate(2, 1), aggregate(3, 5));
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(6));
    assertThat(seen).containsExactly("01/1", "01/4", "01/7", "03/1", "03/4");
    assertThat(lease.checkpoint()).contains(new Position(sequence(3), 4));
    assertThat(worker.heldBytes()).isZero();
  }

  @Test
  void applicationThatChoosesRecordsSlowlyHoldsNobodyUp() {
    ShardConsumer[] consumer = new ShardConsumer[1];
    List<Boolean> answered = new ArrayList<>();
    only(
        Optional.empty(),
        shard -> true,
        record -> {
          Thread onlooker = new Thread(() -> consumer[0].status(worker.time.now()));
          onlooker.start();
          try {
            onlooker.join(Duration.ofSeconds(30).toMillis());
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          answered.add(!onlooker.isAlive());
          return true;
        });
    worker.kinesis.put(SHARD, plain(1));
    consumer[0] = worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(1));
    assertThat(answered).containsExactly(true);
  }

  @Test
  void choiceOfRecordsThatThrowsParksTheShardByTheNameOfItsSettingAndLosesNothing() {
    only(
        Optional.empty(),
        shard -> true,
        new Choice<ReceivedRecord>("keys", record -> notTheThird(record)));
    worker.kinesis.put(SHARD, plain(1), plain(2), plain(3), plain(4));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(6));
    assertThat(consumer.state()).isEqualTo(ShardState.PARKED);
    assertThat(lease.parked)
        .contains("keys threw java.lang.OutOfMemoryError at " + sequence(3) + ":0");
    assertThat(lease.checkpoint().filter(at -> at.sequenceNumber().compareTo(sequence(3)) >= 0))
        .isEmpty();
    assertThat(seen).doesNotContain("04/0");
    assertThat(worker.heldBytes()).isZero();
  }

  private static boolean notTheThird(ReceivedRecord record) {
    if (record.position().sequenceNumber().equals(sequence(3))) {
      throw new OutOfMemoryError("thrown by the test");
    }
    return true;
  }

  @Test
  void choiceOfShardsThatThrowsParksTheShardUnread() {
    only(
        Optional.empty(),
        new Choice<ShardId>(
            "shards",
            shard -> {
              throw new IllegalStateException("no secrets");
            }),
        record -> true);
    worker.kinesis.put(SHARD, plain(1));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(1));
    assertThat(consumer.state()).isEqualTo(ShardState.PARKED);
    assertThat(lease.parked).contains("shards threw java.lang.IllegalStateException");
    assertThat(worker.kinesis.reads).isEmpty();
    assertThat(seen).isEmpty();
  }

  @Test
  void openShardEndsBehindTheTimeThoughItGoesOn() {
    Instant until = worker.time.instant().plusSeconds(10);
    only(Optional.of(until), shard -> true, record -> record.arrival().isBefore(until));
    worker.kinesis.put(
        SHARD,
        plainAt(1, until.minusSeconds(5)),
        plainAt(2, until.minusMillis(1)),
        plainAt(3, until),
        plainAt(4, until.plusSeconds(60)),
        plainAt(5, until.plusSeconds(61)));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(1));
    assertThat(seen).containsExactly("01/0", "02/0");
    assertThat(consumer.state()).isEqualTo(ShardState.SHARD_ENDED);
    assertThat(lease.endedEarly).isTrue();
    assertThat(worker.heldBytes()).isZero();
  }

  @Test
  void idleShardEndsOnceTheTimeIsClearlyOver() {
    Instant until = worker.time.instant().plusSeconds(10);
    only(Optional.of(until), shard -> true, record -> record.arrival().isBefore(until));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(11));
    assertThat(consumer.state()).isEqualTo(ShardState.PROCESSING);
    worker.run(Duration.ofSeconds(6));
    assertThat(consumer.state()).isEqualTo(ShardState.SHARD_ENDED);
  }

  @Test
  void shardThatIsNotChosenEndsUnread() {
    only(Optional.empty(), shard -> false, record -> true);
    worker.kinesis.put(SHARD, aggregate(1, 8));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(1));
    assertThat(seen).isEmpty();
    assertThat(worker.kinesis.reads).isEmpty();
    assertThat(consumer.state()).isEqualTo(ShardState.SHARD_ENDED);
  }
}
