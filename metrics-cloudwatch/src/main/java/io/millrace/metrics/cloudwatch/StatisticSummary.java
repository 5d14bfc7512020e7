package io.millrace.metrics.cloudwatch;

import io.micrometer.core.instrument.AbstractDistributionSummary;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;

/** A distribution summary that ends each step with a statistic set. Thread-safe. */
final class StatisticSummary extends AbstractDistributionSummary {
  private final StepStatistics statistics;

  StatisticSummary(
      Id id, Clock clock, DistributionStatisticConfig config, double scale, long stepMillis) {
    super(id, clock, config, scale, false);
    this.statistics = new StepStatistics(clock, stepMillis);
  }

  @Override
  protected void recordNonNegative(double amount) {
    statistics.record(amount);
  }

  @Override
  public long count() {
    return statistics.poll().sampleCount();
  }

  @Override
  public double totalAmount() {
    return statistics.poll().sum();
  }

  @Override
  public double max() {
    return statistics.poll().maximum();
  }

  StepStatistics statistics() {
    return statistics;
  }
}
