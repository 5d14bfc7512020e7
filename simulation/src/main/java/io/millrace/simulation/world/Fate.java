package io.millrace.simulation.world;

/**
 * What becomes of one request to the lease store and of its reply.
 *
 * @param kind whether it arrives, and whether its caller hears of it
 * @param thereNanos how long the request takes
 * @param backNanos how long the reply takes
 * @param againNanos how long after its first arrival the request arrives once more; negative for
 *     never
 */
public record Fate(Kind kind, long thereNanos, long backNanos, long againNanos) {
  /** What can happen. */
  public enum Kind {
    /** Request and reply arrive. */
    ANSWERED,
    /** The request never arrives: no effect, no reply. */
    LOST_REQUEST,
    /** The request takes effect, and its caller hears nothing. */
    LOST_REPLY,
    /** The store refuses for load: no effect. */
    THROTTLED
  }

  /** Whether an event of the given kind. */
  boolean is(Kind other) {
    return kind == other;
  }
}
