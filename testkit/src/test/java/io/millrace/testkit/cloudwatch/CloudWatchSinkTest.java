package io.millrace.testkit.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.testkit.KinesisServer;
import io.millrace.testkit.cloudwatch.MetricDatum.Statistics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.cloudwatch.model.CloudWatchException;
import software.amazon.awssdk.services.cloudwatch.model.StandardUnit;

@SuppressWarnings("unchecked") // the client takes arrays of generic consumers
class CloudWatchSinkTest {
  private KinesisServer server;
  private CloudWatchAsyncClient client;

  @BeforeEach
  void start() {
    server = KinesisServer.start();
    client =
        CloudWatchAsyncClient.builder()
            .endpointOverride(server.endpoint())
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("id", "secret")))
            .build();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void keepsEveryFormOfADatum() {
    Instant time = Instant.parse("2026-02-03T04:05:06.789Z");
    List<MetricDatum> heard = new ArrayList<>();
    server.cloudWatch().onReceived(heard::add);

    client
        .putMetricData(
            r ->
                r.namespace("shop")
                    .metricData(
                        m ->
                            m.metricName("latency")
                                .dimensions(d -> d.name("shard").value("0"))
                                .timestamp(time)
                                .unit(StandardUnit.MILLISECONDS)
                                .storageResolution(1)
                                .statisticValues(
                                    s -> s.sampleCount(2.0).sum(7.5).minimum(3.0).maximum(4.5)),
                        m -> m.metricName("size").values(1.0, 2.5).counts(3.0, 4.0),
                        m -> m.metricName("count").value(17.0)))
        .join();

    List<MetricDatum> data = server.cloudWatch().data();
    assertThat(data)
        .containsExactly(
            new MetricDatum(
                "shop",
                "latency",
                Map.of("shard", "0"),
                time,
                null,
                new Statistics(2, 7.5, 3, 4.5),
                List.of(),
                List.of(),
                "Milliseconds",
                1),
            new MetricDatum(
                "shop",
                "size",
                Map.of(),
                null,
                null,
                null,
                List.of(1.0, 2.5),
                List.of(3.0, 4.0),
                null,
                null),
            new MetricDatum(
                "shop", "count", Map.of(), null, 17.0, null, List.of(), List.of(), null, null));
    assertThat(heard).isEqualTo(data);
  }

  @Test
  void largeRequestsComeCompressed() {
    client
        .putMetricData(
            r ->
                r.namespace("shop")
                    .metricData(
                        IntStream.range(0, 1000)
                            .mapToObj(
                                i ->
                                    software.amazon.awssdk.services.cloudwatch.model.MetricDatum
                                        .builder()
                                        .metricName("metric-" + i)
                                        .value((double) i)
                                        .build())
                            .toList()))
        .join();

    assertThat(server.cloudWatch().data(d -> d.name().equals("metric-999")))
        .singleElement()
        .satisfies(d -> assertThat(d.value()).isEqualTo(999));
    assertThat(server.cloudWatch().data()).hasSize(1000);
  }

  @Test
  void failsOnRequestAndKeepsNothing() {
    server.cloudWatch().failNext(10);

    assertThatThrownBy(
            () ->
                client
                    .putMetricData(
                        r -> r.namespace("shop").metricData(m -> m.metricName("a").value(1.0)))
                    .join())
        .cause()
        .isInstanceOfSatisfying(
            CloudWatchException.class, e -> assertThat(e.statusCode()).isEqualTo(500));
    assertThat(server.cloudWatch().data()).isEmpty();
    assertThat(server.cloudWatch().requests()).isPositive();
  }

  @Test
  void keepsTheNewestBeyondItsCapacity() {
    CloudWatchSink sink = new CloudWatchSink();
    MetricDatum first = datum("first");
    MetricDatum other = datum("other");
    sink.receive(List.of(first));
    sink.receive(Collections.nCopies(CloudWatchSink.CAPACITY, other));

    assertThat(sink.data()).hasSize(CloudWatchSink.CAPACITY).doesNotContain(first);
  }

  private static MetricDatum datum(String name) {
    return new MetricDatum("n", name, Map.of(), null, 1.0, null, List.of(), List.of(), null, null);
  }
}
