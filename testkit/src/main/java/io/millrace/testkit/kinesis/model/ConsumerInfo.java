package io.millrace.testkit.kinesis.model;

import java.time.Instant;

/**
 * A registered enhanced fan-out consumer. Immutable.
 *
 * @param name its name, unique within the stream
 * @param arn its ARN, which ends with the creation time in seconds
 * @param status where it is in its life
 * @param creationTimestamp when it was registered
 * @param streamArn the stream it belongs to
 */
public record ConsumerInfo(
    String name, String arn, Status status, Instant creationTimestamp, String streamArn) {
  /** Where a consumer is in its life. */
  public enum Status {
    /** Registered, can't subscribe yet. */
    CREATING,
    /** Being deregistered. */
    DELETING,
    /** Can subscribe. */
    ACTIVE
  }
}
