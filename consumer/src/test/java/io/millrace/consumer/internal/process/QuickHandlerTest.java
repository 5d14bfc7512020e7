package io.millrace.consumer.internal.process;

import static io.millrace.consumer.internal.testing.TestRecords.aggregate;
import static io.millrace.consumer.internal.testing.TestRecords.sequence;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.ShardState;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.internal.shard.ShardConsumer;
import io.millrace.consumer.internal.testing.FakeOwnership;
import io.millrace.consumer.internal.testing.Worker;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/** Handlers that are quicker than their outcome is reported: several records at a time. */
class QuickHandlerTest {
  private static final ShardId SHARD = new ShardId("shardId-000000000000");

  final Worker worker = new Worker();
  private final FakeOwnership lease = new FakeOwnership();
  private final List<Long> calls = new ArrayList<>();
  private ShardConsumer consumer;

  /** Handles members of one aggregate of 20, and does something at each. */
  private void run(LongConsumer atMember) {
    worker.onRecord(
        record -> {
          long member = record.position().subSequenceNumber();
          calls.add(member);
          atMember.accept(member);
        });
    worker.kinesis.put(SHARD, aggregate(1, 20));
    consumer = worker.grant(SHARD, lease);
    worker.settle();
  }

  private Position acknowledged() {
    return consumer.status(worker.time.now()).acknowledged().orElseThrow();
  }

  @Test
  void whatWasProcessedBeforeAFailureIsAcknowledgedWithIt() {
    run(
        member -> {
          if (member == 7) {
            throw new IllegalStateException("poison");
          }
        });
    assertThat(acknowledged()).isEqualTo(new Position(sequence(1), 6));
    assertThat(calls).startsWith(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L).doesNotContain(8L);
  }

  @Test
  void onlyTheRecordThatFailedIsDeliveredAgain() {
    boolean[] failed = {false};
    run(
        member -> {
          if (member == 7 && !failed[0]) {
            failed[0] = true;
            throw new IllegalStateException("once");
          }
        });
    worker.run(Duration.ofMinutes(1));
    assertThat(calls).hasSize(21);
    assertThat(calls.subList(7, 10)).containsExactly(7L, 7L, 8L);
    assertThat(lease.checkpoint()).contains(new Position(sequence(1), 19));
  }

  @Test
  void aDrainStopsAfterTheRecordInHandAndKeepsWhatIsDone() {
    run(
        member -> {
          if (member == 4) {
            consumer.drain(worker.time.now());
          }
        });
    worker.run(Duration.ofMinutes(1));
    assertThat(calls).containsExactly(0L, 1L, 2L, 3L, 4L);
    assertThat(consumer.state()).isEqualTo(ShardState.STOPPED);
    assertThat(lease.checkpoint()).contains(new Position(sequence(1), 4));
  }

  @Test
  void aLostLeaseStopsAfterTheRecordInHandAndAcknowledgesNothing() {
    run(
        member -> {
          if (member == 4) {
            consumer.leaseLost(worker.time.now());
          }
        });
    worker.run(Duration.ofMinutes(1));
    assertThat(calls).containsExactly(0L, 1L, 2L, 3L, 4L);
    assertThat(lease.writes).isZero();
    assertThat(worker.heldBytes()).isZero();
  }

  @Test
  void aFenceHoldsBackTheVeryNextRecord() {
    run(member -> lease.mayDeliver = member != 4);
    assertThat(calls).containsExactly(0L, 1L, 2L, 3L, 4L);
    assertThat(acknowledged()).isEqualTo(new Position(sequence(1), 4));
    lease.mayDeliver = true;
    worker.run(Duration.ofMinutes(1));
    assertThat(calls).hasSize(20).doesNotHaveDuplicates();
  }

  @Test
  void aHeartbeatThatBecomesTooOldHoldsBackTheVeryNextRecord() {
    holdsBackTheVeryNextRecordAfter(() -> worker.time.advance(Duration.ofSeconds(10)));
  }

  @Test
  void aSuspensionThatOnlyTheWallClockShowsHoldsBackTheVeryNextRecord() {
    holdsBackTheVeryNextRecordAfter(() -> worker.time.stepWallClock(Duration.ofSeconds(10)));
  }

  /** A fence that nobody has put down: only the time tells that it holds. */
  private void holdsBackTheVeryNextRecordAfter(Runnable passingOfTime) {
    lease.lowered = false;
    run(
        member -> {
          if (member == 4) {
            passingOfTime.run();
            lease.mayDeliver = false;
          }
        });
    assertThat(calls).containsExactly(0L, 1L, 2L, 3L, 4L);
  }

  @Test
  void aSlowHandlerIsReportedRecordByRecord() {
    List<Position> seen = new ArrayList<>();
    run(
        member -> {
          worker.time.advance(Duration.ofMillis(2));
          if (member > 0) {
            consumer.tick(worker.time.now());
            seen.add(acknowledged());
          }
        });
    assertThat(seen).hasSize(19);
    assertThat(seen.get(10)).isEqualTo(new Position(sequence(1), 10));
  }

  @Test
  void whatWasProcessedBeforeACallThatTakesLongCountsMeanwhile() {
    List<Position> seen = new ArrayList<>();
    run(
        member -> {
          if (member == 7) {
            consumer.tick(worker.time.now());
            worker.time.advance(Duration.ofSeconds(6));
            consumer.tick(worker.time.now());
            seen.add(acknowledged());
            seen.addAll(lease.checkpoints);
          }
        });
    assertThat(seen).containsExactly(new Position(sequence(1), 6), new Position(sequence(1), 6));
    worker.run(Duration.ofMinutes(1));
    assertThat(calls).hasSize(20).doesNotHaveDuplicates();
    assertThat(lease.checkpoint()).contains(new Position(sequence(1), 19));
  }

  @Test
  void attemptsCountForEachRecord() {
    List<Integer> attempts = new ArrayList<>();
    worker.policy = FailurePolicy.retryForever();
    worker.onRecord(
        record -> {
          attempts.add(record.attempt());
          if (record.position().subSequenceNumber() == 2 && record.attempt() == 1) {
            throw new IllegalStateException("once");
          }
        });
    worker.kinesis.put(SHARD, aggregate(1, 4));
    consumer = worker.grant(SHARD, lease);
    worker.run(Duration.ofMinutes(1));
    assertThat(attempts).containsExactly(1, 1, 1, 2, 1);
  }
}
