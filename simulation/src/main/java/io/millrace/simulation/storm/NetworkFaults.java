package io.millrace.simulation.storm;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often the simulated network and stores misbehave. Rates are probabilities per call.
 *
 * @param lostRequest the request never arrives: no effect, no reply
 * @param lostReply the request takes effect, the caller gets no reply
 * @param lateRequest the request takes effect only after its caller has given it up
 * @param repeatedRequest the request arrives a second time
 * @param throttled the store refuses for load
 * @param staleRead an eventually consistent read shows old states
 * @param tornList a consistent listing reads its second half later
 * @param minDelayNanos the shortest one-way delay
 * @param maxDelayNanos the longest ordinary one-way delay
 * @param slow a one-way delay is a hundred times as long
 * @param longestEchoNanos how much later a repeated request arrives at most
 */
public record NetworkFaults(
    double lostRequest,
    double lostReply,
    double lateRequest,
    double repeatedRequest,
    double throttled,
    double staleRead,
    double tornList,
    long minDelayNanos,
    long maxDelayNanos,
    double slow,
    long longestEchoNanos) {
  private static final long MILLI = 1_000_000;
  private static final long LONG_ECHO = 8_000 * MILLI;
  private static final long SHORT_ECHO = 2_000 * MILLI;

  /** A network that only takes its time. */
  public static final NetworkFaults NONE =
      new NetworkFaults(0, 0, 0, 0, 0, 0, 0, MILLI / 2, 3 * MILLI, 0, LONG_ECHO);

  /** A bad day: each kind of fault about once in fifty calls. */
  public static final NetworkFaults BAD =
      new NetworkFaults(
          0.02, 0.02, 0.02, 0.02, 0.02, 0.2, 0.1, MILLI / 2, 20 * MILLI, 0.01, LONG_ECHO);

  /** Nothing arrives. */
  static final NetworkFaults GONE =
      new NetworkFaults(1, 0, 0, 0, 0, 0, 0, MILLI / 2, 3 * MILLI, 0, LONG_ECHO);

  /** The same faults, {@code factor} times as often. */
  NetworkFaults times(double factor) {
    return new NetworkFaults(
        lostRequest * factor,
        lostReply * factor,
        lateRequest * factor,
        repeatedRequest * factor,
        throttled * factor,
        staleRead * factor,
        tornList * factor,
        minDelayNanos,
        maxDelayNanos,
        slow * factor,
        longestEchoNanos);
  }

  /** The same network while the store refuses most calls for load. */
  NetworkFaults throttling() {
    return new NetworkFaults(
        lostRequest,
        lostReply,
        lateRequest,
        repeatedRequest,
        0.7,
        staleRead,
        tornList,
        minDelayNanos,
        maxDelayNanos,
        slow,
        longestEchoNanos);
  }

  /** The same network while every way takes from half of {@code longest} to all of it. */
  NetworkFaults slowed(Duration longest) {
    return new NetworkFaults(
        lostRequest,
        lostReply,
        lateRequest,
        repeatedRequest,
        throttled,
        staleRead,
        tornList,
        longest.toNanos() / 2,
        longest.toNanos(),
        0,
        longestEchoNanos);
  }

  /** The same network, in which a third of the writes arrives twice, and a tenth late. */
  NetworkFaults echoing() {
    return new NetworkFaults(
        lostRequest,
        lostReply,
        0.1,
        0.3,
        throttled,
        staleRead,
        tornList,
        minDelayNanos,
        maxDelayNanos,
        slow,
        SHORT_ECHO);
  }

  /** A delay in one direction. */
  long delayNanos(RandomGenerator dice) {
    long delay = dice.nextLong(minDelayNanos, maxDelayNanos + 1);
    return slow > 0 && dice.nextDouble() < slow ? delay * 100 : delay;
  }
}
