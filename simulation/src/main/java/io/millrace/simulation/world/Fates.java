package io.millrace.simulation.world;

import java.util.random.RandomGenerator;

/** Decides what becomes of each request that one worker sends to the lease store. */
public interface Fates {
  /**
   * The fate of the next request.
   *
   * @param method the method of the lease store
   * @param write whether it is a conditional write
   * @param attemptNanos after which time its caller gives it up
   */
  Fate next(String method, boolean write, long attemptNanos);

  /** How stale the next eventually consistent read is. */
  default Staleness staleness() {
    return Staleness.FRESH;
  }

  /** How long after its first half a listing reads its second half; 0 for at once. */
  default long tornNanos() {
    return 0;
  }

  /** Decides what a stale read shows. */
  RandomGenerator dice();

  /** What an eventually consistent read shows. */
  enum Staleness {
    /** The rows as they are. */
    FRESH,
    /** All rows as they were at one moment. */
    OLD,
    /** Each row as it was at some moment of its own: half of an update. */
    MIXED
  }
}
