package io.millrace.producer;

import io.millrace.producer.KplSettings.Difference;
import io.millrace.producer.KplSettings.Kind;
import io.millrace.producer.ProducerSettings.Aggregation;
import io.millrace.producer.ProducerSettings.Distribution;
import io.millrace.producer.ProducerSettings.MeterLevel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads configuration files of the KPL 1.1.1. Names, defaults and ranges are those of its {@code
 * KinesisProducerConfiguration}; docs/migrating-from-kpl.md shows them side by side with ours.
 *
 * <p>Confined to the call that reads.
 */
final class KplReader {
  private static final String ON_THE_CLIENT = "set it on the KinesisAsyncClient that you pass in";
  private static final String NO_CHILD = "there is no native process";

  private static final Map<String, Rule> RULES = new LinkedHashMap<>();

  /** What to do with one property. */
  private interface Rule {
    /**
     * Applies it.
     *
     * @param value as the file has it, stripped; null if it has none
     */
    void apply(KplReader reader, String property, @Nullable String value);
  }

  private final ProducerSettings.Builder settings = ProducerSettings.builder();
  private final List<Difference> differences = new ArrayList<>();
  private Duration linger = ProducerSettings.defaults().linger();
  private Duration deliveryTimeout = ProducerSettings.defaults().deliveryTimeout();

  static {
    carried("aggregationEnabled", "", (r, p, v) -> r.aggregation(bool(p, v)));
    carried("aggregationMaxCount", "", (r, p, v) -> r.aggregateMaxRecords(number(p, v, 1)));
    carried("aggregationMaxSize", "", KplReader::aggregateMaxBytes);
    carried("collectionMaxCount", "", (r, p, v) -> r.requestMaxRecords(p, number(p, v, 1)));
    carried("collectionMaxSize", "5242880: here requestMaxBytes is 1 MiB", KplReader::requestMax);
    carried("recordMaxBufferedTime", "100: here linger is 20 ms", KplReader::linger);
    carried("recordTtl", "30000: here deliveryTimeout is 2 min", KplReader::deliveryTimeout);
    carried("requestTimeout", "6000: here requestTimeout is 10 s", KplReader::requestTimeout);
    carried(
        "rateLimit",
        "150: here shardRate is 1.0 (100 %), and the rate adapts below it",
        KplReader::shardRate);
    carried("failIfThrottled", "", (r, p, v) -> r.settings.failWhenThrottled(bool(p, v)));
    carried(
        "metricsGranularity",
        "shard: here meterLevel is STREAM; SHARD has about 15 meters per shard",
        KplReader::meterLevel);
    carried("describeStreamSummaryIntervalMs", "", KplReader::refreshInterval);
    carried(
        "recordDistributionStrategyDefault",
        "UNSET: the KPL aggregates while the strategy is unknown; here nothing is aggregated then"
            + " (distributionIfUnknown is AUTO), since consumers drop aggregates on an AUTO stream",
        KplReader::distribution);

    always(Kind.ELSEWHERE, ON_THE_CLIENT, "region");
    always(
        Kind.ELSEWHERE,
        "use endpointOverride of the KinesisAsyncClient that you pass in",
        "kinesisEndpoint",
        "kinesisPort");
    always(
        Kind.ELSEWHERE,
        "use connectionTimeout of the client's HTTP client; KinesisClients.tune sets 3 s",
        "connectTimeout");
    always(
        Kind.ELSEWHERE,
        "use maxConcurrency of the client's HTTP client; requestsInFlight bounds each stream",
        "maxConnections");
    always(
        Kind.ELSEWHERE,
        "use proxyConfiguration of the client's HTTP client",
        "proxyHost",
        "proxyPort",
        "proxyUserName",
        "proxyPassword");
    always(
        Kind.ELSEWHERE,
        "the JDK's trust store applies; for another use tlsTrustManagersProvider of the client's"
            + " HTTP client",
        "caCertPath",
        "caCertFile");
    always(
        Kind.ELSEWHERE,
        "the client's credentials provider decides when to renew",
        "credentialsRefreshDelay");
    always(Kind.ELSEWHERE, "give the builder a meterRegistry, or none for 'none'", "metricsLevel");
    always(
        Kind.ELSEWHERE,
        "set it on the CloudWatchMeterRegistry of millrace-metrics-cloudwatch",
        "metricsNamespace",
        "metricsUploadDelay",
        "cloudwatchEndpoint",
        "cloudwatchPort");
    always(Kind.ELSEWHERE, "logs go to SLF4J; set the level of io.millrace.producer", "logLevel");
    always(
        Kind.ELSEWHERE,
        "deliveryTimeout ends every record; to wait less long use orTimeout on the future",
        "userRecordTimeoutInMillis");

    always(Kind.NOT_NEEDED, "the stream's own maximum is read and honoured", "maxUserRecordSize");
    always(
        Kind.NOT_NEEDED,
        "status() always tells the age of the oldest record",
        "enableOldestFutureTracker");
    always(
        Kind.NOT_NEEDED,
        "PutFailedException always carries the record, without a second copy",
        "returnUserRecordOnFailure");
    always(Kind.NOT_NEEDED, "the KPL never used it", "minConnections", "stsEndpoint", "stsPort");
    always(
        Kind.NOT_NEEDED,
        NO_CHILD,
        "enableDaemonHealthCheck",
        "daemonHealthCheckTimeoutMs",
        "nativeExecutable",
        "tempDirectory",
        "enableCoreDumps");
    always(
        Kind.NOT_NEEDED,
        "one thread serves all streams; callbacks run on callbackExecutor",
        "threadingModel",
        "threadPoolSize");

    RULES.put("verifyCertificate", KplReader::verifyCertificate);
    always(
        Kind.NOT_SUPPORTED,
        "encode records with the Glue library before put; readers see the same bytes",
        "glueSchemaRegistryPropertiesFilePath");
  }

  private KplReader() {}

  private static void carried(String property, String whenUnset, Rule rule) {
    RULES.put(
        property,
        (reader, p, value) -> {
          if (value != null) {
            rule.apply(reader, p, value);
          } else if (!whenUnset.isEmpty()) {
            int colon = whenUnset.indexOf(": ");
            reader.differs(
                p, whenUnset.substring(0, colon), Kind.DEFAULT, whenUnset.substring(colon + 2));
          }
        });
  }

  private static void always(Kind kind, String effect, String... properties) {
    for (String property : properties) {
      RULES.put(
          property,
          (reader, p, value) -> {
            if (value != null) {
              boolean secret = p.equals("proxyPassword") || p.equals("proxyUserName");
              reader.differs(p, secret ? "(not shown)" : value, kind, effect);
            }
          });
    }
  }

  static KplSettings read(Properties properties) {
    Map<String, String> given = new TreeMap<>();
    for (String name : properties.stringPropertyNames()) {
      given.put(lowerFirst(name), properties.getProperty(name).strip());
    }
    KplReader reader = new KplReader();
    RULES.forEach((property, rule) -> rule.apply(reader, property, given.remove(property)));
    reader.reconcile();
    given.forEach(
        (property, value) ->
            reader.differs(
                property, "(not shown)", Kind.UNKNOWN, "the KPL has no such property; ignored"));
    return new KplSettings(reader.settings.build(), reader.differences);
  }

  /** The KPL's files begin its names with a capital letter. */
  private static String lowerFirst(String name) {
    return name.isEmpty()
        ? name
        : name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
  }

  private void differs(String property, String value, Kind kind, String effect) {
    differences.add(new Difference(property, value, kind, effect));
  }

  private void aggregation(boolean enabled) {
    settings.aggregation(enabled ? Aggregation.KPL : Aggregation.OFF);
  }

  private void aggregateMaxRecords(long count) {
    // More than 2^31 records fit into no aggregate: both mean that there is no limit.
    settings.aggregateMaxRecords((int) Math.min(count, Integer.MAX_VALUE));
  }

  private void aggregateMaxBytes(String property, @Nullable String value) {
    long bytes = number(property, value, 64);
    settings.aggregateMaxBytes((int) clamped(property, value, bytes, 64, 1_047_552, " bytes"));
  }

  private void requestMaxRecords(String property, long count) {
    settings.requestMaxRecords((int) clamped(property, Long.toString(count), count, 1, 500, ""));
  }

  private void requestMax(String property, @Nullable String value) {
    long bytes = number(property, value, 52_224);
    settings.requestMaxBytes((int) clamped(property, value, bytes, 64 << 10, 10 << 20, " bytes"));
  }

  private void linger(String property, @Nullable String value) {
    long millis = number(property, value, 0);
    linger = millis(clamped(property, value, millis, 0, 3_600_000, " ms"));
    settings.linger(linger);
  }

  private void deliveryTimeout(String property, @Nullable String value) {
    long millis = number(property, value, 100);
    deliveryTimeout = millis(clamped(property, value, millis, 100, 86_400_000, " ms"));
    settings.deliveryTimeout(deliveryTimeout);
  }

  /** As the KPL does: no record waits beyond its time to live. */
  private void reconcile() {
    if (linger.compareTo(deliveryTimeout) > 0) {
      settings.linger(deliveryTimeout);
      differs(
          "recordMaxBufferedTime",
          Long.toString(linger.toMillis()),
          Kind.CHANGED,
          "linger is " + deliveryTimeout.toMillis() + " ms, as long as deliveryTimeout");
    }
  }

  private void requestTimeout(String property, @Nullable String value) {
    long millis = number(property, value, 100);
    settings.requestTimeout(millis(clamped(property, value, millis, 100, 600_000, " ms")));
  }

  private void shardRate(String property, @Nullable String value) {
    long percent = number(property, value, 1);
    double rate = Math.min(percent / 100.0, 1_000_000);
    settings.shardRate(rate);
    differs(
        property,
        String.valueOf(value),
        Kind.CHANGED,
        "shardRate is "
            + rate
            + " as an upper bound: throttles cut the rate, and it grows back without them. Bursts"
            + " are a quarter of a second's worth instead of 10 MiB");
  }

  private void meterLevel(String property, @Nullable String value) {
    switch (String.valueOf(value)) {
      case "global" -> settings.meterLevel(MeterLevel.PRODUCER);
      case "stream" -> settings.meterLevel(MeterLevel.STREAM);
      case "shard" -> settings.meterLevel(MeterLevel.SHARD);
      default -> throw wrong(property, value, "it must be global, stream or shard");
    }
  }

  private void refreshInterval(String property, @Nullable String value) {
    long millis = number(property, value, 1);
    settings.streamRefreshInterval(
        millis(clamped(property, value, millis, 1_000, 86_400_000, " ms")));
  }

  private void distribution(String property, @Nullable String value) {
    switch (String.valueOf(value)) {
      case "AUTO" -> settings.distributionIfUnknown(Distribution.AUTO);
      case "USER_PARTITION_KEY" -> settings.distributionIfUnknown(Distribution.USER_PARTITION_KEY);
      case "UNSET" ->
          differs(
              property,
              "UNSET",
              Kind.CHANGED,
              "nothing is aggregated while the strategy is unknown (distributionIfUnknown is"
                  + " AUTO)");
      default -> throw wrong(property, value, "it must be UNSET, AUTO or USER_PARTITION_KEY");
    }
  }

  private void verifyCertificate(String property, @Nullable String value) {
    if (value != null && !bool(property, value)) {
      differs(
          property,
          value,
          Kind.NOT_SUPPORTED,
          "certificates are always checked; for one of your own use tlsTrustManagersProvider of"
              + " the client's HTTP client");
    }
  }

  private long clamped(
      String property, @Nullable String value, long wanted, long min, long max, String unit) {
    long kept = Math.max(min, Math.min(wanted, max));
    if (kept != wanted) {
      differs(
          property,
          String.valueOf(value),
          Kind.CHANGED,
          "it is " + kept + unit + " here, where the range is " + min + " to " + max);
    }
    return kept;
  }

  private static Duration millis(long millis) {
    return Duration.ofMillis(millis);
  }

  private static long number(String property, @Nullable String value, long min) {
    long number;
    try {
      number = Long.parseLong(String.valueOf(value));
    } catch (NumberFormatException e) {
      throw wrong(property, value, "it must be a whole number");
    }
    if (number < min) {
      throw wrong(property, value, "it must be at least " + min);
    }
    return number;
  }

  private static boolean bool(String property, @Nullable String value) {
    if ("true".equalsIgnoreCase(value) || "false".equalsIgnoreCase(value)) {
      return Boolean.parseBoolean(value);
    }
    throw wrong(property, value, "it must be true or false");
  }

  private static IllegalArgumentException wrong(
      String property, @Nullable String value, String rule) {
    return new IllegalArgumentException(
        "KPL property " + property + " is '" + value + "': " + rule);
  }
}
