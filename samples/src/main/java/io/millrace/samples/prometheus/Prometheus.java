package io.millrace.samples.prometheus;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.millrace.producer.KinesisClients;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.MeterLevel;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.StreamProducer;
import io.millrace.producer.UserRecord;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * A producer whose meters, those of each shard among them, Prometheus scrapes from the address that
 * it prints: puts 1,000 records a second until Enter is pressed or its input ends.
 */
public final class Prometheus {
  private static final int PUTS_PER_TICK = 100;

  private Prometheus() {}

  public static void main(String[] args) throws IOException {
    String stream = args[0];
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    HttpServer http = serve(registry);
    ScheduledExecutorService traffic = Executors.newSingleThreadScheduledExecutor();
    try (KinesisAsyncClient kinesis = KinesisClients.tune(KinesisAsyncClient.builder()).build();
        StreamProducer producer =
            StreamProducer.builder(kinesis)
                .settings(ProducerSettings.builder().meterLevel(MeterLevel.SHARD).build())
                .meterRegistry(registry)
                .build()) {
      ScheduledFuture<?> putting =
          traffic.scheduleAtFixedRate(
              () -> putSome(producer, stream), 0, 100, TimeUnit.MILLISECONDS);
      try {
        int unused = System.in.read();
      } finally {
        putting.cancel(false);
        traffic.shutdownNow();
      }
    } finally {
      http.stop(0);
    }
  }

  private static HttpServer serve(PrometheusMeterRegistry registry) throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/metrics", exchange -> answer(exchange, registry.scrape()));
    http.start();
    System.out.println("http://localhost:" + http.getAddress().getPort() + "/metrics");
    return http;
  }

  private static void answer(HttpExchange exchange, String page) throws IOException {
    byte[] body = page.getBytes(UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static void putSome(StreamProducer producer, String stream) {
    for (int i = 0; i < PUTS_PER_TICK; i++) {
      UserRecord record = UserRecord.of("user-" + i, new byte[100]);
      producer.put(stream, record, (result, failure) -> report(failure));
    }
  }

  private static void report(@Nullable PutFailedException failure) {
    if (failure != null) {
      System.err.println(failure.getMessage());
    }
  }
}
