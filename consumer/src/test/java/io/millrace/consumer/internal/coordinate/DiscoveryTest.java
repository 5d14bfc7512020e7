package io.millrace.consumer.internal.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.internal.coordinate.TestFleet.Node;
import io.millrace.consumer.lease.Lease;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shards that are found, missed, merged, gone and cleaned up, by a fleet at work. */
class DiscoveryTest {
  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  private static ShardId shard(int number) {
    return new ShardId("shardId-%012d".formatted(number));
  }

  private static boolean hasRow(TestFleet fleet, ShardId shard) {
    return fleet.leases().stream().anyMatch(lease -> lease.key().shard().equals(shard));
  }

  @Test
  void hundredWorkersThatStartAtOnceListTheShardsAFewTimesAndShareThem() {
    TestFleet fleet = new TestFleet(200, 1);
    for (int i = 0; i < 100; i++) {
      fleet.start("w" + i);
    }

    fleet.run(seconds(20));
    fleet.runUntilBalanced(seconds(20));

    assertThat(fleet.nodes.values()).allMatch(node -> node.started.isDone());
    assertThat(fleet.leases()).hasSize(200);
    // ListShards allows 100 calls a second for a stream, for everybody together.
    assertThat(fleet.stream.listCalls).isLessThan(10);
    fleet.runUntilUpToDate(seconds(2));
  }

  @Test
  void thousandsOfShardsAreFoundPageByPage() {
    TestFleet fleet = new TestFleet(3_000, 2);
    fleet.stream.pageSize(1_000);
    fleet.start("a");

    fleet.runUntil(() -> fleet.leases().size() == 3_000, seconds(30));
    fleet.runUntilUpToDate(seconds(60));

    assertThat(fleet.stream.listCalls).isEqualTo(3);
  }

  @Test
  void rowThatWasDeletedByHandIsMadeAnewByTheAudit() {
    TestFleet fleet = new TestFleet(3, 3);
    fleet.start("a");
    fleet.start("b");
    fleet.runUntilBalanced(seconds(10));
    fleet.tables.delete(fleet.lease(shard(1))).toCompletableFuture().join();
    fleet.ledger.forgetToken(shard(1));

    fleet.runUntil(() -> hasRow(fleet, shard(1)), seconds(65));

    fleet.runUntilUpToDate(seconds(5));
  }

  @Test
  void finishedRowGoesOnlyWhenItsChildrenHaveBegunAndItIsOld() {
    TestFleet fleet = new TestFleet(2, 4);
    Node a = fleet.start("a");
    fleet.run(seconds(3));
    a.consumers.checkpoints = false;
    fleet.stream.split(0);
    fleet.runUntil(() -> fleet.lease(shard(0)).isFinished(), seconds(5));

    // The children have not checkpointed: the lineage is needed.
    fleet.run(Duration.ofMinutes(12));
    assertThat(hasRow(fleet, shard(0))).isTrue();

    a.consumers.checkpoints = true;
    fleet.runUntil(() -> !hasRow(fleet, shard(0)), Duration.ofMinutes(2));
    fleet.run(Duration.ofMinutes(2));
    assertThat(hasRow(fleet, shard(0))).isFalse();
    fleet.runUntilUpToDate(seconds(2));
  }

  @Test
  void finishedRowIsKeptForTenAudits() {
    TestFleet fleet = new TestFleet(2, 5);
    fleet.start("a");
    fleet.run(seconds(3));
    fleet.stream.split(0);
    fleet.runUntil(() -> fleet.lease(shard(0)).isFinished(), seconds(5));

    fleet.run(seconds(295));
    assertThat(hasRow(fleet, shard(0))).isTrue();

    fleet.runUntil(() -> !hasRow(fleet, shard(0)), seconds(65));
  }

  @Test
  void childrenOfAnExpiredParentStartWithoutIt() {
    TestFleet fleet = new TestFleet(1, 6);
    List<ShardId> children = fleet.stream.split(0);
    fleet.stream.expire(shard(0));
    fleet.ledger.startsAt(shard(0), 1);
    fleet.run(seconds(1));
    fleet.start("a");

    fleet.runUntil(
        () -> children.stream().allMatch(child -> fleet.ledger.highest(child) > 10), seconds(5));

    assertThat(hasRow(fleet, shard(0))).isFalse();
  }

  @Test
  void mergeOfWhichOneParentIsGoneGoesOnWithTheOther() {
    TestFleet fleet = new TestFleet(2, 7);
    fleet.start("a");
    fleet.runUntilUpToDate(seconds(5));
    fleet.run(seconds(2));
    // One parent has expired, and its row is gone.
    ShardId child = fleet.stream.merge(0, 1);
    fleet.stream.expire(shard(0));
    Lease gone = fleet.lease(shard(0));
    fleet.tables.delete(gone).toCompletableFuture().join();
    fleet.ledger.startsAt(shard(0), 1);

    fleet.runUntil(() -> fleet.ledger.highest(child) > 50, seconds(40));

    assertThat(fleet.lease(shard(1)).isFinished()).isTrue();
    assertThat(hasRow(fleet, shard(0))).isFalse();
  }
}
