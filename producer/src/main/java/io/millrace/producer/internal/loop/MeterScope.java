package io.millrace.producer.internal.loop;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;

/** Meters with the same tags, which come and go together. Thread-safe. */
final class MeterScope {
  static final String PREFIX = "millrace.producer.";

  private final MeterRegistry registry;
  private final Tags tags;
  private final List<Meter> meters = new CopyOnWriteArrayList<>();

  MeterScope(MeterRegistry registry, Tags tags) {
    this.registry = registry;
    this.tags = tags;
  }

  /** A scope with one more tag. */
  MeterScope with(String key, String value) {
    return new MeterScope(registry, tags.and(key, value));
  }

  Counter counter(String name, String description, String... extraTags) {
    return kept(
        Counter.builder(PREFIX + name)
            .description(description)
            .tags(tags.and(extraTags))
            .register(registry));
  }

  /** A counter that is read from what counts anyway. */
  void polled(String name, String description, DoubleSupplier read, String... extraTags) {
    kept(
        FunctionCounter.builder(PREFIX + name, read, DoubleSupplier::getAsDouble)
            .description(description)
            .tags(tags.and(extraTags))
            .register(registry));
  }

  void gauge(String name, String description, String unit, DoubleSupplier read) {
    kept(
        Gauge.builder(PREFIX + name, read, DoubleSupplier::getAsDouble)
            .strongReference(true)
            .description(description)
            .baseUnit(unit.isEmpty() ? null : unit)
            .tags(tags)
            .register(registry));
  }

  DistributionSummary summary(String name, String description, String unit) {
    return kept(
        DistributionSummary.builder(PREFIX + name)
            .description(description)
            .baseUnit(unit.isEmpty() ? null : unit)
            .tags(tags)
            .register(registry));
  }

  Timer timer(String name, String description, String... extraTags) {
    return kept(
        Timer.builder(PREFIX + name)
            .description(description)
            .tags(tags.and(extraTags))
            .register(registry));
  }

  /** A timer that publishes percentiles, which takes some 100 KB: for few of them. */
  Timer timerWithPercentiles(String name, String description, double... percentiles) {
    return kept(
        Timer.builder(PREFIX + name)
            .description(description)
            .publishPercentiles(percentiles)
            .tags(tags)
            .register(registry));
  }

  /** Removes them all from the registry. */
  void close() {
    meters.forEach(registry::remove);
    meters.clear();
  }

  private <M extends Meter> M kept(M meter) {
    meters.add(meter);
    return meter;
  }
}
