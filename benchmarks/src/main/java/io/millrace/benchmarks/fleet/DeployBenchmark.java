package io.millrace.benchmarks.fleet;

import io.millrace.benchmarks.Benchmark;
import io.millrace.benchmarks.Figures;
import io.millrace.benchmarks.fleet.Deliveries.Handover;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A deploy of a fleet of three: stop one by SIGTERM, start one, and so on until all are new. The
 * gap is the greatest, over all changes of a shard's owner, from the old one's last delivery to the
 * new one's first.
 */
public final class DeployBenchmark implements Benchmark {
  private static final String STREAM = "deploy";
  private static final int SHARDS = 6;
  private static final int WORKERS = 3;
  private static final double RECORDS_PER_SECOND = 50;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration STEADY = Duration.ofSeconds(5);

  @Override
  public String description() {
    return "stop one, start one, three times: the longest gap of a shard, and duplicates";
  }

  @Override
  public void run(List<String> arguments) throws Exception {
    Deliveries deliveries = new Deliveries();
    try (LocalServices services = LocalServices.start(true, STREAM + ":" + SHARDS);
        Traffic traffic = new Traffic(services.client(), STREAM, deliveries);
        Fleet fleet = Fleet.ofMillrace(services, STREAM, Fleet.POLL_INTERVAL, deliveries)) {
      traffic.start(RECORDS_PER_SECOND);
      for (int i = 0; i < WORKERS; i++) {
        fleet.startOne();
      }
      fleet.awaitRest(SHARDS, LIMIT);
      TimeUnit.SECONDS.sleep(STEADY.toSeconds());

      long duplicatesBefore = deliveries.duplicates();
      long begunMicros = Clock.nowMicros();
      for (WorkerProcess old : fleet.workers()) {
        long stopMicros = Clock.nowMicros();
        old.terminate();
        System.out.printf(
            Locale.ROOT,
            "%-20s ended after %.2f s%n",
            old.name(),
            Clock.secondsBetween(stopMicros, Clock.nowMicros()));
        fleet.startOne();
        fleet.awaitRest(SHARDS, LIMIT);
      }
      traffic.stop();
      Clock.await("every record is delivered", LIMIT, () -> deliveries.missing() == 0);

      List<Handover> handovers = deliveries.handovers(begunMicros);
      if (handovers.size() < WORKERS) {
        throw new IllegalStateException("a deploy with " + handovers.size() + " changes of owner");
      }
      handovers.forEach(DeployBenchmark::print);
      Figures.print(
          "deploy.max_gap_s",
          handovers.stream().mapToDouble(Handover::gapSeconds).max().orElseThrow());
      Figures.print("deploy.duplicates", (double) (deliveries.duplicates() - duplicatesBefore));
    }
  }

  static void print(Handover handover) {
    System.out.printf(
        Locale.ROOT,
        "%s from %s to %s: %6.3f s%n",
        handover.shard(),
        handover.from(),
        handover.to(),
        handover.gapSeconds());
  }
}
