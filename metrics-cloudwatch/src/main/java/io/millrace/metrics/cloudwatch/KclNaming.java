package io.millrace.metrics.cloudwatch;

import io.micrometer.core.instrument.Meter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Publishes a consumer's meters under the names, dimensions and units of the Amazon Kinesis Client
 * Library, so that dashboards and alarms go on working; all other meters are left out.
 * docs/metrics.md has the table. The KCL's namespace is the application's name: give that to {@link
 * CloudWatchMeterRegistry#builder}.
 *
 * <p>Dimensions are {@code Operation}, {@code ShardId}, and {@code StreamId} where the consumer
 * reads several streams, as in the KCL.
 *
 * <p>Immutable.
 */
public final class KclNaming implements MetricNaming {
  private static final String PREFIX = "millrace.consumer.";
  private static final String PROCESS_TASK = "ProcessTask";

  /** One of the KCL's metrics as one of our meters feeds it. */
  private record Metric(
      String operation, String name, MetricUnit unit, CountAs countAs, Outcome outcome) {
    Metric(String name, MetricUnit unit) {
      this(PROCESS_TASK, name, unit, CountAs.VALUES, Outcome.ANY);
    }

    boolean perShard() {
      return operation.equals(PROCESS_TASK);
    }
  }

  /** Which of the meters with a tag {@code outcome}. */
  private enum Outcome {
    ANY,
    OK,
    NOT_OK;

    boolean matches(Meter.Id id) {
      return switch (this) {
        case ANY -> true;
        case OK -> "ok".equals(id.getTag("outcome"));
        case NOT_OK -> !"ok".equals(id.getTag("outcome"));
      };
    }
  }

  private static final String READS = "KinesisDataFetcher.getRecords.Success";

  private static final Map<String, List<Metric>> METRICS =
      Map.of(
          "records", List.of(new Metric("RecordsProcessed", MetricUnit.COUNT)),
          "bytes", List.of(new Metric("DataBytesProcessed", MetricUnit.BYTES)),
          "behind",
              List.of(
                  new Metric("MillisBehindLatest", MetricUnit.MILLISECONDS),
                  new Metric(
                      "ApplicationTracker",
                      "MillisBehindLatest",
                      MetricUnit.MILLISECONDS,
                      CountAs.VALUES,
                      Outcome.ANY)),
          "handler",
              List.of(
                  new Metric("RecordProcessor.processRecords.Time", MetricUnit.MILLISECONDS),
                  share("Success", CountAs.ONES, Outcome.OK),
                  share("Success", CountAs.ZEROS, Outcome.NOT_OK)),
          "reads",
              List.of(
                  share(READS, CountAs.ONES, Outcome.OK),
                  share(READS, CountAs.ZEROS, Outcome.NOT_OK)));

  private final boolean manyStreams;

  private KclNaming(boolean manyStreams) {
    this.manyStreams = manyStreams;
  }

  /** A metric whose average is the share of what went well. */
  private static Metric share(String name, CountAs countAs, Outcome outcome) {
    return new Metric(PROCESS_TASK, name, MetricUnit.COUNT, countAs, outcome);
  }

  /** For a consumer of one stream. */
  public static KclNaming ofOneStream() {
    return new KclNaming(false);
  }

  /** For a consumer of several streams: with the dimension {@code StreamId}. */
  public static KclNaming ofManyStreams() {
    return new KclNaming(true);
  }

  @Override
  public List<MetricName> namesOf(Meter.Id id) {
    if (!id.getName().startsWith(PREFIX)) {
      return List.of();
    }
    return METRICS.getOrDefault(id.getName().substring(PREFIX.length()), List.of()).stream()
        .filter(metric -> metric.outcome().matches(id))
        .map(metric -> nameOf(id, metric))
        .toList();
  }

  private MetricName nameOf(Meter.Id id, Metric metric) {
    List<MetricDimension> dimensions =
        new ArrayList<>(List.of(new MetricDimension("Operation", metric.operation())));
    String stream = id.getTag("stream");
    if (metric.perShard() && manyStreams && stream != null) {
      dimensions.add(new MetricDimension("StreamId", streamName(stream)));
    }
    String shard = id.getTag("shard");
    if (metric.perShard() && shard != null) {
      dimensions.add(new MetricDimension("ShardId", shard));
    }
    return new MetricName(metric.name(), dimensions, metric.countAs(), Optional.of(metric.unit()));
  }

  /** The name in an ARN; a name is one already. */
  static String streamName(String nameOrArn) {
    return nameOrArn.startsWith("arn:")
        ? nameOrArn.substring(nameOrArn.lastIndexOf('/') + 1)
        : nameOrArn;
  }
}
