package io.millrace.consumer.internal.shard;

import static io.millrace.consumer.internal.testing.TestRecords.plain;
import static io.millrace.consumer.internal.testing.TestRecords.plainAt;
import static io.millrace.consumer.internal.testing.TestRecords.sequence;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.observation.ObservationRegistry;
import io.millrace.consumer.ShardState;
import io.millrace.consumer.StallReason;
import io.millrace.consumer.handler.SuspectedLoss;
import io.millrace.consumer.internal.process.ApplicationHooks;
import io.millrace.consumer.internal.testing.FakeOwnership;
import io.millrace.consumer.internal.testing.Worker;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A position that the stream's retention overtakes is told, with its time range, before records.
 */
class SuspectedLossTest {
  private static final ShardId SHARD = new ShardId("shardId-000000000000");

  private final Worker worker = new Worker();
  private final FakeOwnership lease = new FakeOwnership();
  private final List<SuspectedLoss> losses = new ArrayList<>();
  private final List<String> story = new ArrayList<>();
  private int failures;

  @BeforeEach
  void setUp() {
    worker.onRecord(record -> story.add("record " + last4(record.position())));
    worker.hooks =
        new ApplicationHooks(
            loss -> {
              story.add("loss");
              if (failures-- > 0) {
                throw new IllegalStateException("the pager is away");
              }
              losses.add(loss);
            },
            ObservationRegistry.NOOP,
            Optional.empty());
  }

  private static String last4(Position position) {
    String number = position.sequenceNumber().toString();
    return number.substring(number.length() - 4);
  }

  private double counted() {
    return worker.meters.get("millrace.consumer.retention.losses").counter().count();
  }

  @Test
  void checkpointWhoseRecordIsGoneIsToldWithItsTimesBeforeTheFirstRecord() {
    Instant processed = Instant.parse("2025-12-30T10:00:00Z");
    worker.lastArrival = Optional.of(processed);
    worker.kinesis.put(SHARD, plain(1), plain(2), plain(3));
    worker.kinesis.trim(SHARD, 2);
    worker.grant(SHARD, lease, Optional.of(new Position(sequence(1), 0)));
    worker.settle();
    assertThat(story).containsExactly("loss", "record 0003");
    assertThat(losses)
        .containsExactly(
            new SuspectedLoss(
                "arn:aws:kinesis:eu-central-1:1:stream/s",
                SHARD,
                Optional.of(new Position(sequence(1), 0)),
                Optional.of(processed),
                Optional.of(plain(3).arrival())));
    assertThat(counted()).isEqualTo(1);
  }

  @Test
  void closedShardWithoutItsRecordsIsToldBeforeItsEnd() {
    worker.kinesis.put(SHARD, plain(1), plain(2));
    worker.kinesis.trim(SHARD, 2);
    worker.kinesis.close(SHARD);
    failures = 1;
    ShardConsumer consumer = worker.grant(SHARD, lease, Optional.of(new Position(sequence(1), 0)));
    worker.settle();
    assertThat(story).containsExactly("loss");
    assertThat(lease.ended).as("ended untold").isFalse();
    worker.run(Duration.ofSeconds(1));
    assertThat(losses).hasSize(1);
    assertThat(losses.get(0).to()).isEmpty();
    assertThat(consumer.state()).isEqualTo(ShardState.SHARD_ENDED);
  }

  @Test
  void recordsWaitUntilTheApplicationHasBeenTold() {
    failures = 3;
    worker.kinesis.put(SHARD, plain(1), plain(2), plain(3));
    worker.kinesis.trim(SHARD, 2);
    ShardConsumer consumer = worker.grant(SHARD, lease, Optional.of(new Position(sequence(1), 0)));
    worker.settle();
    assertThat(story).containsExactly("loss");
    assertThat(consumer.status(worker.time.now()).stall())
        .get()
        .isInstanceOf(StallReason.Retrying.class);
    worker.run(Duration.ofMinutes(1));
    assertThat(story).containsExactly("loss", "loss", "loss", "loss", "record 0003");
    assertThat(consumer.status(worker.time.now()).stall()).isEmpty();
  }

  @Test
  void retentionThatOvertakesARunningReaderIsTold() {
    worker.retention = Optional.of(Duration.ofHours(1));
    Instant begin = worker.time.instant();
    worker.kinesis.put(SHARD, plainAt(1, begin));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(1));
    Instant tip = worker.time.instant();

    worker.kinesis.denyReads(true);
    worker.run(Duration.ofMinutes(50));
    assertThat(consumer.status(worker.time.now()).retentionUsed().getAsDouble())
        .as("what may be there unread")
        .isBetween(0.8, 0.9);
    worker.run(Duration.ofMinutes(40));
    worker.kinesis.put(SHARD, plainAt(2, begin.plusSeconds(60)));
    worker.kinesis.put(SHARD, plainAt(3, begin.plus(Duration.ofMinutes(40))));
    worker.kinesis.trim(SHARD, 2);
    worker.kinesis.denyReads(false);
    worker.run(Duration.ofSeconds(20));

    assertThat(story).containsExactly("record 0001", "loss", "record 0003");
    assertThat(losses.get(0).from())
        .get()
        .satisfies(from -> assertThat(from).isBetween(tip.minusSeconds(2), tip));
    assertThat(losses.get(0).to()).contains(begin.plus(Duration.ofMinutes(40)));
  }

  @Test
  void readerThatKeepsUpIsNeverSuspectedHoweverSeldomRecordsCome() {
    worker.retention = Optional.of(Duration.ofHours(1));
    worker.settings = worker.settings.toBuilder().idlePollInterval(Duration.ofMinutes(1)).build();
    worker.grant(SHARD, lease);
    for (int n = 1; n <= 3; n++) {
      worker.run(Duration.ofHours(5));
      worker.kinesis.put(SHARD, plainAt(n, worker.time.instant()));
    }
    worker.run(Duration.ofMinutes(2));
    assertThat(story).containsExactly("record 0001", "record 0002", "record 0003");
    assertThat(counted()).isZero();
  }
}
