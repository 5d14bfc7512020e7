package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.ConsumerSettings.Heartbeats;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.internal.coordinate.TestFleet.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Everything at once, by a seed: workers come, leave, die, stand still and lose the store, while
 * the store loses, delays, repeats and throttles, and shards split and merge. The ledger checks
 * each delivery; when the faults stop, everything must be delivered soon.
 */
class ChaosTest {
  private static final int SEEDS = Integer.getInteger("millrace.chaos.seeds", 60);
  private static final int FIRST = Integer.getInteger("millrace.chaos.first", 1);

  static IntStream seeds() {
    return IntStream.range(FIRST, FIRST + SEEDS);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void nothingIsLostSkippedOrOwnedTwice(int seed) {
    TestFleet fleet = new TestFleet(3, seed);
    fleet.settings =
        ConsumerSettings.builder()
            .auditInterval(Duration.ofSeconds(5))
            .heartbeats(seed % 4 == 0 ? Heartbeats.PER_LEASE : Heartbeats.PER_WORKER)
            .build();
    fleet.startAt = seed % 3 == 0 ? StartAt.latest() : StartAt.trimHorizon();
    int[] names = {0};
    for (int i = 0; i < 3; i++) {
      newcomer(fleet, names);
    }
    for (int step = 0; step < 40; step++) {
      fleet.run(Duration.ofMillis(fleet.random.nextInt(4_000)));
      disturb(fleet, names);
    }
    heal(fleet, names);

    fleet.runUntilUpToDate(Duration.ofSeconds(90));
    fleet.runUntilBalanced(Duration.ofMinutes(2));
    for (Node node : fleet.nodes.values()) {
      if (node.isStopped()) {
        continue;
      }
      node.worker.leave(Duration.ofSeconds(5));
    }
  }

  private static Node newcomer(TestFleet fleet, int[] names) {
    Node node = fleet.node("w" + ++names[0]);
    node.store.lossRate = fleet.random.nextInt(3) * 0.01;
    node.store.throttleRate = fleet.random.nextInt(3) * 0.02;
    node.store.duplicateRate = fleet.random.nextInt(3) * 0.05;
    node.store.slowRate = fleet.random.nextInt(3) * 0.01;
    node.driftPpm(fleet.random.nextInt(19_000) - 9_500);
    node.consumers.drainNanos = Duration.ofMillis(fleet.random.nextInt(2_000)).toNanos();
    return node.start();
  }

  private static void disturb(TestFleet fleet, int[] names) {
    List<Node> alive = new ArrayList<>();
    for (Node node : fleet.nodes.values()) {
      if (!node.dead && !node.isStopped()) {
        alive.add(node);
      }
    }
    if (alive.size() < 2) {
      newcomer(fleet, names);
      return;
    }
    Node victim = alive.get(fleet.random.nextInt(alive.size()));
    switch (fleet.random.nextInt(12)) {
      case 0 -> victim.kill();
      case 1 -> victim.worker.leave(Duration.ofMillis(fleet.random.nextInt(5_000)));
      case 2 -> {
        victim.pause();
        fleet.after(Duration.ofMillis(fleet.random.nextInt(25_000)).toNanos(), victim::resume);
      }
      case 3 -> victim.suspend(Duration.ofMillis(fleet.random.nextInt(25_000)));
      case 4 -> {
        victim.store.partitioned = true;
        fleet.after(
            Duration.ofMillis(fleet.random.nextInt(20_000)).toNanos(),
            () -> victim.store.partitioned = false);
      }
      case 5 -> split(fleet);
      case 6 -> merge(fleet);
      case 7, 8 -> {
        if (alive.size() < 6) {
          newcomer(fleet, names);
        }
      }
      case 9 -> {
        // The same id again, right after a crash.
        victim.kill();
        String id = victim.id;
        fleet.node(id).start();
      }
      case 10 -> victim.wallOffset = Duration.ofMillis(fleet.random.nextInt(7_200_000));
      default -> {}
    }
  }

  private static void split(TestFleet fleet) {
    List<FakeStream.Shard> open = open(fleet);
    FakeStream.Shard chosen = open.get(fleet.random.nextInt(open.size()));
    if (open.size() < 10) {
      fleet.stream.split(numberOf(chosen));
    }
  }

  private static void merge(TestFleet fleet) {
    List<FakeStream.Shard> open = open(fleet);
    for (FakeStream.Shard one : open) {
      for (FakeStream.Shard two : open) {
        if (one != two && one.range.isAdjacentTo(two.range) && open.size() > 2) {
          fleet.stream.merge(numberOf(one), numberOf(two));
          return;
        }
      }
    }
  }

  private static List<FakeStream.Shard> open(TestFleet fleet) {
    return fleet.stream.shards.values().stream().filter(shard -> !shard.isClosed()).toList();
  }

  private static int numberOf(FakeStream.Shard shard) {
    return Integer.parseInt(shard.id.value().substring("shardId-".length()));
  }

  private static void heal(TestFleet fleet, int[] names) {
    for (Node node : fleet.nodes.values()) {
      node.store.partitioned = false;
      node.store.lossRate = 0;
      node.store.throttleRate = 0;
      node.store.duplicateRate = 0;
      node.store.slowRate = 0;
      node.resume();
    }
    newcomer(fleet, names).store.lossRate = 0;
  }
}
