package io.millrace.simulation.world;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * The clock and the agenda of a simulation: events run in the order of their times, and those of
 * the same time in the order in which they were planned. Time moves only from event to event.
 *
 * <p>Confined to the simulation's thread.
 */
public final class VirtualTime {
  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  private final PriorityQueue<Event> agenda =
      new PriorityQueue<>(
          Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::number));
  private long nowNanos;
  private long planned;
  private long steps;

  /** How many events have run. */
  public long steps() {
    return steps;
  }

  /** Nanoseconds since the simulation began. */
  public long nowNanos() {
    return nowNanos;
  }

  /** The wall time of the simulated service, which starts at a fixed date. */
  public Instant now() {
    return EPOCH.plusNanos(nowNanos);
  }

  /** The wall clock of the simulated service as an argument for code that takes one. */
  public InstantSource wallClock() {
    return this::now;
  }

  /**
   * Plans an event.
   *
   * @param delayNanos how far in the future; 0 comes after all that is already planned for now
   * @param action what happens
   * @throws IllegalArgumentException if the delay is negative
   */
  public void after(long delayNanos, Runnable action) {
    if (delayNanos < 0) {
      throw new IllegalArgumentException("delayNanos is " + delayNanos + ": it must be 0 or more");
    }
    agenda.add(new Event(nowNanos + delayNanos, planned++, action));
  }

  /** Plans an event. */
  public void after(Duration delay, Runnable action) {
    after(delay.toNanos(), action);
  }

  /**
   * Runs the next event.
   *
   * @return false if nothing is planned
   */
  public boolean step() {
    Event next = agenda.poll();
    if (next == null) {
      return false;
    }
    nowNanos = next.atNanos;
    steps++;
    next.action.run();
    return true;
  }

  /** Whether an event is planned for {@code untilNanos} or before. */
  public boolean hasEventUntil(long untilNanos) {
    Event next = agenda.peek();
    return next != null && next.atNanos <= untilNanos;
  }

  private record Event(long atNanos, long number, Runnable action) {}
}
