package io.millrace.benchmarks.fleet;

import io.millrace.benchmarks.Benchmark;
import io.millrace.benchmarks.Figures;
import io.millrace.benchmarks.fleet.Deliveries.Handover;
import io.millrace.benchmarks.fleet.worker.Job;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Crashes by SIGKILL: each worker of a fleet of three in turn, then all but one at once; with one
 * heartbeat per worker, then with one per lease. The gap is the greatest, over all shards of the
 * dead, from their last delivery to the new owner's first.
 */
public final class FailoverBenchmark implements Benchmark {
  private static final String STREAM = "failover";
  private static final String PER_LEASE_STREAM = "failover-per-lease";
  private static final int SHARDS = 6;
  private static final int WORKERS = 3;
  private static final double RECORDS_PER_SECOND = 50;

  /** Of both libraries, by default. */
  private static final Duration FAILOVER_TIME = Duration.ofSeconds(10);

  private static final Duration LIMIT = Duration.ofMinutes(2);

  @Override
  public String description() {
    return "kill -9 of each worker and of all but one: the gap beyond the failover time; --peers:"
        + " KCL";
  }

  /** {@code --peers}: the KCL's leader is killed beside, on the same endpoints. */
  @Override
  public void run(List<String> arguments) throws Exception {
    boolean peers = arguments.equals(List.of("--peers"));
    if (!peers && !arguments.isEmpty()) {
      throw new IllegalArgumentException(
          "arguments are " + arguments + ": must be none or --peers");
    }
    try (LocalServices services =
        LocalServices.start(
            true,
            STREAM + ":" + SHARDS,
            PER_LEASE_STREAM + ":" + SHARDS,
            KclLeaderCrash.stream(SHARDS))) {
      if (!peers) {
        crashBoth(services);
        return;
      }
      try (KclLeaderCrash kcl =
          new KclLeaderCrash(services, Fleet.POLL_INTERVAL, RECORDS_PER_SECOND)) {
        // It takes longer than both of ours, which are measured meanwhile.
        CompletableFuture<Double> gap = kcl.measure();
        crashBoth(services);
        Figures.print(
            "failover.kcl_leader_gap_minus_failover_time_s",
            gap.join() - FAILOVER_TIME.toSeconds());
      }
    }
  }

  private static void crashBoth(LocalServices services) throws InterruptedException {
    crash(services, Job.Library.MILLRACE, STREAM, "");
    crash(services, Job.Library.MILLRACE_PER_LEASE, PER_LEASE_STREAM, ".per_lease");
  }

  private static void crash(LocalServices services, Job.Library library, String stream, String mode)
      throws InterruptedException {
    Deliveries deliveries = new Deliveries();
    try (Traffic traffic = new Traffic(services.client(), stream, deliveries);
        Fleet fleet =
            Fleet.ofMillrace(library, services, stream, Fleet.POLL_INTERVAL, deliveries)) {
      traffic.start(RECORDS_PER_SECOND);
      for (int i = 0; i < WORKERS; i++) {
        fleet.startOne();
      }
      fleet.awaitRest(SHARDS, LIMIT);
      double longest = 0;
      List<WorkerProcess> first = fleet.workers();
      for (WorkerProcess victim : first) {
        longest = Math.max(longest, kill(List.of(victim), fleet, deliveries));
        fleet.startOne();
        fleet.awaitRest(SHARDS, LIMIT);
      }
      longest = Math.max(longest, kill(fleet.workers().subList(1, WORKERS), fleet, deliveries));
      traffic.stop();
      Clock.await("every record is delivered", LIMIT, () -> deliveries.missing() == 0);
      Figures.print(
          "failover.max_gap_minus_failover_time_s" + mode, longest - FAILOVER_TIME.toSeconds());
      Figures.print("failover.duplicates" + mode, (double) deliveries.duplicates());
    }
  }

  private static double kill(List<WorkerProcess> victims, Fleet fleet, Deliveries deliveries)
      throws InterruptedException {
    List<String> names = victims.stream().map(WorkerProcess::name).toList();
    long killedMicros = Clock.nowMicros();
    for (WorkerProcess victim : victims) {
      victim.close();
    }
    for (WorkerProcess victim : victims) {
      victim.kill();
    }
    TimeUnit.SECONDS.sleep(1);
    fleet.awaitRest(SHARDS, LIMIT);
    List<Handover> handovers = new ArrayList<>();
    for (Handover handover : deliveries.handovers(killedMicros)) {
      if (names.contains(handover.from())) {
        handovers.add(handover);
      }
    }
    if (handovers.isEmpty()) {
      throw new IllegalStateException("nobody took over from " + names);
    }
    handovers.forEach(DeployBenchmark::print);
    double longest = handovers.stream().mapToDouble(Handover::gapSeconds).max().orElseThrow();
    System.out.printf(Locale.ROOT, "killed %s: longest gap %.2f s%n", names, longest);
    return longest;
  }
}
