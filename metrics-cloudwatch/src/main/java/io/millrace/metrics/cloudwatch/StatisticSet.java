package io.millrace.metrics.cloudwatch;

/**
 * What CloudWatch keeps of a period: how many samples, their sum, least and greatest.
 *
 * <p>Immutable.
 */
record StatisticSet(long sampleCount, double sum, double minimum, double maximum) {
  static final StatisticSet EMPTY = new StatisticSet(0, 0, 0, 0);

  boolean isPublishable() {
    return sampleCount > 0
        && Double.isFinite(sum)
        && Double.isFinite(minimum)
        && Double.isFinite(maximum);
  }

  double mean() {
    return sampleCount == 0 ? 0 : sum / sampleCount;
  }
}
