package io.millrace.consumer.lease;

import java.util.Optional;

/**
 * What became of a conditional write.
 *
 * <p>Whoever gets {@link Unknown} must not take it for a refusal: the write may have been applied,
 * may be applied later, or never. A {@link Conflict} whose row carries the write's own {@link
 * WriteId} is a write that landed in an earlier attempt. Immutable.
 *
 * @param <R> the row: {@link Lease}, {@link WorkerRow} or {@link FleetMode}
 */
public sealed interface WriteOutcome<R> {
  /**
   * The condition held and the write is durable.
   *
   * @param row the row as this very write left it, never an older or a later one
   * @param <R> the row's type
   */
  record Applied<R>(R row) implements WriteOutcome<R> {}

  /**
   * The condition did not hold; nothing was written by this attempt.
   *
   * @param current the row that the condition was tested against, by a consistent view; empty if
   *     there is none
   * @param <R> the row's type
   */
  record Conflict<R>(Optional<R> current) implements WriteOutcome<R> {}

  /**
   * The store refused for load; nothing was written. Try again after a back-off.
   *
   * @param <R> the row's type
   */
  record Throttled<R>() implements WriteOutcome<R> {}

  /**
   * The store refused for a reason that does not pass by itself, such as a withdrawn permission or
   * a deleted table; nothing was written.
   *
   * @param cause why, with what to do
   * @param <R> the row's type
   */
  record Refused<R>(LeaseStoreException cause) implements WriteOutcome<R> {}

  /**
   * No reply, or one that does not say: a time-out, a reset connection, an internal error of the
   * store.
   *
   * @param cause what was seen
   * @param <R> the row's type
   */
  record Unknown<R>(Throwable cause) implements WriteOutcome<R> {}

  /** The row of {@link Applied}; empty for every other outcome. */
  default Optional<R> applied() {
    return this instanceof Applied<R> done ? Optional.of(done.row()) : Optional.empty();
  }
}
