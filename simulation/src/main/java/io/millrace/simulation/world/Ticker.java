package io.millrace.simulation.world;

import java.util.function.LongUnaryOperator;

/**
 * Ticks a loop when its next duty is due, and when it is woken: what a runner's thread does in
 * production.
 *
 * <p>Confined to the simulation's thread.
 */
public final class Ticker {
  /** A loop that asks to be ticked again at once is: but time passes, so that nothing spins. */
  private static final long SHORTEST_NANOS = 1_000;

  private final VirtualTime time;
  private final LongUnaryOperator tick;
  private long plannedNanos = Long.MAX_VALUE;
  private long plan;
  private boolean stopped;
  private boolean paused;

  public Ticker(VirtualTime time, LongUnaryOperator tick) {
    this.time = time;
    this.tick = tick;
  }

  /** Ticks soon. */
  public void wake() {
    planAfter(0);
  }

  /** Never ticks again: the process is gone. */
  public void stop() {
    stopped = true;
  }

  /** Ticks no more until {@link #resume}. */
  public void pause() {
    paused = true;
  }

  /** Goes on after {@link #pause}. */
  public void resume() {
    paused = false;
    plannedNanos = Long.MAX_VALUE;
    wake();
  }

  private void planAfter(long delayNanos) {
    long at = time.nowNanos() + delayNanos;
    if (stopped || paused || at >= plannedNanos) {
      return;
    }
    plannedNanos = at;
    long mine = ++plan;
    time.after(
        delayNanos,
        () -> {
          if (mine == plan && !stopped && !paused) {
            tickNow();
          }
        });
  }

  private void tickNow() {
    plannedNanos = Long.MAX_VALUE;
    long idleNanos = tick.applyAsLong(time.nowNanos());
    if (idleNanos != Long.MAX_VALUE) {
      planAfter(Math.max(idleNanos, SHORTEST_NANOS));
    }
  }
}
