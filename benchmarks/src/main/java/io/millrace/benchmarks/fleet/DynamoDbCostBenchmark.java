package io.millrace.benchmarks.fleet;

import io.millrace.benchmarks.Benchmark;
import io.millrace.benchmarks.Figures;
import io.millrace.benchmarks.fleet.CapacityMeter.Rates;
import io.millrace.benchmarks.fleet.CapacityMeter.Reading;
import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.ConsumerSettings.Heartbeats;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

/**
 * What ten workers with a thousand leases ask of DynamoDB in each second, in both heartbeat modes:
 * idle, and with a checkpoint of each shard every 5 s, the default. Counted at the client, in the
 * units that DynamoDB Local says were consumed.
 */
public final class DynamoDbCostBenchmark implements Benchmark {
  private static final String STREAM = "cost";
  private static final int SHARDS = 1_000;
  private static final int WORKERS = 10;
  private static final Duration POLL_INTERVAL = Duration.ofSeconds(4);
  private static final Duration LIMIT = Duration.ofMinutes(3);

  /** Two audits of a fleet, which comes every 30 s. */
  private static final Duration IDLE = Duration.ofSeconds(60);

  private static final Duration BUSY = Duration.ofSeconds(20);
  private static final long REST_SECONDS = 8;

  @Override
  public String description() {
    return "requests and capacity units per second, 10 workers and 1,000 leases, both modes";
  }

  @Override
  public void run(List<String> arguments) throws Exception {
    Deliveries deliveries = new Deliveries();
    try (LocalServices services = LocalServices.start(false, STREAM + ":" + SHARDS)) {
      System.out.printf(
          "%-28s %10s %12s %10s %12s%n", "", "writes/s", "write units", "reads/s", "read units");
      measure(services, Heartbeats.PER_WORKER, "per_worker", deliveries);
      measure(services, Heartbeats.PER_LEASE, "per_lease", deliveries);
    }
  }

  private static void measure(
      LocalServices services, Heartbeats heartbeats, String mode, Deliveries deliveries)
      throws Exception {
    CapacityMeter meter = new CapacityMeter();
    LongAdder delivered = new LongAdder();
    List<StreamConsumer> workers = new ArrayList<>();
    List<DynamoDbAsyncClient> clients = new ArrayList<>();
    try (Traffic traffic = new Traffic(services.client(), STREAM, deliveries)) {
      for (int i = 0; i < WORKERS; i++) {
        // One for each: ten workers that start would queue for the connections of a single one.
        DynamoDbAsyncClient dynamoDb = client(services, meter);
        clients.add(dynamoDb);
        workers.add(worker(services, dynamoDb, heartbeats, "cost-" + mode, i, delivered));
      }
      workers.forEach(worker -> worker.start().join());
      awaitRest(workers);

      Rates idle = rates(meter, IDLE);
      print(mode + ", idle", idle);
      traffic.start(1);
      TimeUnit.SECONDS.sleep(REST_SECONDS);
      Rates busy = rates(meter, BUSY);
      traffic.stop();
      print(mode + ", with checkpoints", busy);
      if (held(workers) != SHARDS || delivered.sum() == 0) {
        throw new IllegalStateException("leases were lost meanwhile, or nothing was delivered");
      }
      Figures.print("dynamodb.writes_per_second." + mode, idle.writes());
      Figures.print("dynamodb.read_units_per_second." + mode, idle.readUnits());
      Figures.print("dynamodb.writes_per_second_with_checkpoints." + mode, busy.writes());
      Figures.print("dynamodb.read_units_per_second_with_checkpoints." + mode, busy.readUnits());
      List<CompletableFuture<Void>> ends = new ArrayList<>();
      for (StreamConsumer worker : workers) {
        ends.add(CompletableFuture.runAsync(() -> worker.close(Duration.ofSeconds(1))));
      }
      CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new))
          .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } finally {
      clients.forEach(DynamoDbAsyncClient::close);
    }
  }

  private static DynamoDbAsyncClient client(LocalServices services, CapacityMeter meter) {
    return DynamoDbAsyncClient.builder()
        .endpointOverride(services.dynamoDb())
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("cost", "cost")))
        .overrideConfiguration(c -> c.addExecutionInterceptor(meter))
        .build();
  }

  private static StreamConsumer worker(
      LocalServices services,
      DynamoDbAsyncClient dynamoDb,
      Heartbeats heartbeats,
      String application,
      int number,
      LongAdder delivered) {
    return StreamConsumer.builder(
            application, services.client(), DynamoDbLeaseStore.create(dynamoDb))
        .stream(STREAM, StartAt.trimHorizon())
        .settings(
            ConsumerSettings.builder()
                .workerId("worker-" + number)
                .heartbeats(heartbeats)
                .idlePollInterval(POLL_INTERVAL)
                .build())
        .onRecord(record -> delivered.increment())
        .build();
  }

  /** Every lease is held, and none has moved for some seconds. */
  private static void awaitRest(List<StreamConsumer> workers) throws InterruptedException {
    List<Integer> before = List.of();
    long restSinceNanos = System.nanoTime();
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() - restSinceNanos < TimeUnit.SECONDS.toNanos(REST_SECONDS)) {
      TimeUnit.MILLISECONDS.sleep(100);
      List<Integer> now = workers.stream().map(worker -> worker.shards().size()).toList();
      if (!now.equals(before) || held(workers) != SHARDS) {
        restSinceNanos = System.nanoTime();
      }
      before = now;
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("the fleet does not come to rest: " + now);
      }
    }
    System.out.println("leases of each worker: " + before);
  }

  private static int held(List<StreamConsumer> workers) {
    return workers.stream().mapToInt(worker -> worker.shards().size()).sum();
  }

  private static Rates rates(CapacityMeter meter, Duration time) throws InterruptedException {
    Reading before = meter.read();
    TimeUnit.MILLISECONDS.sleep(time.toMillis());
    return meter.read().since(before);
  }

  private static void print(String what, Rates rates) {
    System.out.printf(
        Locale.ROOT,
        "%-28s %10.2f %12.2f %10.2f %12.2f  %s%n",
        what,
        rates.writes(),
        rates.writeUnits(),
        rates.reads(),
        rates.readUnits(),
        rates.calls());
  }
}
