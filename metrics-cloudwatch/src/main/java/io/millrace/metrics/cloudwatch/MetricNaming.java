package io.millrace.metrics.cloudwatch;

import io.micrometer.core.instrument.Meter;
import java.util.List;

/**
 * Says under which CloudWatch names and dimensions a meter is published.
 *
 * <p>{@link KplNaming} and {@link KclNaming} keep the dashboards of those libraries alive; both can
 * be published by one registry each, with its own namespace, out of a composite registry.
 *
 * <p>Implementations are called on the publishing thread for every meter and step; they must be
 * thread-safe and quick.
 */
@FunctionalInterface
public interface MetricNaming {
  /** The meter's own name, its tags as dimensions: one CloudWatch metric per meter. */
  MetricNaming MICROMETER =
      id ->
          List.of(
              new MetricName(
                  id.getName(),
                  id.getTags().stream()
                      .map(tag -> new MetricDimension(tag.getKey(), tag.getValue()))
                      .toList()));

  /**
   * Names one meter.
   *
   * @param id the meter's name, tags and type
   * @return the CloudWatch metrics that the meter feeds, each with all of its data; empty if the
   *     meter is not to be published
   */
  List<MetricName> namesOf(Meter.Id id);
}
