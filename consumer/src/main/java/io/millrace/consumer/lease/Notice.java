package io.millrace.consumer.lease;

/**
 * A hint in a worker's row that a lease has changed, so that peers act within a poll instead of
 * within an audit.
 *
 * <p>A hint and no more: whoever follows one reads the lease row and writes with a condition. A row
 * keeps the last few notices only; a reader that sees a gap in the sequence reads the whole table.
 * Immutable.
 *
 * @param sequence 1 for the first notice of an incarnation, one more with each
 * @param kind what happened
 * @param lease the lease that it happened to
 */
public record Notice(long sequence, Kind kind, LeaseKey lease) {
  /** What happened to the lease. */
  public enum Kind {
    /** It has no owner now. */
    RELEASED,
    /** It was given to a worker that did not ask: that worker is named as its owner. */
    OFFERED,
    /** It was claimed from its holder, who should drain and transfer it. */
    CLAIMED,
    /** Its holder has transferred it to its claimer, or has cancelled the claim. */
    SETTLED,
    /** Its row was created, for a child of a shard that has ended. */
    CREATED,
    /** It is at the shard's end, so its children may start. */
    ENDED,
    /** Its parked mark was removed, so its holder should go on. */
    RESUMED,
    /** An operator has paused it, so its holder should let go of it. */
    PAUSED
  }
}
