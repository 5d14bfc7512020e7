package io.millrace.metrics.cloudwatch;

import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.step.StepCounter;
import io.micrometer.core.instrument.step.StepFunctionCounter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;
import software.amazon.awssdk.services.cloudwatch.model.StandardUnit;

/** Turns meters into CloudWatch's data. Confined to one thread. */
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

  /** Adds what a meter has of the last step that ended. */
  void add(Meter meter) {
    meter.use(
        gauge -> addValue(meter, gauge.value(), StandardUnit.NONE),
        counter -> addCount(meter, counter.count()),
        timer -> addStatistics(meter),
        summary -> addStatistics(meter),
        longTaskTimer -> addLongTasks(meter, longTaskTimer),
        timeGauge ->
            addValue(meter, timeGauge.value(TimeUnit.MILLISECONDS), StandardUnit.MILLISECONDS),
        functionCounter -> addCount(meter, functionCounter.count()),
        functionTimer -> addMean(meter, functionTimer),
        other ->
            other
                .measure()
                .forEach(
                    measurement -> addValue(meter, measurement.getValue(), StandardUnit.NONE)));
  }

  /** Ends the step under way early, for a meter that goes; gauges have no step. */
  static void endStep(Meter meter) {
    if (meter instanceof StatisticTimer timer) {
      timer._closingRollover();
    } else if (meter instanceof StatisticSummary summary) {
      summary._closingRollover();
    } else if (meter instanceof StepCounter counter) {
      counter._closingRollover();
    } else if (meter instanceof StepFunctionCounter<?> counter) {
      counter._closingRollover();
    }
  }

  /** Whether a meter counts by steps, so that one that goes leaves an unfinished one behind. */
  static boolean hasSteps(Meter meter) {
    return meter instanceof StatisticTimer
        || meter instanceof StatisticSummary
        || meter instanceof StepCounter
        || meter instanceof StepFunctionCounter<?>;
  }

  private void addStatistics(Meter meter) {
    if (meter instanceof StatisticTimer timer) {
      addSet(meter, timer.statistics().poll(), StandardUnit.MILLISECONDS);
    } else if (meter instanceof StatisticSummary summary) {
      addSet(meter, summary.statistics().poll(), unitOf(meter, StandardUnit.NONE));
    }
  }

  private void addLongTasks(Meter meter, LongTaskTimer timer) {
    int active = timer.activeTasks();
    if (active > 0) {
      double longest = timer.max(TimeUnit.MILLISECONDS);
      addValue(meter, longest, StandardUnit.MILLISECONDS);
    }
  }

  private void addMean(Meter meter, FunctionTimer timer) {
    if (timer.count() > 0) {
      addValue(meter, timer.mean(TimeUnit.MILLISECONDS), StandardUnit.MILLISECONDS);
    }
  }

  /** Nothing counted is no sample, as with timers and summaries. */
  private void addCount(Meter meter, double count) {
    if (count > 0 && Double.isFinite(count)) {
      for (MetricName name : naming.namesOf(meter.getId())) {
        StandardUnit unit = unitOf(meter, StandardUnit.COUNT);
        switch (name.countAs()) {
          case VALUES -> data.add(datum(name, unit).value(count).build());
          case ONES -> data.add(samples(name, unit, count, 1));
          case ZEROS -> data.add(samples(name, unit, count, 0));
        }
      }
    }
  }

  private void addValue(Meter meter, double value, StandardUnit own) {
    if (Double.isFinite(value)) {
      for (MetricName name : naming.namesOf(meter.getId())) {
        data.add(datum(name, unitOf(meter, own)).value(value).build());
      }
    }
  }

  private void addSet(Meter meter, StatisticSet set, StandardUnit unit) {
    if (!set.isPublishable()) {
      return;
    }
    for (MetricName name : naming.namesOf(meter.getId())) {
      switch (name.countAs()) {
        case VALUES ->
            data.add(
                datum(name, unit)
                    .statisticValues(
                        values ->
                            values
                                .sampleCount((double) set.sampleCount())
                                .sum(set.sum())
                                .minimum(set.minimum())
                                .maximum(set.maximum()))
                    .build());
        case ONES -> data.add(samples(name, unit, (double) set.sampleCount(), 1));
        case ZEROS -> data.add(samples(name, unit, (double) set.sampleCount(), 0));
      }
    }
  }

  private MetricDatum samples(MetricName name, StandardUnit unit, double count, double each) {
    return datum(name, unit)
        .statisticValues(
            values -> values.sampleCount(count).sum(count * each).minimum(each).maximum(each))
        .build();
  }

  private MetricDatum.Builder datum(MetricName name, StandardUnit own) {
    List<Dimension> dimensions = new ArrayList<>();
    Consumer<MetricDimension> add =
        dimension ->
            dimensions.add(
                Dimension.builder().name(dimension.name()).value(dimension.value()).build());
    name.dimensions().forEach(add);
    extraDimensions.forEach(add);
    return MetricDatum.builder()
        .metricName(name.name())
        .dimensions(dimensions)
        .unit(name.unit().map(MetricUnit::sdk).orElse(own))
        .timestamp(timestamp);
  }

  private static StandardUnit unitOf(Meter meter, StandardUnit otherwise) {
    String unit = meter.getId().getBaseUnit();
    if (unit == null) {
      return otherwise;
    }
    return switch (unit) {
      case "bytes" -> StandardUnit.BYTES;
      case "records", "requests", "attempts", "count" -> StandardUnit.COUNT;
      case "milliseconds" -> StandardUnit.MILLISECONDS;
      case "seconds" -> StandardUnit.SECONDS;
      case "percent" -> StandardUnit.PERCENT;
      default -> otherwise;
    };
  }
}
