package io.millrace.consumer.internal.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.ReplayProgress;
import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReplayWatchTest {
  private static final Instant EIGHT = Instant.parse("2026-01-01T08:00:00Z");
  private static final Instant NINE = Instant.parse("2026-01-01T09:00:00Z");
  private static final Checkpoint SOMEWHERE =
      Checkpoint.at(new Position(SequenceNumber.of("17"), 0));

  private static Lease.Builder row(int shard, Checkpoint checkpoint) {
    return Lease.builder(LeaseKey.of("shardId-00000000000" + shard), checkpoint);
  }

  private static Set<ShardId> parents(int shard) {
    return Set.of(new ShardId("shardId-00000000000" + shard));
  }

  private static ReplayProgress of(Lease.Builder... rows) {
    return ReplayWatch.of(List.of(rows).stream().map(Lease.Builder::build).toList());
  }

  private static ReplayProgress progress(int shards, int finished, Instant until) {
    return new ReplayProgress(shards, finished, Optional.ofNullable(until), false);
  }

  @Test
  void slowestShardSaysUntilWhenEverythingIsProcessed() {
    assertThat(of(row(0, SOMEWHERE).lastArrival(NINE), row(1, SOMEWHERE).lastArrival(EIGHT)))
        .isEqualTo(progress(2, 0, EIGHT));
    assertThat(
            of(row(0, SOMEWHERE).lastArrival(NINE), row(1, Sentinel.SHARD_END).lastArrival(EIGHT)))
        .isEqualTo(progress(2, 1, NINE));
  }

  @Test
  void childThatWaitsForItsParentHidesNothing() {
    assertThat(
            of(
                row(0, SOMEWHERE).lastArrival(EIGHT),
                row(1, Sentinel.TRIM_HORIZON).parents(parents(0))))
        .isEqualTo(progress(2, 0, EIGHT));
  }

  @Test
  void shardThatIsReadAndHasNoCheckpointYetLeavesTheTimeUnknown() {
    assertThat(of(row(0, SOMEWHERE).lastArrival(EIGHT), row(1, Sentinel.AT_TIMESTAMP)))
        .isEqualTo(progress(2, 0, null));
    assertThat(
            of(
                row(0, Sentinel.SHARD_END).lastArrival(EIGHT),
                row(1, Sentinel.TRIM_HORIZON).parents(parents(0))))
        .isEqualTo(progress(2, 1, null));
  }

  @Test
  void withoutAnUnfinishedShardThereIsNoTime() {
    assertThat(of()).isEqualTo(progress(0, 0, null));
    assertThat(of(row(0, Sentinel.SHARD_END).lastArrival(EIGHT))).isEqualTo(progress(1, 1, null));
  }
}
