package io.millrace.benchmarks.consumer;

import io.millrace.benchmarks.Benchmark;
import io.millrace.benchmarks.Figures;
import io.millrace.benchmarks.consumer.reader.Clients;
import io.millrace.benchmarks.consumer.reader.Latency;
import io.millrace.benchmarks.consumer.reader.Source;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * From the put of a single record to its handler: Millrace and the KCL, polling and enhanced
 * fan-out, all on the same records. The KCL polls once at its default of 1.5 s between reads, and
 * once at the least it takes, 200 ms.
 */
public final class LatencyBenchmark implements Benchmark {
  private static final String STREAM = "benchmark";
  private static final int SHARDS = 4;
  private static final int RECORDS = 600;
  private static final int MAX_PAUSE_MILLIS = 100;

  private static final List<String> ROLES =
      List.of(
          "kcl-polling", "kcl-polling-200", "kcl-fan-out", "millrace-polling", "millrace-fan-out");

  @Override
  public String description() {
    return "time from put to handler of Millrace and KCL, polling and fan-out";
  }

  @Override
  public void run(List<String> arguments) throws Exception {
    try (Endpoints endpoints = new Endpoints("--stream", STREAM + ":" + SHARDS)) {
      Source source = endpoints.source(STREAM, SHARDS);
      Map<String, ReaderProcess> readers = new LinkedHashMap<>();
      for (String role : ROLES) {
        if (arguments.isEmpty() || arguments.contains(role)) {
          readers.put(role, endpoints.start(role, source));
        }
      }
      try (KinesisAsyncClient client = Clients.kinesis(source)) {
        Putter putter = new Putter(client);
        putter.warmUpUntilStarted(readers);
        putter.put(true, RECORDS);
      }
      print(readers, arguments.isEmpty());
    }
  }

  private static void print(Map<String, ReaderProcess> readers, boolean figures) throws Exception {
    System.out.printf(
        "%-18s %8s %10s %10s %10s%n", "consumer", "records", "p50 ms", "p99 ms", "max");
    for (Map.Entry<String, ReaderProcess> reader : readers.entrySet()) {
      String answer = reader.getValue().ask(Integer.toString(RECORDS));
      double[] millis =
          Arrays.stream(answer.split(" ", -1))
              .mapToDouble(micros -> Long.parseLong(micros) / 1e3)
              .sorted()
              .toArray();
      double p50 = millis[millis.length / 2];
      double p99 = millis[millis.length * 99 / 100];
      System.out.printf(
          Locale.ROOT,
          "%-18s %8d %10.1f %10.1f %10.1f%n",
          reader.getKey(),
          millis.length,
          p50,
          p99,
          millis[millis.length - 1]);
      if (figures) {
        String name = reader.getKey().replace("millrace-", "").replace('-', '_');
        Figures.print("consumer_latency." + name + "_p50_ms", p50);
        Figures.print("consumer_latency." + name + "_p99_ms", p99);
      }
    }
  }

  /** Puts single records, at times that follow no consumer's rhythm. Confined to one thread. */
  private static final class Putter {
    private final KinesisAsyncClient client;
    private final RandomGenerator random = new SplittableRandom(1);

    Putter(KinesisAsyncClient client) {
      this.client = client;
    }

    void warmUpUntilStarted(Map<String, ReaderProcess> readers) throws Exception {
      AtomicBoolean started = new AtomicBoolean();
      Thread waiter =
          new Thread(
              () -> {
                try {
                  for (ReaderProcess reader : readers.values()) {
                    reader.ask("started");
                  }
                } catch (Exception e) {
                  System.err.println("a consumer did not start: " + e.getMessage());
                } finally {
                  started.set(true);
                }
              });
      waiter.start();
      while (!started.get()) {
        put(false, 20);
      }
      waiter.join();
      put(false, 100);
    }

    void put(boolean counts, int records) throws InterruptedException {
      for (int i = 0; i < records; i++) {
        Thread.sleep(random.nextInt(MAX_PAUSE_MILLIS));
        String key = "user-" + random.nextInt(10_000);
        byte[] data = Latency.data(counts, System.nanoTime());
        client
            .putRecord(
                request ->
                    request
                        .streamName(STREAM)
                        .partitionKey(key)
                        .data(SdkBytes.fromByteArrayUnsafe(data)))
            .join();
      }
    }
  }
}
