package io.millrace.consumer.internal.hold;

import io.millrace.consumer.lease.Lease;

/** What became of a holder's write in the end, after retries and lost replies. */
sealed interface WriteResult {
  /**
   * It is durable.
   *
   * @param row the row as it left it
   */
  record Written(Lease row) implements WriteResult {}

  /** The lease is held by somebody else, or its row is gone. */
  record Lost() implements WriteResult {}

  /**
   * The lease is still held, and the row is not as this write needs it.
   *
   * @param current the row
   */
  record Unfit(Lease current) implements WriteResult {}

  /**
   * It was given up in time; it may have been written.
   *
   * @param reason what the store said last
   */
  record Unavailable(String reason) implements WriteResult {}
}
