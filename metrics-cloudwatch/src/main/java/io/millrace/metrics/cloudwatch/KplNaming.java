package io.millrace.metrics.cloudwatch;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Publishes a producer's meters under the names, dimensions and units of the Amazon Kinesis
 * Producer Library, so that dashboards and alarms go on working; all other meters are left out.
 * docs/metrics.md has the table.
 *
 * <p>As the KPL does, each metric is published at every granularity down to the chosen one: without
 * dimensions, by {@code StreamName}, and by {@code StreamName} and {@code ShardId}. The last needs
 * a producer whose meters are told apart by shard.
 *
 * <p>Immutable.
 */
public final class KplNaming implements MetricNaming {
  /** The namespace of the KPL unless it is configured. */
  public static final String NAMESPACE = "KinesisProducerLibrary";

  private static final String PREFIX = "millrace.producer.";

  /** How many metrics: the KPL's {@code metricsLevel}. */
  public enum Level {
    /** None at all. */
    NONE,
    /** Those that alarms are set on. */
    SUMMARY,
    /** All; the KPL's default. */
    DETAILED
  }

  /** How finely they are told apart: the KPL's {@code metricsGranularity}. */
  public enum Granularity {
    /** All streams together. */
    GLOBAL,
    /** Also by stream. */
    STREAM,
    /** Also by shard; the KPL's default. */
    SHARD
  }

  /** One of the KPL's metrics as one of our meters feeds it. */
  private record Metric(String name, Level level, MetricUnit unit, CountAs countAs, Match match) {
    Metric(String name, Level level, MetricUnit unit) {
      this(name, level, unit, CountAs.VALUES, Match.ANY);
    }
  }

  /** Which of a meter's tags matter. */
  private enum Match {
    ANY,
    /** Becomes the dimension ErrorCode. */
    BY_CODE,
    /** Only records that were given up because their time was over. */
    EXPIRED
  }

  private static final Map<String, List<Metric>> METRICS =
      Map.ofEntries(
          Map.entry(
              "records.received",
              List.of(
                  new Metric(
                      "UserRecordsReceived",
                      Level.DETAILED,
                      MetricUnit.COUNT,
                      CountAs.ONES,
                      Match.ANY))),
          meter("records.outstanding", "UserRecordsPending", Level.DETAILED, MetricUnit.COUNT),
          Map.entry(
              "records.stored",
              List.of(
                  new Metric(
                      "UserRecordsPut", Level.SUMMARY, MetricUnit.COUNT, CountAs.ONES, Match.ANY))),
          meter("bytes.stored", "UserRecordsDataPut", Level.DETAILED, MetricUnit.BYTES),
          Map.entry(
              "kinesis.records.stored",
              List.of(
                  new Metric(
                      "KinesisRecordsPut",
                      Level.SUMMARY,
                      MetricUnit.COUNT,
                      CountAs.ONES,
                      Match.ANY))),
          Map.entry(
              "kinesis.records.throttled",
              List.of(
                  new Metric(
                      "KinesisRecordsPut",
                      Level.SUMMARY,
                      MetricUnit.COUNT,
                      CountAs.ZEROS,
                      Match.ANY))),
          meter("kinesis.bytes.stored", "KinesisRecordsDataPut", Level.DETAILED, MetricUnit.BYTES),
          Map.entry(
              "records.rejected",
              List.of(
                  new Metric(
                      "UserRecordsPut", Level.SUMMARY, MetricUnit.COUNT, CountAs.ZEROS, Match.ANY),
                  new Metric("AllErrors", Level.SUMMARY, MetricUnit.COUNT),
                  new Metric(
                      "ErrorsByCode",
                      Level.SUMMARY,
                      MetricUnit.COUNT,
                      CountAs.VALUES,
                      Match.BY_CODE))),
          Map.entry(
              "records.failed",
              List.of(
                  new Metric(
                      "UserRecordExpired",
                      Level.SUMMARY,
                      MetricUnit.COUNT,
                      CountAs.VALUES,
                      Match.EXPIRED))),
          meter("record.retries", "RetriesPerRecord", Level.DETAILED, MetricUnit.COUNT),
          meter("record.buffering", "BufferingTime", Level.SUMMARY, MetricUnit.MILLISECONDS),
          meter("request.duration", "RequestTime", Level.DETAILED, MetricUnit.MILLISECONDS),
          meter(
              "kinesis.record.members",
              "UserRecordsPerKinesisRecord",
              Level.DETAILED,
              MetricUnit.COUNT),
          meter(
              "request.records",
              "KinesisRecordsPerPutRecordsRequest",
              Level.DETAILED,
              MetricUnit.COUNT),
          meter(
              "request.members",
              "UserRecordsPerPutRecordsRequest",
              Level.DETAILED,
              MetricUnit.COUNT));

  private final Level level;
  private final Granularity granularity;

  private KplNaming(Level level, Granularity granularity) {
    this.level = level;
    this.granularity = granularity;
  }

  private static Map.Entry<String, List<Metric>> meter(
      String meter, String name, Level level, MetricUnit unit) {
    return Map.entry(meter, List.of(new Metric(name, level, unit)));
  }

  /**
   * Makes a naming.
   *
   * @param level how many metrics
   * @param granularity how finely they are told apart
   */
  public static KplNaming of(Level level, Granularity granularity) {
    return new KplNaming(level, granularity);
  }

  @Override
  public List<MetricName> namesOf(Meter.Id id) {
    if (!id.getName().startsWith(PREFIX)) {
      return List.of();
    }
    List<MetricName> names = new ArrayList<>();
    for (Metric metric : METRICS.getOrDefault(id.getName().substring(PREFIX.length()), List.of())) {
      if (metric.level().compareTo(level) <= 0) {
        addAll(id, metric, names);
      }
    }
    return names;
  }

  private void addAll(Meter.Id id, Metric metric, List<MetricName> names) {
    List<MetricDimension> dimensions = new ArrayList<>();
    if (metric.match() == Match.EXPIRED && !"EXPIRED".equals(id.getTag("reason"))) {
      return;
    }
    MetricDimension code =
        metric.match() == Match.BY_CODE
            ? new MetricDimension("ErrorCode", valueOf(id, "code"))
            : null;
    add(metric, dimensions, code, names);
    String stream = id.getTag("stream");
    if (stream == null || granularity == Granularity.GLOBAL) {
      return;
    }
    dimensions.add(new MetricDimension("StreamName", KclNaming.streamName(stream)));
    add(metric, dimensions, code, names);
    String shard = id.getTag("shard");
    if (shard == null || granularity == Granularity.STREAM) {
      return;
    }
    dimensions.add(new MetricDimension("ShardId", shard));
    add(metric, dimensions, code, names);
  }

  private static void add(
      Metric metric,
      List<MetricDimension> dimensions,
      @Nullable MetricDimension code,
      List<MetricName> names) {
    List<MetricDimension> all = new ArrayList<>(dimensions);
    if (code != null) {
      all.add(code);
    }
    names.add(new MetricName(metric.name(), all, metric.countAs(), Optional.of(metric.unit())));
  }

  private static String valueOf(Meter.Id id, String key) {
    for (Tag tag : id.getTagsAsIterable()) {
      if (tag.getKey().equals(key)) {
        return tag.getValue();
      }
    }
    return "Unknown";
  }
}
