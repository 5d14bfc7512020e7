package io.millrace.testkit.kinesis.model;

/** How a stream's capacity is managed. */
public enum StreamMode {
  /** The owner sets the number of shards. */
  PROVISIONED,
  /** The service sets the number of shards. */
  ON_DEMAND
}
