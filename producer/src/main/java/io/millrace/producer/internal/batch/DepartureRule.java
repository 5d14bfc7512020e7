package io.millrace.producer.internal.batch;

/**
 * When a request leaves.
 *
 * <ul>
 *   <li>A full one leaves as soon as the window has room.
 *   <li>When something is due and nothing is in flight, it leaves at once: with linger 0 that is
 *       every first record.
 *   <li>While others are in flight, due records wait for each other for a short pace: a quarter of
 *       the linger, or without linger a third of the usual round trip. Batches so grow by
 *       themselves under load, and the rate of requests has a bound: without linger a record waits
 *       for a sixth of a round trip on average, and three requests are in flight.
 * </ul>
 *
 * <p>Confined to the stream's loop.
 */
public final class DepartureRule {
  private static final int LINGER_DIVISOR = 4;
  private static final int ROUND_TRIP_DIVISOR = 3;

  /** A shorter round trip is followed by a quarter of the difference, a longer one reluctantly. */
  private static final int SHORTER_DIVISOR = 4;

  private static final int LONGER_DIVISOR = 16;

  private final long lingerNanos;
  private final int maxInFlight;

  private int inFlight;
  private long leftNanos;
  private boolean everLeft;
  private long roundTripNanos;

  /** Describes the rule for one stream. */
  public DepartureRule(long lingerNanos, int maxInFlight) {
    this.lingerNanos = lingerNanos;
    this.maxInFlight = maxInFlight;
  }

  /** Whether another request may be in flight. */
  public boolean windowHasRoom() {
    return inFlight < maxInFlight;
  }

  /** The number of requests in flight. */
  public int inFlight() {
    return inFlight;
  }

  /** Nanoseconds until a request of due records may leave, given room in the window. */
  public long nanosUntilPaced(long nowNanos) {
    return inFlight == 0 || !everLeft ? 0 : Math.max(0, leftNanos + paceNanos() - nowNanos);
  }

  /** Records due within this time leave together with those that are due now. */
  public long slackNanos() {
    return lingerNanos / LINGER_DIVISOR;
  }

  /** A request left. */
  public void left(long nowNanos) {
    inFlight++;
    leftNanos = nowNanos;
    everLeft = true;
  }

  /**
   * A request came back or was given up.
   *
   * <p>What is learned is what a round trip takes when nothing holds it up: one that was late, or
   * never came back, says little about the next.
   *
   * @param durationNanos since it left
   */
  public void returned(long durationNanos) {
    inFlight--;
    long longer = durationNanos - roundTripNanos;
    if (roundTripNanos == 0) {
      roundTripNanos = durationNanos;
    } else if (longer < 0) {
      roundTripNanos += longer / SHORTER_DIVISOR;
    } else {
      roundTripNanos += Math.min(longer, roundTripNanos) / LONGER_DIVISOR;
    }
  }

  private long paceNanos() {
    return lingerNanos > 0 ? lingerNanos / LINGER_DIVISOR : roundTripNanos / ROUND_TRIP_DIVISOR;
  }
}
