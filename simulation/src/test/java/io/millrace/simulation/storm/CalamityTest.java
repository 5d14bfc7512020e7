package io.millrace.simulation.storm;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.ConsumerSettings.Heartbeats;
import io.millrace.consumer.StopReason;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.simulation.storm.Fleet.Member;
import io.millrace.simulation.world.SharedTables;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What can befall a fleet, one thing at a time; the run checks that no promise is broken. */
class CalamityTest {
  private static Weather calm(Duration duration, int shards, int workers, Heartbeats heartbeats) {
    return Weather.calm(duration, shards, workers, Duration.ofSeconds(10), heartbeats);
  }

  private static void startAll(Fleet fleet, int workers) {
    for (int i = 0; i < workers; i++) {
      fleet.start();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Heartbeats.class,
      names = {"PER_WORKER", "PER_LEASE"})
  void storeThatIsGoneForTenMinutesStopsTheWorkAndNobody(Heartbeats heartbeats) {
    List<Member> members = new ArrayList<>();
    FleetRun run =
        new FleetRun(
            1,
            calm(Duration.ofMinutes(12), 2, 2, heartbeats),
            (time, fleet, tables, checks) -> {
              startAll(fleet, 2);
              time.after(Duration.ofSeconds(20), () -> fleet.storeFaults(NetworkFaults.GONE));
              time.after(Duration.ofSeconds(620), () -> fleet.storeFaults(null));
              members.addAll(fleet.all());
            });

    run.run();

    assertThat(members).allMatch(Member::isUp);
  }

  @ParameterizedTest
  @EnumSource(
      value = Heartbeats.class,
      names = {"PER_WORKER", "PER_LEASE"})
  void storeThatTakesFiveSecondsStopsNobody(Heartbeats heartbeats) {
    List<Member> members = new ArrayList<>();
    FleetRun run =
        new FleetRun(
            2,
            calm(Duration.ofMinutes(2), 2, 2, heartbeats),
            (time, fleet, tables, checks) -> {
              startAll(fleet, 2);
              time.after(
                  Duration.ofSeconds(20),
                  () -> fleet.storeFaults(NetworkFaults.NONE.slowed(Duration.ofSeconds(3))));
              time.after(Duration.ofSeconds(80), () -> fleet.storeFaults(null));
              members.addAll(fleet.all());
            });

    run.run();

    assertThat(members).allMatch(Member::isUp);
  }

  @Test
  void hundredWorkersThatStartAtOnceShareTenShards() {
    FleetRun run =
        new FleetRun(
            3,
            calm(Duration.ofSeconds(20), 10, 100, Heartbeats.PER_WORKER),
            (time, fleet, tables, checks) -> startAll(fleet, 100));

    FleetRun.Summary summary = run.run();

    // Whoever comes a moment later takes from those who have two.
    assertThat(summary.duplicates()).isZero();
  }

  @Test
  void fleetOfWhichOneSurvivesGoesOn() {
    FleetRun run =
        new FleetRun(
            4,
            calm(Duration.ofSeconds(40), 6, 5, Heartbeats.PER_WORKER),
            (time, fleet, tables, checks) -> {
              startAll(fleet, 5);
              time.after(
                  Duration.ofSeconds(15),
                  () -> fleet.up().subList(1, 5).forEach(member -> member.process.kill()));
            });

    assertThat(run.run().deliveries()).isPositive();
  }

  @Test
  void tableThatWasPutBackStopsItsHoldersAndLosesNothing() {
    List<Member> before = new ArrayList<>();
    FleetRun run =
        new FleetRun(
            5,
            calm(Duration.ofSeconds(60), 4, 3, Heartbeats.PER_WORKER),
            (time, fleet, tables, checks) -> {
              startAll(fleet, 2);
              before.addAll(fleet.all());
              List<Map<LeaseKey, Lease>> backup = new ArrayList<>();
              time.after(Duration.ofSeconds(10), () -> backup.add(Map.copyOf(tables.leases())));
              time.after(
                  Duration.ofSeconds(20),
                  () -> {
                    fleet.mayStop();
                    checks.restored(SharedTables.RESTORED_GENERATION);
                    tables.restore(backup.get(0));
                  });
              time.after(
                  Duration.ofSeconds(30),
                  () -> {
                    assertThat(before)
                        .allMatch(
                            member ->
                                member.process.hasStopped()
                                    && member.process.stopReason().kind()
                                        == StopReason.Kind.UNSAFE);
                    startAll(fleet, 2);
                  });
            });

    assertThat(run.run().duplicates()).isPositive();
  }

  @ParameterizedTest
  @EnumSource(Calamity.class)
  void calamityBreaksNoPromise(Calamity calamity) {
    assertThat(new FleetRun(calamity, UnaryOperator.identity()).run().deliveries()).isPositive();
  }
}
