package io.millrace.metrics.cloudwatch;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.step.StepDistributionSummary;

/**
 * A distribution summary that ends each step with a statistic set. Thread-safe.
 *
 * <p>Why it extends Micrometer's: see {@link StatisticTimer}.
 */
final class StatisticSummary extends StepDistributionSummary {
  private final StepStatistics statistics;

  StatisticSummary(
      Id id, Clock clock, DistributionStatisticConfig config, double scale, long stepMillis) {
    super(id, clock, config, scale, stepMillis, false);
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

  /** Ends the step under way early, so that a meter or registry that goes publishes what it has. */
  @Override
  public void _closingRollover() {
    statistics.endStep();
  }

  StepStatistics statistics() {
    return statistics;
  }
}
