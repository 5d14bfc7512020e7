package io.millrace.benchmarks;

import io.millrace.aggregation.AggregateEncoder;
import io.millrace.aggregation.AggregateEncoder.AddResult;
import io.millrace.aggregation.Headers;
import io.millrace.testkit.KinesisServerProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/**
 * How much the testkit's endpoint takes in a JVM of its own, over TLS, from the bare SDK: the
 * ceiling of every benchmark that runs against it. Client and endpoint share the machine, so the
 * endpoint's own ceiling is its rate divided by the share of a core that it used.
 */
final class TestkitBenchmark implements Benchmark {
  private static final String STREAM = "load";
  private static final int SHARDS = 8;
  private static final int IN_FLIGHT = 16;
  private static final long WINDOW_MILLIS = 5_000;
  private static final int MAX_WARM_UP_WINDOWS = 18;

  /** Warm is an endpoint whose CPU per request falls by less than this from window to window. */
  private static final double STEADY = 0.9;

  private static final int DATA_BYTES = 100;
  private static final int MAX_AGGREGATE_BYTES = 51_200;
  private static final int AGGREGATES_PER_REQUEST = 10;
  private static final int PLAIN_PER_REQUEST = 500;
  private static final double NANOS_PER_SECOND = 1e9;

  /** Requests that are alike but for their keys. */
  private record Workload(
      String name, List<PutRecordsRequest> requests, int kinesisRecords, int userRecords) {}

  /** What the endpoint did in some seconds. */
  private record Window(long requests, long cpuNanos, long nanos) {
    double cpuPerRequest() {
      return (double) cpuNanos / Math.max(1, requests);
    }

    Window plus(Window other) {
      return new Window(requests + other.requests, cpuNanos + other.cpuNanos, nanos + other.nanos);
    }
  }

  /** Per second of the measured time. */
  private record Result(double kinesisRecords, double userRecords, double cores) {
    double cpuMicrosPerKinesisRecord() {
      return cores * 1e6 / kinesisRecords;
    }
  }

  @Override
  public String description() {
    return "what the testkit's endpoint takes, and its CPU per record";
  }

  @Override
  public void run(List<String> arguments) throws Exception {
    RandomGenerator random = new SplittableRandom(1);
    System.out.printf(
        "%-22s %-6s %14s %14s %10s %14s%n",
        "workload", "mode", "user rec/s", "Kinesis rec/s", "cores", "us/Kinesis rec");
    Result aggregates = measure(aggregates(random), false);
    Result plain = measure(plain(random, DATA_BYTES), false);
    measure(plain(random, 10 * DATA_BYTES), false);
    measure(aggregates(random), true);
    measure(plain(random, DATA_BYTES), true);
    Figures.print("testkit.user_records_per_second", aggregates.userRecords());
    Figures.print("testkit.kinesis_records_per_second", plain.kinesisRecords());
    Figures.print("testkit.cpu_us_per_kinesis_record", plain.cpuMicrosPerKinesisRecord());
    Figures.print(
        "testkit.cpu_us_per_user_record", aggregates.cores() * 1e6 / aggregates.userRecords());
  }

  private static Result measure(Workload workload, boolean sink) throws Exception {
    List<String> flags =
        new ArrayList<>(
            List.of("--stream", STREAM + ":" + SHARDS, "--max-bytes-per-shard", "16777216"));
    if (sink) {
      flags.add("--sink");
    }
    try (KinesisServerProcess server =
            KinesisServerProcess.start(List.of("-Xms768m", "-Xmx768m"), flags);
        KinesisAsyncClient client = server.tlsClientBuilder().build()) {
      Result result = measure(workload, server, client);
      System.out.printf(
          Locale.ROOT,
          "%-22s %-6s %,14.0f %,14.0f %10.2f %14.2f%n",
          workload.name(),
          sink ? "sink" : "store",
          result.userRecords(),
          result.kinesisRecords(),
          result.cores(),
          result.cpuMicrosPerKinesisRecord());
      return result;
    }
  }

  private static Result measure(
      Workload workload, KinesisServerProcess server, KinesisAsyncClient client)
      throws InterruptedException {
    RandomGenerator random = new SplittableRandom(2);
    Load load =
        new Load(
            IN_FLIGHT,
            () -> put(client, workload.requests().get(random.nextInt(workload.requests().size()))));
    load.start();
    Window before = window(load, server);
    Window now = window(load, server);
    for (int i = 2;
        i < MAX_WARM_UP_WINDOWS && now.cpuPerRequest() < STEADY * before.cpuPerRequest();
        i++) {
      before = now;
      now = window(load, server);
    }
    Window measured = window(load, server).plus(window(load, server));
    load.stop();
    double seconds = measured.nanos() / NANOS_PER_SECOND;
    return new Result(
        measured.requests() * workload.kinesisRecords() / seconds,
        measured.requests() * workload.userRecords() / seconds,
        measured.cpuNanos() / NANOS_PER_SECOND / seconds);
  }

  private static Window window(Load load, KinesisServerProcess server) throws InterruptedException {
    long requests = load.done();
    long cpu = cpuNanos(server);
    long start = System.nanoTime();
    Thread.sleep(WINDOW_MILLIS);
    return new Window(load.done() - requests, cpuNanos(server) - cpu, System.nanoTime() - start);
  }

  private static CompletableFuture<Long> put(KinesisAsyncClient client, PutRecordsRequest request) {
    return client
        .putRecords(request)
        .thenApply(
            response -> {
              if (response.failedRecordCount() > 0) {
                throw new IllegalStateException("the endpoint refused records");
              }
              return 1L;
            });
  }

  private static long cpuNanos(KinesisServerProcess server) {
    return server.process().info().totalCpuDuration().orElseThrow().toNanos();
  }

  private static Workload aggregates(RandomGenerator random) {
    AggregateEncoder encoder = new AggregateEncoder(MAX_AGGREGATE_BYTES);
    byte[] data = new byte[DATA_BYTES];
    random.nextBytes(data);
    int key = 0;
    while (encoder.tryAdd("user-" + key % 100, null, data, Headers.NONE) == AddResult.ADDED) {
      key++;
    }
    int members = encoder.memberCount();
    byte[] aggregate = encoder.finish();
    return new Workload(
        "aggregates of 50 KB",
        requests(random, aggregate, AGGREGATES_PER_REQUEST),
        AGGREGATES_PER_REQUEST,
        AGGREGATES_PER_REQUEST * members);
  }

  private static Workload plain(RandomGenerator random, int dataBytes) {
    byte[] data = new byte[dataBytes];
    random.nextBytes(data);
    return new Workload(
        "plain of " + dataBytes + " bytes",
        requests(random, data, PLAIN_PER_REQUEST),
        PLAIN_PER_REQUEST,
        PLAIN_PER_REQUEST);
  }

  private static List<PutRecordsRequest> requests(RandomGenerator random, byte[] data, int size) {
    List<PutRecordsRequest> requests = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      List<PutRecordsRequestEntry> entries = new ArrayList<>();
      for (int entry = 0; entry < size; entry++) {
        entries.add(
            PutRecordsRequestEntry.builder()
                .partitionKey("key-" + random.nextInt(100_000))
                .data(SdkBytes.fromByteArrayUnsafe(data))
                .build());
      }
      requests.add(PutRecordsRequest.builder().streamName(STREAM).records(entries).build());
    }
    return requests;
  }
}
