package io.millrace.consumer.lease;

import java.time.Instant;

/**
 * Which stream a lease belongs to: its ARN and when the service created it.
 *
 * <p>A stream that was deleted and created again under the same name has the same ARN and another
 * creation time: its sequence numbers have nothing to do with the old ones, so its application must
 * not go on from the old checkpoints. Immutable.
 *
 * @param arn the stream's ARN
 * @param createdAt the service's creation time; compared in whole seconds, as endpoints differ in
 *     precision
 */
public record StreamIdentity(String arn, Instant createdAt) {
  /**
   * Checks the ARN.
   *
   * @throws IllegalArgumentException if the ARN is empty
   */
  public StreamIdentity {
    if (arn.isEmpty()) {
      throw new IllegalArgumentException("stream ARN is empty: a stream identity needs one");
    }
    createdAt = Instant.ofEpochSecond(createdAt.getEpochSecond());
  }

  /**
   * Reads an identity back from its {@linkplain #text() text}.
   *
   * @throws IllegalArgumentException if the text is not {@code <arn>@<creation time in epoch
   *     seconds>}
   */
  public static StreamIdentity parse(String text) {
    int at = text.lastIndexOf('@');
    if (at <= 0) {
      throw new IllegalArgumentException(
          "stream identity '" + text + "' must be <arn>@<creation time in epoch seconds>");
    }
    return new StreamIdentity(
        text.substring(0, at), Instant.ofEpochSecond(Long.parseLong(text.substring(at + 1))));
  }

  /** The name of the stream: what follows the last slash of the ARN. */
  public String name() {
    return arn.substring(arn.lastIndexOf('/') + 1);
  }

  /** The identity as a lease row keeps it: {@code <arn>@<creation time in epoch seconds>}. */
  public String text() {
    return arn + "@" + createdAt.getEpochSecond();
  }

  @Override
  public String toString() {
    return text();
  }
}
