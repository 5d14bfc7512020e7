package io.millrace.integration.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.metrics.cloudwatch.CloudWatchMeterRegistry;
import io.millrace.metrics.cloudwatch.KclNaming;
import io.millrace.metrics.cloudwatch.KplNaming;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.StreamProducer;
import io.millrace.testkit.KinesisServer;
import io.millrace.testkit.cloudwatch.MetricDatum;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** Meters of the real producer and consumer, by HTTP, as CloudWatch would see them. */
class CloudWatchNamesTest {
  private static final int RECORDS = 500;
  private static final byte[] DATA = new byte[100];

  private KinesisServer server;
  private KinesisAsyncClient kinesis;
  private CloudWatchAsyncClient cloudWatch;

  @BeforeEach
  void start() {
    server = KinesisServer.start();
    server.createStream("clicks", 2);
    kinesis = server.newClient();
    cloudWatch =
        CloudWatchAsyncClient.builder()
            .endpointOverride(server.endpoint())
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
            .build();
  }

  @AfterEach
  void stop() {
    cloudWatch.close();
    kinesis.close();
    server.close();
  }

  @Test
  void aProducersMetersArriveUnderTheNamesOfTheKpl() {
    CloudWatchMeterRegistry registry =
        CloudWatchMeterRegistry.builder(cloudWatch, KplNaming.NAMESPACE)
            .naming(KplNaming.of(KplNaming.Level.DETAILED, KplNaming.Granularity.STREAM))
            .dimension("Host", "h-1")
            .build();

    put(registry);
    close(registry, "UserRecordsPut");

    assertThat(server.cloudWatch().data())
        .extracting(MetricDatum::namespace)
        .containsOnly("KinesisProducerLibrary");
    for (Map<String, String> dimensions :
        List.of(Map.of("Host", "h-1"), Map.of("StreamName", "clicks", "Host", "h-1"))) {
      assertThat(samplesOf("UserRecordsPut", dimensions)).isEqualTo(RECORDS);
      assertThat(sumOf("UserRecordsPut", dimensions)).isEqualTo(RECORDS);
      assertThat(sumOf("UserRecordsReceived", dimensions)).isEqualTo(RECORDS);
      assertThat(sumOf("UserRecordsPerKinesisRecord", dimensions)).isEqualTo(RECORDS);
      assertThat(sumOf("KinesisRecordsPut", dimensions))
          .isEqualTo(samplesOf("UserRecordsPerKinesisRecord", dimensions));
      assertThat(sumOf("KinesisRecordsPerPutRecordsRequest", dimensions))
          .isEqualTo(sumOf("KinesisRecordsPut", dimensions));
      assertThat(samplesOf("RequestTime", dimensions)).isPositive();
    }
    assertThat(named("RequestTime")).extracting(MetricDatum::unit).containsOnly("Milliseconds");
    assertThat(named("UserRecordsPut")).extracting(MetricDatum::unit).containsOnly("Count");
    assertThat(registry.failedRequests()).isZero();
  }

  @Test
  void aConsumersMetersArriveUnderTheNamesOfTheKclThoughItsLeasesAreGone() throws Exception {
    CloudWatchMeterRegistry registry =
        CloudWatchMeterRegistry.builder(cloudWatch, "report")
            .naming(KclNaming.ofOneStream())
            .build();
    put(null);
    CountDownLatch left = new CountDownLatch(RECORDS);
    StreamConsumer consumer =
        StreamConsumer.builder("report", kinesis, new InMemoryLeaseStore()).stream(
                "clicks", StartAt.trimHorizon())
            .onRecord(record -> left.countDown())
            .meterRegistry(registry)
            .build();
    consumer.start().join();
    assertThat(left.await(90, TimeUnit.SECONDS)).isTrue();

    // The leases go, and with them the meters, before anything was published.
    assertThat(consumer.close(Duration.ofSeconds(60))).isTrue();
    close(registry, "RecordsProcessed");

    double processed = 0;
    double bytes = 0;
    double calls = 0;
    for (String shard : List.of("shardId-000000000000", "shardId-000000000001")) {
      Map<String, String> dimensions = Map.of("Operation", "ProcessTask", "ShardId", shard);
      processed += sumOf("RecordsProcessed", dimensions);
      bytes += sumOf("DataBytesProcessed", dimensions);
      calls += sumOf("Success", dimensions);
    }
    assertThat(processed).isEqualTo(RECORDS);
    assertThat(bytes).isEqualTo(RECORDS * DATA.length);
    assertThat(calls).isEqualTo(RECORDS);
    assertThat(named("DataBytesProcessed")).extracting(MetricDatum::unit).containsOnly("Bytes");
  }

  @Test
  void aCloudWatchThatFailsCostsNoRecord() {
    server.cloudWatch().failNext(Integer.MAX_VALUE);
    CloudWatchMeterRegistry registry =
        CloudWatchMeterRegistry.builder(cloudWatch, KplNaming.NAMESPACE)
            .naming(KplNaming.of(KplNaming.Level.DETAILED, KplNaming.Granularity.SHARD))
            .build();

    put(registry);
    registry.close();

    TestStream.await("the failure is counted", () -> registry.failedRequests() > 0);
    assertThat(server.cloudWatch().data()).isEmpty();
  }

  /** Close waits for a few seconds only until the last request is answered. */
  private void close(CloudWatchMeterRegistry registry, String wanted) {
    registry.close();
    TestStream.await(
        "the last request has arrived",
        () -> !server.cloudWatch().data(datum -> datum.name().equals(wanted)).isEmpty());
  }

  private void put(@Nullable CloudWatchMeterRegistry registry) {
    // No request that a busy machine delays is sent twice: the counts are exact.
    StreamProducer.Builder builder =
        StreamProducer.builder(kinesis)
            .settings(ProducerSettings.builder().requestTimeout(Duration.ofSeconds(60)).build());
    if (registry != null) {
      builder.meterRegistry(registry);
    }
    try (StreamProducer producer = builder.build()) {
      List<?> results =
          IntStream.range(0, RECORDS)
              .mapToObj(i -> producer.put("clicks", "user-" + i, DATA))
              .toList()
              .stream()
              .map(future -> future.join())
              .toList();
      assertThat(results).hasSize(RECORDS);
    }
  }

  private List<MetricDatum> named(String name) {
    List<MetricDatum> data = server.cloudWatch().data(datum -> datum.name().equals(name));
    assertThat(data).as(name).isNotEmpty();
    return data;
  }

  private double sumOf(String name, Map<String, String> dimensions) {
    return server
        .cloudWatch()
        .data(datum -> datum.name().equals(name) && datum.dimensions().equals(dimensions))
        .stream()
        .mapToDouble(
            datum ->
                datum.statistics() == null
                    ? Objects.requireNonNull(datum.value())
                    : datum.statistics().sum())
        .sum();
  }

  private double samplesOf(String name, Map<String, String> dimensions) {
    return server
        .cloudWatch()
        .data(datum -> datum.name().equals(name) && datum.dimensions().equals(dimensions))
        .stream()
        .mapToDouble(datum -> datum.statistics() == null ? 1 : datum.statistics().sampleCount())
        .sum();
  }
}
