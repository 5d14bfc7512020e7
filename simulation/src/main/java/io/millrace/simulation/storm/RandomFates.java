package io.millrace.simulation.storm;

import io.millrace.simulation.world.Fate;
import io.millrace.simulation.world.Fates;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * One worker's way to the lease store in a storm: by chance, and cut off from time to time.
 *
 * <p>Confined to the simulation's thread.
 */
final class RandomFates implements Fates {
  private static final long LONGEST_TEAR_NANOS = Duration.ofMillis(200).toNanos();

  private final RandomGenerator dice;
  private final Supplier<NetworkFaults> faults;
  private boolean cutOff;
  private long slowThereNanos;
  private long slowBackNanos;
  private Interceptor interceptor = (method, fate) -> fate;

  /** Changes what becomes of single requests. */
  interface Interceptor {
    /** What becomes of a request to a method of the store, of which chance makes {@code fate}. */
    Fate change(String method, Fate fate);
  }

  RandomFates(RandomGenerator dice, Supplier<NetworkFaults> faults) {
    this.dice = dice;
    this.faults = faults;
  }

  /** Whether no request arrives. */
  void cutOff(boolean now) {
    cutOff = now;
  }

  /** How much longer requests and replies take. */
  void slow(long thereNanos, long backNanos) {
    slowThereNanos = thereNanos;
    slowBackNanos = backNanos;
  }

  /** From now on somebody has the last word. */
  void intercept(Interceptor next) {
    interceptor = next;
  }

  @Override
  public RandomGenerator dice() {
    return dice;
  }

  @Override
  public Fate next(String method, boolean write, long attemptNanos) {
    return interceptor.change(method, byChance(write, attemptNanos));
  }

  private Fate byChance(boolean write, long attemptNanos) {
    NetworkFaults now = faults.get();
    long there = now.delayNanos(dice) + slowThereNanos;
    long back = now.delayNanos(dice) + slowBackNanos;
    if (cutOff) {
      return new Fate(Fate.Kind.LOST_REQUEST, there, back, -1);
    }
    if (happens(now.throttled())) {
      return new Fate(Fate.Kind.THROTTLED, there, back, -1);
    }
    if (happens(now.lostRequest())) {
      return new Fate(Fate.Kind.LOST_REQUEST, there, back, -1);
    }
    long again = -1;
    if (write) {
      if (happens(now.lateRequest())) {
        return new Fate(Fate.Kind.LOST_REPLY, attemptNanos + there, back, -1);
      }
      again = happens(now.repeatedRequest()) ? dice.nextLong(now.longestEchoNanos()) : -1;
    }
    Fate.Kind kind = happens(now.lostReply()) ? Fate.Kind.LOST_REPLY : Fate.Kind.ANSWERED;
    return new Fate(kind, there, back, again);
  }

  @Override
  public Staleness staleness() {
    if (!happens(faults.get().staleRead())) {
      return Staleness.FRESH;
    }
    return dice.nextBoolean() ? Staleness.OLD : Staleness.MIXED;
  }

  @Override
  public long tornNanos() {
    return happens(faults.get().tornList()) ? dice.nextLong(LONGEST_TEAR_NANOS) : 0;
  }

  private boolean happens(double probability) {
    return probability > 0 && dice.nextDouble() < probability;
  }
}
