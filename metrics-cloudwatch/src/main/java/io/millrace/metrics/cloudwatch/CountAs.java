package io.millrace.metrics.cloudwatch;

/** What a meter's samples become in CloudWatch. */
public enum CountAs {
  /** What they are: a counter one value, a timer or summary a statistic set. */
  VALUES,
  /**
   * One sample of 1 for each thing that was counted: in CloudWatch, Sum and SampleCount are both
   * the count.
   */
  ONES,
  /**
   * One sample of 0 for each thing that was counted. Together with {@link #ONES} of another meter
   * under the same name, the average is the share of those.
   */
  ZEROS
}
