package io.millrace.consumer.lease;

import java.time.Instant;

/**
 * Why and since when the failure policy keeps a shard stopped. Its lease is held, not read, and not
 * taken for balance.
 *
 * <p>Immutable.
 *
 * @param reason the class of what went wrong and nothing of the record: at most {@value
 *     #MAX_REASON_LENGTH} characters, cut off after that
 * @param since when, by the clock of the worker that parked it
 * @param attempts how often the record at the checkpoint was tried
 */
public record Parked(String reason, Instant since, int attempts) {
  /** How much of a reason is kept. */
  public static final int MAX_REASON_LENGTH = 120;

  /** Cuts the reason off at its greatest length, and the time to milliseconds. */
  public Parked {
    if (reason.length() > MAX_REASON_LENGTH) {
      reason = reason.substring(0, MAX_REASON_LENGTH);
    }
    since = Instant.ofEpochMilli(since.toEpochMilli());
  }
}
