package io.millrace.testkit.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.Notice;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WorkerRow.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The part of the contract that is about worker rows and the mode row. */
abstract class WorkerRowContract extends LeaseStoreFixture {
  static WorkerRow worker(String id, String incarnation, long epoch, long heartbeat) {
    return new WorkerRow(
        id,
        incarnation,
        epoch,
        heartbeat,
        State.LIVE,
        WorkerRow.PROTOCOL_VERSION,
        Duration.ofSeconds(10),
        100,
        0,
        0,
        0,
        List.of());
  }

  private WorkerRow registered() {
    return applied(store().register(worker("alice", "a1", 5, 1), null));
  }

  private WorkerRow readAlice() {
    return await(store().readWorker("alice")).orElseThrow();
  }

  @Test
  void fleetWithoutWorkersHasNoRowsAndNoMode() {
    assertThat(await(store().readFleet()).workers()).isEmpty();
    assertThat(await(store().readFleet()).mode()).isNull();
    assertThat(await(store().readWorker("alice"))).isEmpty();
  }

  @Test
  void workerRowKeepsAllThatItWasGiven() {
    List<Notice> notices = new ArrayList<>();
    for (Notice.Kind kind : Notice.Kind.values()) {
      notices.add(new Notice(100 + notices.size(), kind, SHARD));
    }
    WorkerRow row =
        new WorkerRow(
            "alice",
            "a1",
            5,
            17,
            State.LEAVING,
            3,
            Duration.ofMillis(12_345),
            7,
            2,
            42,
            12.5,
            notices);
    applied(store().register(row, null));

    assertThat(readAlice()).isEqualTo(row);
    assertThat(await(store().readFleet()).workers()).containsExactly(row);
  }

  @Test
  void registrationOverNobodyIsRefusedWhereThereIsARow() {
    WorkerRow first = registered();

    assertThat(conflict(store().register(worker("alice", "a2", 1, 1), null))).contains(first);
    assertThat(readAlice()).isEqualTo(first);
  }

  @Test
  void registrationOverAnObservedRowIsRefusedOnceItMoved() {
    WorkerRow first = registered();
    WorkerRow beaten = applied(store().heartbeat(worker("alice", "a1", 5, 2)));

    assertThat(conflict(store().register(worker("alice", "a2", 6, 1), first))).contains(beaten);
    assertThat(applied(store().register(worker("alice", "a2", 6, 1), beaten)).epoch()).isEqualTo(6);
    assertThat(conflict(store().register(worker("carol", "c1", 2, 1), worker("carol", "c0", 1, 1))))
        .isEmpty();
  }

  @Test
  void heartbeatReplacesTheRow() {
    registered();
    WorkerRow next =
        new WorkerRow(
            "alice",
            "a1",
            5,
            2,
            State.LEAVING,
            1,
            Duration.ofSeconds(30),
            Integer.MAX_VALUE,
            3,
            9,
            1.5,
            List.of(new Notice(1, Notice.Kind.RELEASED, SHARD)));

    assertThat(applied(store().heartbeat(next))).isEqualTo(next);
    assertThat(readAlice()).isEqualTo(next);
  }

  @Test
  void heartbeatOfAnotherEpochOrIncarnationIsRefused() {
    WorkerRow row = registered();

    assertThat(conflict(store().heartbeat(worker("alice", "a1", 4, 2)))).contains(row);
    assertThat(conflict(store().heartbeat(worker("alice", "a2", 5, 2)))).contains(row);
    assertThat(conflict(store().heartbeat(worker("bob", "b1", 1, 1)))).isEmpty();
  }

  @Test
  void lateCopyOfAnOlderHeartbeatIsNeverApplied() {
    registered();
    WorkerRow third = applied(store().heartbeat(worker("alice", "a1", 5, 3)));

    assertThat(conflict(store().heartbeat(worker("alice", "a1", 5, 2)))).contains(third);
    assertThat(conflict(store().heartbeat(worker("alice", "a1", 5, 3)))).contains(third);
  }

  @Test
  void fencingNeedsAnUnmovedHeartbeat() {
    WorkerRow observed = registered();
    WorkerRow moved = applied(store().heartbeat(worker("alice", "a1", 5, 2)));

    assertThat(conflict(store().fence(observed))).contains(moved);
    assertThat(applied(store().fence(moved))).isEqualTo(moved.withState(State.FENCED));
    assertThat(readAlice().state()).isEqualTo(State.FENCED);
    assertThat(conflict(store().fence(worker("bob", "b1", 1, 1)))).isEmpty();
  }

  @Test
  void fencedWorkerCanNotHeartbeatButRegisterAnew() {
    WorkerRow fenced = applied(store().fence(registered()));

    assertThat(conflict(store().heartbeat(worker("alice", "a1", 5, 2)))).contains(fenced);
    assertThat(applied(store().register(worker("alice", "a1", 6, 1), fenced)).state())
        .isEqualTo(State.LIVE);
  }

  @Test
  void lastHeartbeatMayFenceItsOwnWorker() {
    registered();

    applied(store().heartbeat(worker("alice", "a1", 5, 2).withState(State.FENCED)));

    conflict(store().heartbeat(worker("alice", "a1", 5, 3)));
  }

  @Test
  void missingWorkerIsFencedByATombstone() {
    WorkerRow tombstone = worker("ghost", "unknown", 3, 0).withState(State.FENCED);

    assertThat(applied(store().fenceMissing(tombstone))).isEqualTo(tombstone);
    assertThat(conflict(store().fenceMissing(tombstone))).contains(tombstone);
    assertThat(conflict(store().register(worker("ghost", "g1", 1, 1), null))).contains(tombstone);
  }

  @Test
  void tombstoneIsRefusedWhereTheWorkerHasARow() {
    WorkerRow row = registered();

    assertThat(conflict(store().fenceMissing(worker("alice", "unknown", 4, 0)))).contains(row);
    assertThat(readAlice().state()).isEqualTo(State.LIVE);
  }

  @Test
  void workerIsDeletedOnlyAsObserved() {
    WorkerRow row = registered();
    WorkerRow fenced = applied(store().fence(row));

    assertThat(conflict(store().deleteWorker(row))).contains(fenced);
    assertThat(conflict(store().deleteWorker(worker("alice", "a1", 5, 2)))).contains(fenced);
    assertThat(applied(store().deleteWorker(fenced))).isEqualTo(fenced);
    assertThat(await(store().readWorker("alice"))).isEmpty();
    assertThat(conflict(store().deleteWorker(fenced))).isEmpty();
  }

  @Test
  void modeChangesByOneVersionAtATime() {
    FleetMode first = new FleetMode(HeartbeatMode.PER_WORKER, 1);
    FleetMode second = new FleetMode(HeartbeatMode.PER_LEASE, 2);

    assertThat(conflict(store().changeMode(second))).isEmpty();
    assertThat(applied(store().changeMode(first))).isEqualTo(first);
    assertThat(conflict(store().changeMode(first))).contains(first);
    assertThat(conflict(store().changeMode(new FleetMode(HeartbeatMode.PER_LEASE, 3))))
        .contains(first);
    assertThat(applied(store().changeMode(second))).isEqualTo(second);
    assertThat(await(store().readFleet()).mode()).isEqualTo(second);
    FleetMode third = second.withPaused(true);
    assertThat(applied(store().changeMode(third))).isEqualTo(third);
    FleetMode fourth = third.withHeartbeats(HeartbeatMode.PER_WORKER, true);
    assertThat(applied(store().changeMode(fourth))).isEqualTo(fourth);
    assertThat(await(store().readFleet()).mode()).isEqualTo(fourth);
    assertThat(applied(store().changeMode(fourth.withPaused(false))).paused()).isFalse();
    assertThat(await(store().readFleet()).workers()).isEmpty();
  }

  @Test
  void fleetOfManyWorkersIsReadInFull() {
    for (int i = 0; i < 60; i++) {
      applied(store().register(worker("worker-" + i, "i" + i, 1, 1), null));
    }

    assertThat(await(store().readFleet()).workers())
        .hasSize(60)
        .extracting(WorkerRow::worker)
        .doesNotHaveDuplicates();
  }
}
