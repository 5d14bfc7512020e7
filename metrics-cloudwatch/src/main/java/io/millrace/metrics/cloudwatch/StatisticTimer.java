package io.millrace.metrics.cloudwatch;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.step.StepTimer;
import io.micrometer.core.instrument.util.TimeUtils;
import java.util.concurrent.TimeUnit;

/**
 * A timer that ends each step with a statistic set, in milliseconds. Thread-safe.
 *
 * <p>Nothing of Micrometer's own step timer is used but its place: a registry that closes ends the
 * steps of Micrometer's step meters, between the publish of a step that had ended and the last one.
 */
final class StatisticTimer extends StepTimer {
  private final StepStatistics milliseconds;

  StatisticTimer(
      Id id,
      Clock clock,
      DistributionStatisticConfig config,
      PauseDetector pauseDetector,
      TimeUnit baseTimeUnit,
      long stepMillis) {
    super(id, clock, config, pauseDetector, baseTimeUnit, stepMillis, false);
    this.milliseconds = new StepStatistics(clock, stepMillis);
  }

  @Override
  protected void recordNonNegative(long amount, TimeUnit unit) {
    milliseconds.record(
        TimeUtils.nanosToUnit((double) unit.toNanos(amount), TimeUnit.MILLISECONDS));
  }

  @Override
  public long count() {
    return milliseconds.poll().sampleCount();
  }

  @Override
  public double totalTime(TimeUnit unit) {
    return TimeUtils.millisToUnit(milliseconds.poll().sum(), unit);
  }

  @Override
  public double max(TimeUnit unit) {
    return TimeUtils.millisToUnit(milliseconds.poll().maximum(), unit);
  }

  /** Ends the step under way early, so that a meter or registry that goes publishes what it has. */
  @Override
  public void _closingRollover() {
    milliseconds.endStep();
  }

  StepStatistics statistics() {
    return milliseconds;
  }
}
