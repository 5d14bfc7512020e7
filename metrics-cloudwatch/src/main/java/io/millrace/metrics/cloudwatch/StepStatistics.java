package io.millrace.metrics.cloudwatch;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.step.StepValue;
import java.util.function.Supplier;

/**
 * The samples of the step under way, and the statistic set of the last step that ended.
 * Micrometer's own step meters keep no minimum, which CloudWatch's statistic sets require.
 *
 * <p>Thread-safe: the lock guards four numbers; nothing is called while it is held.
 */
final class StepStatistics extends StepValue<StatisticSet> {
  private final Object lock = new Object();
  private long sampleCount;
  private double sum;
  private double minimum;
  private double maximum;

  StepStatistics(Clock clock, long stepMillis) {
    super(clock, stepMillis);
  }

  void record(double sample) {
    synchronized (lock) {
      minimum = sampleCount == 0 ? sample : Math.min(minimum, sample);
      maximum = sampleCount == 0 ? sample : Math.max(maximum, sample);
      sum += sample;
      sampleCount++;
    }
  }

  /** Ends the step under way early. */
  void endStep() {
    _closingRollover();
  }

  @Override
  protected Supplier<StatisticSet> valueSupplier() {
    return this::takeAndReset;
  }

  @Override
  protected StatisticSet noValue() {
    return StatisticSet.EMPTY;
  }

  private StatisticSet takeAndReset() {
    synchronized (lock) {
      StatisticSet taken = new StatisticSet(sampleCount, sum, minimum, maximum);
      sampleCount = 0;
      sum = 0;
      minimum = 0;
      maximum = 0;
      return taken;
    }
  }
}
