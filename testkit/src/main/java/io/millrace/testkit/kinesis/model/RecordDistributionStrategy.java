package io.millrace.testkit.kinesis.model;

/** How the service chooses the shard of a record. */
public enum RecordDistributionStrategy {
  /** The service spreads records evenly and ignores keys; only on-demand streams. */
  AUTO,
  /** The hash key decides; the default. */
  USER_PARTITION_KEY
}
