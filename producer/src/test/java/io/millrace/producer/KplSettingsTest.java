package io.millrace.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.producer.KplSettings.Difference;
import io.millrace.producer.KplSettings.Kind;
import io.millrace.producer.ProducerSettings.Aggregation;
import io.millrace.producer.ProducerSettings.Distribution;
import io.millrace.producer.ProducerSettings.MeterLevel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class KplSettingsTest {
  /** Every property of the KPL 1.1.1 that its files can set. */
  private static final List<String> KPL_PROPERTIES =
      List.of(
          "aggregationEnabled",
          "aggregationMaxCount",
          "aggregationMaxSize",
          "collectionMaxCount",
          "collectionMaxSize",
          "recordMaxBufferedTime",
          "recordTtl",
          "requestTimeout",
          "connectTimeout",
          "rateLimit",
          "failIfThrottled",
          "maxConnections",
          "minConnections",
          "maxUserRecordSize",
          "userRecordTimeoutInMillis",
          "enableOldestFutureTracker",
          "returnUserRecordOnFailure",
          "enableDaemonHealthCheck",
          "daemonHealthCheckTimeoutMs",
          "threadingModel",
          "threadPoolSize",
          "credentialsRefreshDelay",
          "region",
          "kinesisEndpoint",
          "kinesisPort",
          "cloudwatchEndpoint",
          "cloudwatchPort",
          "stsEndpoint",
          "stsPort",
          "verifyCertificate",
          "caCertPath",
          "caCertFile",
          "proxyHost",
          "proxyPort",
          "proxyUserName",
          "proxyPassword",
          "nativeExecutable",
          "tempDirectory",
          "enableCoreDumps",
          "logLevel",
          "metricsLevel",
          "metricsGranularity",
          "metricsNamespace",
          "metricsUploadDelay",
          "glueSchemaRegistryPropertiesFilePath",
          "describeStreamSummaryIntervalMs",
          "recordDistributionStrategyDefault");

  @Test
  void whatHasACounterpartIsCarriedOver() {
    KplSettings kpl =
        read(
            Map.ofEntries(
                Map.entry("AggregationEnabled", "false"),
                Map.entry("AggregationMaxCount", "4294967295"),
                Map.entry("AggregationMaxSize", "40000"),
                Map.entry("CollectionMaxCount", "100"),
                Map.entry("CollectionMaxSize", "1000000"),
                Map.entry("RecordMaxBufferedTime", "250"),
                Map.entry("RecordTtl", "60000"),
                Map.entry("RequestTimeout", "3000"),
                Map.entry("RateLimit", "50"),
                Map.entry("FailIfThrottled", "true"),
                Map.entry("MetricsGranularity", "global"),
                Map.entry("DescribeStreamSummaryIntervalMs", "60000"),
                Map.entry("RecordDistributionStrategyDefault", "USER_PARTITION_KEY")));
    assertThat(kpl.settings().toString())
        .isEqualTo(
            ProducerSettings.builder()
                .aggregation(Aggregation.OFF)
                .aggregateMaxBytes(40_000)
                .requestMaxRecords(100)
                .requestMaxBytes(1_000_000)
                .linger(Duration.ofMillis(250))
                .deliveryTimeout(Duration.ofSeconds(60))
                .requestTimeout(Duration.ofSeconds(3))
                .shardRate(0.5)
                .failWhenThrottled(true)
                .meterLevel(MeterLevel.PRODUCER)
                .streamRefreshInterval(Duration.ofMinutes(1))
                .distributionIfUnknown(Distribution.USER_PARTITION_KEY)
                .build()
                .toString());
    assertThat(kpl.differences()).extracting(Difference::property).containsExactly("rateLimit");
  }

  @Test
  void emptyFileLeavesOurDefaultsAndTellsWhereTheKplsAreOthers() {
    KplSettings kpl = read(Map.of());
    assertThat(kpl.settings().toString()).isEqualTo(ProducerSettings.defaults().toString());
    assertThat(kpl.differences()).extracting(Difference::kind).containsOnly(Kind.DEFAULT);
    assertThat(kpl.differences())
        .extracting(Difference::property)
        .containsExactly(
            "collectionMaxSize",
            "recordMaxBufferedTime",
            "recordTtl",
            "requestTimeout",
            "rateLimit",
            "metricsGranularity",
            "recordDistributionStrategyDefault");
    assertThat(kpl.differences()).extracting(Difference::value).contains("100", "30000", "150");
  }

  @Test
  void everyPropertyOfTheKplIsKnown() {
    for (String property : KPL_PROPERTIES) {
      assertThat(read(Map.of(property, valueFor(property))).differences())
          .noneMatch(difference -> difference.kind() == Kind.UNKNOWN);
    }
  }

  @Test
  void everyPropertyOfTheKplIsInTheMigrationGuide() throws IOException {
    String guide = Files.readString(Path.of("../docs/migrating-from-kpl.md"));
    for (String property : KPL_PROPERTIES) {
      assertThat(guide).contains("`" + property + "`");
    }
  }

  @Test
  void valuesBeyondOurRangesAreCutAndTold() {
    KplSettings kpl =
        read(
            Map.of(
                "AggregationMaxSize", "10485760",
                "CollectionMaxSize", "9223372036854775807",
                "RecordTtl", "9223372036854775807",
                "DescribeStreamSummaryIntervalMs", "1"));
    assertThat(kpl.settings().aggregateMaxBytes()).isEqualTo(1_047_552);
    assertThat(kpl.settings().requestMaxBytes()).isEqualTo(10 << 20);
    assertThat(kpl.settings().deliveryTimeout()).isEqualTo(Duration.ofDays(1));
    assertThat(kpl.settings().streamRefreshInterval()).isEqualTo(Duration.ofSeconds(1));
    assertThat(
            kpl.differences().stream()
                .filter(difference -> difference.kind() == Kind.CHANGED)
                .map(Difference::property))
        .containsExactly(
            "aggregationMaxSize",
            "collectionMaxSize",
            "recordTtl",
            "describeStreamSummaryIntervalMs");
  }

  @Test
  void timeToLiveBelowTheBufferingTimeCutsTheLinger() {
    KplSettings kpl = read(Map.of("RecordMaxBufferedTime", "5000", "RecordTtl", "1000"));
    assertThat(kpl.settings().linger()).isEqualTo(Duration.ofSeconds(1));
    assertThat(kpl.differences().toString()).contains("linger is 1000 ms");
    assertThat(read(Map.of("RecordMaxBufferedTime", "600000")).settings().linger())
        .isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void valueThatTheKplRefusesIsRefusedByNameValueAndRule() {
    for (String[] wrong :
        new String[][] {
          {"recordTtl", "99", "at least 100"},
          {"rateLimit", "0", "at least 1"},
          {"collectionMaxSize", "much", "whole number"},
          {"aggregationEnabled", "yes", "true or false"},
          {"metricsGranularity", "planet", "global, stream or shard"},
          {"recordDistributionStrategyDefault", "MINE", "UNSET"}
        }) {
      assertThatThrownBy(() -> read(Map.of(wrong[0], wrong[1])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(wrong[0])
          .hasMessageContaining(wrong[1])
          .hasMessageContaining(wrong[2]);
    }
  }

  @Test
  void noPasswordIsShownNotEvenThatOfAnUnknownProperty() {
    KplSettings kpl =
        read(Map.of("ProxyPassword", "canary", "ProxyPasswort", "canary", "ProxyHost", "proxy"));
    assertThat(kpl.toString()).doesNotContain("canary").contains("proxy");
    assertThat(kpl.differences()).anyMatch(difference -> difference.kind() == Kind.UNKNOWN);
  }

  private static String valueFor(String property) {
    return switch (property) {
      case "aggregationEnabled", "failIfThrottled", "verifyCertificate" -> "false";
      case "metricsGranularity" -> "stream";
      case "recordDistributionStrategyDefault" -> "AUTO";
      default -> "60000";
    };
  }

  private static KplSettings read(Map<String, String> values) {
    Properties properties = new Properties();
    properties.putAll(values);
    return ProducerSettings.fromKplProperties(properties);
  }
}
