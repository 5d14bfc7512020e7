package io.millrace.metrics.cloudwatch;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.Meter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;
import software.amazon.awssdk.services.cloudwatch.model.StandardUnit;

/** Turns meters into CloudWatch's data. Confined to the publishing thread. */
final class MetricSnapshot {
  private final MetricNaming naming;
  private final List<MetricDimension> extraDimensions;
  private final Instant timestamp;
  private final List<MetricDatum> data = new ArrayList<>();

  MetricSnapshot(MetricNaming naming, List<MetricDimension> extraDimensions, Instant timestamp) {
    this.naming = naming;
    this.extraDimensions = extraDimensions;
    this.timestamp = timestamp;
  }

  List<MetricDatum> data() {
    return data;
  }

  void add(Meter meter) {
    meter.use(
        gauge -> addValue(meter, gauge.value(), StandardUnit.NONE),
        counter -> addValue(meter, counter.count(), StandardUnit.COUNT),
        timer -> {
          if (timer instanceof StatisticTimer statisticTimer) {
            addSet(meter, statisticTimer.statistics().poll(), StandardUnit.MILLISECONDS);
          }
        },
        summary -> {
          if (summary instanceof StatisticSummary statisticSummary) {
            addSet(meter, statisticSummary.statistics().poll(), unitOf(meter));
          }
        },
        longTaskTimer -> addLongTasks(meter, longTaskTimer),
        timeGauge ->
            addValue(meter, timeGauge.value(TimeUnit.MILLISECONDS), StandardUnit.MILLISECONDS),
        functionCounter -> addCount(meter, functionCounter),
        functionTimer -> addMean(meter, functionTimer),
        other ->
            other
                .measure()
                .forEach(
                    measurement -> addValue(meter, measurement.getValue(), StandardUnit.NONE)));
  }

  private void addLongTasks(Meter meter, LongTaskTimer timer) {
    int active = timer.activeTasks();
    if (active > 0) {
      double longest = timer.max(TimeUnit.MILLISECONDS);
      addValue(meter, longest, StandardUnit.MILLISECONDS);
    }
  }

  private void addCount(Meter meter, FunctionCounter counter) {
    addValue(meter, counter.count(), StandardUnit.COUNT);
  }

  private void addMean(Meter meter, FunctionTimer timer) {
    if (timer.count() > 0) {
      addValue(meter, timer.mean(TimeUnit.MILLISECONDS), StandardUnit.MILLISECONDS);
    }
  }

  private void addValue(Meter meter, double value, StandardUnit unit) {
    if (!Double.isFinite(value)) {
      return;
    }
    for (MetricName name : naming.namesOf(meter.getId())) {
      data.add(datum(name).value(value).unit(unit).build());
    }
  }

  private void addSet(Meter meter, StatisticSet set, StandardUnit unit) {
    if (!set.isPublishable()) {
      return;
    }
    for (MetricName name : naming.namesOf(meter.getId())) {
      data.add(
          datum(name)
              .unit(unit)
              .statisticValues(
                  values ->
                      values
                          .sampleCount((double) set.sampleCount())
                          .sum(set.sum())
                          .minimum(set.minimum())
                          .maximum(set.maximum()))
              .build());
    }
  }

  private MetricDatum.Builder datum(MetricName name) {
    List<Dimension> dimensions = new ArrayList<>();
    name.dimensions().forEach(dimension -> dimensions.add(toSdk(dimension)));
    extraDimensions.forEach(dimension -> dimensions.add(toSdk(dimension)));
    return MetricDatum.builder()
        .metricName(name.name())
        .dimensions(dimensions)
        .timestamp(timestamp);
  }

  private static Dimension toSdk(MetricDimension dimension) {
    return Dimension.builder().name(dimension.name()).value(dimension.value()).build();
  }

  private static StandardUnit unitOf(Meter meter) {
    String unit = meter.getId().getBaseUnit();
    if (unit == null) {
      return StandardUnit.NONE;
    }
    return switch (unit) {
      case "bytes" -> StandardUnit.BYTES;
      case "records", "requests", "attempts", "count" -> StandardUnit.COUNT;
      case "milliseconds" -> StandardUnit.MILLISECONDS;
      case "seconds" -> StandardUnit.SECONDS;
      case "percent" -> StandardUnit.PERCENT;
      default -> StandardUnit.NONE;
    };
  }
}
