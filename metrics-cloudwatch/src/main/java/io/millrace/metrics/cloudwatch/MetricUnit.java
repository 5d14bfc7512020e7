package io.millrace.metrics.cloudwatch;

import software.amazon.awssdk.services.cloudwatch.model.StandardUnit;

/** The unit that CloudWatch shows beside a metric. */
public enum MetricUnit {
  /** No unit. */
  NONE(StandardUnit.NONE),
  /** A number of things. */
  COUNT(StandardUnit.COUNT),
  /** Bytes. */
  BYTES(StandardUnit.BYTES),
  /** Milliseconds. */
  MILLISECONDS(StandardUnit.MILLISECONDS),
  /** Seconds. */
  SECONDS(StandardUnit.SECONDS),
  /** Hundredths. */
  PERCENT(StandardUnit.PERCENT);

  private final StandardUnit sdk;

  MetricUnit(StandardUnit sdk) {
    this.sdk = sdk;
  }

  StandardUnit sdk() {
    return sdk;
  }
}
