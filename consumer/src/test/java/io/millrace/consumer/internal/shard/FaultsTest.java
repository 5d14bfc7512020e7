package io.millrace.consumer.internal.shard;

import static io.millrace.consumer.internal.testing.TestRecords.aggregate;
import static io.millrace.consumer.internal.testing.TestRecords.plain;
import static io.millrace.consumer.internal.testing.TestRecords.sequence;
import static io.millrace.consumer.internal.testing.TestRecords.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.ShardState;
import io.millrace.consumer.StallReason;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.handler.BatchResult;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.internal.fetch.ChildShard;
import io.millrace.consumer.internal.process.Processing;
import io.millrace.consumer.internal.process.UserCode;
import io.millrace.consumer.internal.testing.FakeOwnership;
import io.millrace.consumer.internal.testing.Worker;
import io.millrace.model.HashRange;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What goes wrong in the life of one shard: nothing is lost, and the order holds. */
class FaultsTest {
  private static final ShardId SHARD = new ShardId("shardId-000000000000");
  private static final ShardId OTHER = new ShardId("shardId-000000000001");
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final Worker worker = new Worker();
  private final FakeOwnership lease = new FakeOwnership();
  private final List<String> seen = new ArrayList<>();

  private void see(ReceivedRecord record) {
    seen.add(text(record.data()));
  }

  private static List<String> numbered(int count) {
    return IntStream.range(0, count).mapToObj(n -> "data" + n).toList();
  }

  private void putPlain(int from, int to) {
    IntStream.range(from, to).forEach(n -> worker.kinesis.put(SHARD, plain(n)));
  }

  private boolean isTenMinuteOutage() {
    long seconds = worker.time.elapsed().toSeconds();
    return seconds >= 10 && seconds < 610;
  }

  @Test
  void tenMinutesWithoutDownstreamBurnNoAttemptAndReadNothingAhead() {
    worker.policy =
        FailurePolicy.builder()
            .maximumRetryAttempts(2)
            .pauseOn(UncheckedIOException.class)
            .onFailure(
                failed -> {
                  throw new AssertionError("given up: " + failed);
                })
            .build();
    List<Integer> attempts = new ArrayList<>();
    worker.onRecord(
        record -> {
          if (isTenMinuteOutage()) {
            attempts.add(record.attempt());
            throw new UncheckedIOException(new java.io.IOException("connection refused"));
          }
          see(record);
        });
    ShardConsumer consumer = worker.grant(SHARD, lease);
    for (int second = 0; second < 610; second++) {
      worker.kinesis.put(SHARD, plain(second));
      worker.run(SECOND);
      if (second == 300) {
        assertThat(consumer.status(worker.time.now()).stall())
            .get()
            .isInstanceOf(StallReason.Paused.class);
      }
    }
    int readsInOutage = worker.kinesis.reads.size();
    assertThat(attempts.size()).as("probes").isBetween(10, 700);
    assertThat(readsInOutage).as("reads, of 2,440 without the pause").isLessThan(200);
    worker.run(MINUTE);
    assertThat(seen).isEqualTo(numbered(610));
    assertThat(lease.checkpoint()).contains(new Position(sequence(609), 0));
  }

  @Test
  void tenMinutesOfFailuresAreOutlivedByTheDefaultPolicy() {
    worker.onRecord(
        record -> {
          if (isTenMinuteOutage()) {
            throw new IllegalStateException("the database is away");
          }
          see(record);
        });
    worker.grant(SHARD, lease);
    for (int second = 0; second < 610; second++) {
      worker.kinesis.put(SHARD, plain(second));
      worker.run(SECOND);
    }
    worker.run(MINUTE);
    assertThat(seen).isEqualTo(numbered(610));
    assertThat(lease.checkpoint()).contains(new Position(sequence(609), 0));
  }

  @Test
  void handlerThatNeverReturnsHoldsOnlyItsOwnShard() {
    CompletableFuture<Void> never = new CompletableFuture<>();
    worker.process(
        new Processing.Handler(
            new UserCode.AsyncRecords(
                record -> {
                  if (record.shard().equals(SHARD)) {
                    return never;
                  }
                  see(record);
                  return CompletableFuture.completedFuture(null);
                })));
    putPlain(0, 3);
    ShardConsumer stuck = worker.grant(SHARD, lease);
    worker.grant(OTHER, new FakeOwnership());
    for (int n = 0; n < 60; n++) {
      worker.kinesis.put(OTHER, plain(n));
      worker.run(SECOND);
    }
    assertThat(seen).isEqualTo(numbered(60));
    var status = stuck.status(worker.time.now());
    assertThat(status.longestCall()).get().isEqualTo(MINUTE);
    assertThat(status.stall()).get().isInstanceOf(StallReason.HandlerBusy.class);
    assertThat(lease.checkpoints).isEmpty();

    stuck.leaseLost(worker.time.now());
    seen.clear();
    worker.process(new Processing.Handler(new UserCode.Records(this::see)));
    never.complete(null);
    worker.run(SECOND);
    assertThat(lease.checkpoints).as("the late return counts no more").isEmpty();
  }

  @Test
  void lostLeaseInTheMiddleOfABatchLeavesTheWholeBatchToTheNextOwner() {
    ShardConsumer[] consumer = new ShardConsumer[1];
    worker.settings = worker.settings.toBuilder().batchMaxRecords(4).build();
    worker.process(
        new Processing.Handler(
            new UserCode.Batches(
                batch -> {
                  batch.records().forEach(this::see);
                  if (seen.size() == 8) {
                    consumer[0].leaseLost(worker.time.now());
                  }
                  return BatchResult.ok();
                })));
    worker.kinesis.put(SHARD, aggregate(0, 12));
    consumer[0] = worker.grant(SHARD, lease);
    worker.run(MINUTE);
    assertThat(seen).hasSize(8);
    assertThat(lease.writes).isZero();
    assertThat(worker.heldBytes()).isZero();

    FakeOwnership next = new FakeOwnership();
    seen.clear();
    worker.grant(SHARD, next, lease.checkpoint());
    worker.run(MINUTE);
    assertThat(seen).isEqualTo(IntStream.range(0, 12).mapToObj(n -> "0/" + n).toList());
    assertThat(next.checkpoint()).contains(new Position(sequence(0), 11));
  }

  @Test
  void killedWorkerWithAcknowledgementsOutOfOrderLosesNone() {
    Map<String, CompletableFuture<Void>> open = new LinkedHashMap<>();
    worker.parallelism = 16;
    worker.order = KeyOrder.UNORDERED;
    worker.process(
        new Processing.Handler(
            new UserCode.AsyncRecords(
                record -> {
                  CompletableFuture<Void> stage = new CompletableFuture<>();
                  open.put(text(record.data()), stage);
                  return stage;
                })));
    worker.kinesis.put(SHARD, aggregate(0, 5), plain(1), aggregate(2, 10));
    worker.grant(SHARD, lease);
    worker.settle();
    for (String finished : List.of("2/9", "0/0", "data1", "0/1", "2/0", "0/3", "0/4")) {
      open.get(finished).complete(null);
      worker.settle();
    }
    worker.run(Duration.ofSeconds(6));
    assertThat(lease.checkpoint()).contains(new Position(sequence(0), 1));

    // kill -9: nobody hears of this ownership any more, and the table says what it says.
    open.clear();
    worker.grant(SHARD, new FakeOwnership(), lease.checkpoint());
    worker.settle();
    assertThat(open.keySet())
        .containsExactlyInAnyOrder(
            "0/2", "0/3", "0/4", "data1", "2/0", "2/1", "2/2", "2/3", "2/4", "2/5", "2/6", "2/7",
            "2/8", "2/9");

    open.clear();
    worker.ahead = lease.ahead;
    worker.grant(SHARD, new FakeOwnership(), lease.checkpoint());
    worker.settle();
    assertThat(open.keySet())
        .as("with what stands beside the checkpoint")
        .containsExactlyInAnyOrder("0/2", "2/1", "2/2", "2/3", "2/4", "2/5", "2/6", "2/7", "2/8");
  }

  @Test
  void reshardWaitsForEveryUnacknowledgedRecord() {
    Map<String, CompletableFuture<Void>> open = new LinkedHashMap<>();
    worker.parallelism = 4;
    worker.order = KeyOrder.UNORDERED;
    worker.process(
        new Processing.Handler(
            new UserCode.AsyncRecords(
                record -> {
                  CompletableFuture<Void> stage = new CompletableFuture<>();
                  open.put(text(record.data()), stage);
                  return stage;
                })));
    putPlain(0, 4);
    worker.kinesis.close(
        SHARD, new ChildShard(new ShardId("child"), Set.of(SHARD), HashRange.FULL));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    worker.run(MINUTE);
    for (String last : List.of("data3", "data1", "data0")) {
      open.get(last).complete(null);
      worker.run(MINUTE);
      assertThat(lease.ended).as("ended though data2 is not done").isFalse();
    }
    assertThat(lease.checkpoint()).contains(new Position(sequence(1), 0));
    open.get("data2").complete(null);
    worker.run(SECOND);
    assertThat(lease.ended).isTrue();
    assertThat(consumer.state()).isEqualTo(ShardState.SHARD_ENDED);
  }

  @Test
  void storeThatIsAwayForTenMinutesDelaysCheckpointsAndNothingElse() {
    worker.onRecord(this::see);
    for (int i = 0; i < 1_000; i++) {
      lease.answer(new CheckpointOutcome.Unavailable("throttled"));
    }
    ShardConsumer consumer = worker.grant(SHARD, lease);
    for (int second = 0; second < 600; second++) {
      worker.kinesis.put(SHARD, plain(second));
      worker.run(SECOND);
    }
    assertThat(seen).isEqualTo(numbered(600));
    assertThat(lease.writes).as("attempts").isBetween(60, 700);
    assertThat(consumer.status(worker.time.now()).stall())
        .get()
        .isInstanceOfSatisfying(
            StallReason.CheckpointFailing.class,
            failing -> assertThat(failing.lasts()).isGreaterThan(Duration.ofMinutes(9)));
    lease.answerOnly(new CheckpointOutcome.Applied());
    worker.run(MINUTE);
    assertThat(lease.checkpoint()).contains(new Position(sequence(599), 0));
  }

  @Test
  void aggregateOfTenThousandTinyRecordsPassesAndResumesInItsMiddle() {
    worker.onRecord(this::see);
    List<String> members = IntStream.range(0, 10_000).mapToObj(Integer::toString).toList();
    worker.kinesis.put(SHARD, aggregate(0, members), aggregate(1, members));
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(6));
    assertThat(seen.subList(0, 10_000)).isEqualTo(members);
    assertThat(seen.subList(10_000, 20_000)).isEqualTo(members);
    assertThat(lease.checkpoint()).contains(new Position(sequence(1), 9_999));
    assertThat(worker.heldBytes()).isZero();

    seen.clear();
    worker.grant(SHARD, new FakeOwnership(), Optional.of(new Position(sequence(1), 7_499)));
    worker.run(SECOND);
    assertThat(seen).isEqualTo(members.subList(7_500, 10_000));
  }

  @Test
  void wallClockThatStepsChangesNeitherPaceNorOrder() {
    worker.onRecord(this::see);
    ShardConsumer consumer = worker.grant(SHARD, lease);
    Duration[] steps = {
      Duration.ofHours(-3), Duration.ofDays(30), Duration.ofDays(-60), Duration.ofMillis(-1)
    };
    for (int second = 0; second < 40; second++) {
      worker.kinesis.put(SHARD, plain(second));
      if (second % 10 == 9) {
        worker.time.stepWallClock(steps[second / 10]);
      }
      int reads = worker.kinesis.reads.size();
      worker.run(SECOND);
      assertThat(worker.kinesis.reads.size() - reads).isBetween(3, 6);
      var status = consumer.status(worker.time.now());
      status.oldestUnacknowledged().ifPresent(age -> assertThat(age).isPositive());
      status.retentionUsed().ifPresent(used -> assertThat(used).isNotNegative());
    }
    worker.run(Duration.ofSeconds(6));
    assertThat(seen).isEqualTo(numbered(40));
    assertThat(lease.checkpoint()).contains(new Position(sequence(39), 0));
  }

  @Test
  void handlerThatClosesItsOwnShardIsTheLastOne() {
    ShardConsumer[] consumer = new ShardConsumer[1];
    worker.onRecord(
        record -> {
          see(record);
          if (seen.size() == 3) {
            consumer[0].drain(worker.time.now());
            throw new IllegalStateException("and fails");
          }
        });
    putPlain(0, 9);
    consumer[0] = worker.grant(SHARD, lease);
    worker.run(MINUTE);
    assertThat(seen).isEqualTo(numbered(3));
    assertThat(consumer[0].state()).isEqualTo(ShardState.STOPPED);
    assertThat(lease.checkpoint())
        .as("the failed one is not covered")
        .contains(new Position(sequence(1), 0));
  }
}
