package io.millrace.benchmarks.fleet;

import io.millrace.benchmarks.Figures;
import io.millrace.benchmarks.fleet.Deliveries.Handover;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Two workers of the KCL on the same endpoints, of which the leader is killed once both deliver.
 * The KCL takes a minute and a half to start and more than two to get over its leader, so it starts
 * with the benchmark, and what it takes is given as a lower bound when the time is over. Used by
 * one thread.
 */
final class KclLeaderCrash implements AutoCloseable {
  private static final String STREAM = "failover-kcl";
  private static final int WORKERS = 2;

  /** From the start of the benchmark, which has five minutes. */
  private static final Duration OVER_AFTER = Duration.ofSeconds(285);

  private static final Duration NO_LONGER_ALL_AFTER = Duration.ofMinutes(2);

  private final long begunMicros = Clock.nowMicros();
  private final LocalServices services;
  private final Deliveries deliveries = new Deliveries();
  private final Traffic traffic;
  private final Fleet fleet;

  /** The stream to create, as {@code name:shards}. */
  static String stream(int shards) {
    return STREAM + ":" + shards;
  }

  KclLeaderCrash(LocalServices services, Duration pollInterval, double recordsPerSecond) {
    this.services = services;
    traffic = new Traffic(services.client(), STREAM, deliveries);
    fleet = Fleet.ofKcl(services, STREAM, pollInterval, deliveries);
    traffic.start(recordsPerSecond);
    for (int i = 0; i < WORKERS; i++) {
      fleet.startOne();
    }
  }

  /** Waits until both deliver, kills the leader, and tells how long its shards stood still. */
  void measure(Duration failoverTime) throws InterruptedException {
    boolean all = Clock.isSoWithin(left(NO_LONGER_ALL_AFTER), () -> lately().size() == WORKERS);
    System.out.printf(
        Locale.ROOT,
        "KCL: %d of %d workers deliver after %.0f s%n",
        lately().size(),
        WORKERS,
        Clock.secondsBetween(begunMicros, Clock.nowMicros()));
    WorkerProcess leader = leader();
    if (!all && !lately().contains(leader.name())) {
      throw new IllegalStateException("the KCL's leader delivers nothing yet");
    }
    long killedMicros = Clock.nowMicros();
    leader.kill();
    boolean over =
        Clock.isSoWithin(left(OVER_AFTER), () -> longest(leader, killedMicros).isPresent());
    double seconds =
        over
            ? longest(leader, killedMicros).orElseThrow()
            : Clock.secondsBetween(killedMicros, Clock.nowMicros());
    System.out.printf(
        Locale.ROOT,
        "KCL: killed its leader: longest gap %s%.1f s%n",
        over ? "" : "more than ",
        seconds);
    Figures.print(
        "failover.kcl_leader_gap_minus_failover_time_s", seconds - failoverTime.toSeconds());
  }

  private Duration left(Duration untilSinceBegin) {
    double passed = Clock.secondsBetween(begunMicros, Clock.nowMicros());
    return Duration.ofMillis((long) Math.max(0, untilSinceBegin.toMillis() - 1_000 * passed));
  }

  private Set<String> lately() {
    return deliveries.workers(Clock.nowMicros() - 2_000_000);
  }

  private OptionalDouble longest(WorkerProcess dead, long killedMicros) {
    List<Handover> handovers = deliveries.handovers(killedMicros);
    return handovers.stream()
        .filter(handover -> handover.from().equals(dead.name()))
        .mapToDouble(Handover::gapSeconds)
        .max();
  }

  /** Whoever holds the KCL's lock. */
  private WorkerProcess leader() {
    try (DynamoDbAsyncClient dynamoDb = services.newDynamoDbClient()) {
      Map<String, AttributeValue> lock =
          dynamoDb
              .getItem(
                  r ->
                      r.tableName(fleet.application() + "-CoordinatorState")
                          .key(Map.of("key", AttributeValue.fromS("Leader")))
                          .consistentRead(true))
              .join()
              .item();
      String name = Optional.ofNullable(lock.get("ownerName")).map(AttributeValue::s).orElse("");
      return fleet.workers().stream()
          .filter(worker -> worker.name().equals(name))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("the KCL has no leader yet: " + name));
    }
  }

  @Override
  public void close() {
    fleet.close();
    traffic.close();
  }
}
