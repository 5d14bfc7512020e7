package io.millrace.consumer.internal.process;

import io.millrace.consumer.internal.checkpoint.Acknowledgements;

/**
 * What has happened in a delivery since the worker loop last looked, so that it is woken once for
 * news and never for nothing. Confined to the delivery's lock.
 */
final class LoopNews {
  /** Bytes that are worth a wake-up: the loop may read more for them. */
  private static final long WAKE_BYTES = 128 * 1024;

  private final int wakeRecords;
  private boolean wakePending;
  private boolean deadlineChanged;
  private long seenReleasedBytes;
  private long seenAcknowledged;
  private boolean seenParked;
  private boolean seenQuiet;

  /**
   * Creates it.
   *
   * @param wakeRecords acknowledgements that are worth a wake-up
   */
  LoopNews(int wakeRecords) {
    this.wakeRecords = wakeRecords;
  }

  /** The loop looks at the progress: from now on, news wake it again. */
  void seen(Acknowledgements acknowledgements, boolean parked, boolean quiet) {
    wakePending = false;
    seenReleasedBytes = acknowledgements.releasedBytes();
    seenAcknowledged = acknowledgements.acknowledgedRecords();
    seenParked = parked;
    seenQuiet = quiet;
  }

  /** The loop knows when it has to come back. */
  void deadlineSeen() {
    deadlineChanged = false;
  }

  /** The loop may have to come back earlier. */
  void deadlineChanged() {
    deadlineChanged = true;
  }

  /**
   * Whether the loop has to be woken, which then counts as done.
   *
   * @param parked the failure policy has stopped the shard
   * @param quiet nothing runs, and nothing will
   * @param empty everything offered is acknowledged
   */
  boolean take(Acknowledgements acknowledgements, boolean parked, boolean quiet, boolean empty) {
    if (wakePending) {
      return false;
    }
    long released = acknowledgements.releasedBytes() - seenReleasedBytes;
    wakePending =
        deadlineChanged
            || (parked && !seenParked)
            || (quiet && !seenQuiet)
            || released >= WAKE_BYTES
            || acknowledgements.acknowledgedRecords() - seenAcknowledged >= wakeRecords
            || (released > 0 && empty);
    return wakePending;
  }
}
