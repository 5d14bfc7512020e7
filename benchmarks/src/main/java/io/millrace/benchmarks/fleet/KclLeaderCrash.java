package io.millrace.benchmarks.fleet;

import io.millrace.benchmarks.fleet.Deliveries.Handover;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Two workers of the KCL on the same endpoints, of which the leader is killed once both deliver.
 * The KCL takes a minute and a half to start and more than two to get over its leader: what it
 * takes is given as a lower bound when the time is over. Used by one thread and the one that
 * measures.
 */
final class KclLeaderCrash implements AutoCloseable {
  private static final String STREAM = "failover-kcl";
  private static final int WORKERS = 2;
  private static final long LATELY_MICROS = 2_000_000;

  private static final Duration BOTH_DELIVER_AFTER = Duration.ofMinutes(5);
  private static final Duration OVER_AFTER = Duration.ofMinutes(4);

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

  /**
   * Waits until both deliver, and kills the leader.
   *
   * @return for how many seconds its shards stood still, or at least did
   */
  CompletableFuture<Double> measure() {
    CompletableFuture<Double> gap = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                gap.complete(crash());
              } catch (InterruptedException | RuntimeException e) {
                gap.completeExceptionally(e);
              }
            },
            "kcl-crash");
    thread.setDaemon(true);
    thread.start();
    return gap;
  }

  private double crash() throws InterruptedException {
    long begunMicros = Clock.nowMicros();
    Clock.await("both workers deliver", BOTH_DELIVER_AFTER, () -> lately().size() == WORKERS);
    System.out.printf(
        Locale.ROOT,
        "KCL: both workers deliver after %.0f s%n",
        Clock.secondsBetween(begunMicros, Clock.nowMicros()));
    WorkerProcess leader = leader();
    long killedMicros = Clock.nowMicros();
    long shards =
        deliveries.owners(killedMicros - LATELY_MICROS).values().stream()
            .filter(leader.name()::equals)
            .count();
    leader.kill();
    boolean over = Clock.isSoWithin(OVER_AFTER, () -> gaps(leader, killedMicros).size() >= shards);
    double seconds =
        over
            ? Collections.max(gaps(leader, killedMicros))
            : Clock.secondsBetween(killedMicros, Clock.nowMicros());
    System.out.printf(
        Locale.ROOT,
        "KCL: killed its leader: longest gap %s%.1f s%n",
        over ? "" : "more than ",
        seconds);
    return seconds;
  }

  private Set<String> lately() {
    return deliveries.workers(Clock.nowMicros() - LATELY_MICROS);
  }

  /** How long each shard of the dead stood still that somebody has taken. */
  private List<Double> gaps(WorkerProcess dead, long killedMicros) {
    return deliveries.handovers(killedMicros).stream()
        .filter(handover -> handover.from().equals(dead.name()))
        .map(Handover::gapSeconds)
        .toList();
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
