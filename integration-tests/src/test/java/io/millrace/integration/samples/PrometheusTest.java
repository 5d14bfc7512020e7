package io.millrace.integration.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.TestStream;
import io.millrace.samples.prometheus.Prometheus;
import io.millrace.testkit.KinesisServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PrometheusTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final KinesisServer server = KinesisServer.start();
  private final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void prometheusFindsTheMetersOfTheProducerAndOfEachShard() throws Exception {
    server.createStream("clicks", 2);
    try (SampleProcess sample =
        SampleProcess.start(
            Prometheus.class, SampleProcess.environmentFor(server.endpoint()), "clicks")) {
      URI page = URI.create(sample.awaitLine(line -> line.startsWith("http://"), LIMIT));
      for (String wanted :
          new String[] {
            "millrace_producer_buffer_used_bytes",
            "millrace_producer_records_stored_total{shard=\"shardId-000000000000\",stream=\"clicks\"}",
            "millrace_producer_records_stored_total{shard=\"shardId-000000000001\",stream=\"clicks\"}",
            "millrace_producer_record_latency_seconds{stream=\"clicks\",quantile=\"0.99\"}",
            "millrace_producer_rate_factor{shard=\"shardId-000000000000\",stream=\"clicks\"}",
          }) {
        TestStream.await("the page has " + wanted, LIMIT, () -> scrape(page).contains(wanted));
      }
      sample.type("");
      assertThat(sample.exitStatus(LIMIT)).as(sample.output()).isZero();
    }
  }

  private String scrape(URI page) {
    try {
      return http.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
