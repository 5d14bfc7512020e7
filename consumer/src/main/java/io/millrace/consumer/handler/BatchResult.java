package io.millrace.consumer.handler;

import io.millrace.model.Position;
import java.util.Collection;
import java.util.Set;

/**
 * What became of the records of a batch: all processed, or all but some.
 *
 * <p>Immutable.
 */
public final class BatchResult {
  private static final BatchResult OK = new BatchResult(Set.of());

  private final Set<Position> failed;

  private BatchResult(Set<Position> failed) {
    this.failed = failed;
  }

  /** Every record of the batch is processed. */
  public static BatchResult ok() {
    return OK;
  }

  /**
   * The records at these positions failed, and every other one of the batch is processed. Exactly
   * the failed ones are delivered again, as the failure policy says, and before any later record of
   * the same order.
   *
   * @param positions positions of records of the batch; empty is the same as {@link #ok()}. A
   *     position that is not in the batch makes the whole batch fail with an {@link
   *     IllegalArgumentException}, as nothing is acknowledged on a guess
   */
  public static BatchResult failed(Collection<Position> positions) {
    return positions.isEmpty() ? OK : new BatchResult(Set.copyOf(positions));
  }

  /** The failed positions; empty if all is processed. Unmodifiable. */
  public Set<Position> failed() {
    return failed;
  }

  @Override
  public String toString() {
    return failed.isEmpty() ? "BatchResult[ok]" : "BatchResult[failed=" + failed.size() + "]";
  }
}
