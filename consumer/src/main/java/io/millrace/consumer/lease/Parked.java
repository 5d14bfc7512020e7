package io.millrace.consumer.lease;

import java.time.Instant;

/**
 * Why and since when a shard stands still: the failure policy keeps it stopped, or an operator has
 * paused it.
 *
 * <p>What the failure policy has stopped keeps its holder and is not taken for balance. What an
 * operator has paused has no holder and is not taken at all. Immutable.
 *
 * @param reason the class of what went wrong and nothing of the record, or the operator's own
 *     words: at most {@value #MAX_REASON_LENGTH} characters, cut off after that
 * @param since when, by the clock of the worker that parked it, or of the operator
 * @param attempts how often the record at the checkpoint was tried; 0 if an operator has paused the
 *     shard
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

  /** The mark of a shard that an operator pauses. */
  public static Parked byOperator(String reason, Instant since) {
    return new Parked(reason, since, 0);
  }

  /** Whether an operator has paused the shard. */
  public boolean isByOperator() {
    return attempts == 0;
  }
}
