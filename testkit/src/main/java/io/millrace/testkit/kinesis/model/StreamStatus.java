package io.millrace.testkit.kinesis.model;

/** Where a stream is in its life. */
public enum StreamStatus {
  /** Being created: only describe and delete work. */
  CREATING,
  /** Being deleted. */
  DELETING,
  /** Ready. */
  ACTIVE,
  /** Its shards or its encryption change; reads and writes work. */
  UPDATING;

  /** Whether its records and shards can be reached. */
  public boolean isReady() {
    return this == ACTIVE || this == UPDATING;
  }
}
