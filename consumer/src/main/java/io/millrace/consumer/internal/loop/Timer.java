package io.millrace.consumer.internal.loop;

/** A call that the loop makes later. Confined to the loop. */
public final class Timer implements Comparable<Timer> {
  final long dueNanos;
  final long order;
  private final Runnable action;
  private boolean cancelled;

  Timer(long dueNanos, long order, Runnable action) {
    this.dueNanos = dueNanos;
    this.order = order;
    this.action = action;
  }

  /** Without effect once the call is made. */
  public void cancel() {
    cancelled = true;
  }

  void fire() {
    if (!cancelled) {
      cancelled = true;
      action.run();
    }
  }

  /** Whether the call is still to come, within {@code delayNanos} from now. */
  public boolean isDueWithin(long nowNanos, long delayNanos) {
    return !cancelled && dueNanos - (nowNanos + delayNanos) <= 0;
  }

  boolean isCancelled() {
    return cancelled;
  }

  @Override
  public int compareTo(Timer other) {
    // By subtraction: the nanos may wrap.
    long apart = dueNanos - other.dueNanos;
    return apart != 0 ? Long.signum(apart) : Long.compare(order, other.order);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
