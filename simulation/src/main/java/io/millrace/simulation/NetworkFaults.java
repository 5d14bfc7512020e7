package io.millrace.simulation;

import java.util.random.RandomGenerator;

/**
 * How often the simulated network and stores misbehave. Rates are probabilities per call.
 *
 * @param lostRequest the request never arrives: no effect, no reply
 * @param lostReply the request takes effect, the caller gets no reply
 * @param lateRequest the request takes effect only after its caller has given it up
 * @param throttled the store refuses for load
 * @param staleRead an eventually consistent read shows an old state
 * @param minDelayNanos the shortest one-way delay
 * @param maxDelayNanos the longest ordinary one-way delay
 * @param slow a one-way delay is a hundred times as long
 */
record NetworkFaults(
    double lostRequest,
    double lostReply,
    double lateRequest,
    double throttled,
    double staleRead,
    long minDelayNanos,
    long maxDelayNanos,
    double slow) {
  private static final long MILLI = 1_000_000;

  /** A network that only takes its time. */
  static final NetworkFaults NONE = new NetworkFaults(0, 0, 0, 0, 0, MILLI / 2, 3 * MILLI, 0);

  /** A bad day: each kind of fault about once in fifty calls. */
  static final NetworkFaults BAD =
      new NetworkFaults(0.02, 0.02, 0.02, 0.02, 0.2, MILLI / 2, 20 * MILLI, 0.01);

  /** A delay in one direction. */
  long delayNanos(RandomGenerator dice) {
    long delay = dice.nextLong(minDelayNanos, maxDelayNanos + 1);
    return slow > 0 && dice.nextDouble() < slow ? delay * 100 : delay;
  }
}
