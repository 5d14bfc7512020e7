package io.millrace.producer.internal.loop;

/** Work that one thread does again and again. */
public interface Duty {
  /**
   * Works without blocking.
   *
   * @param nowNanos monotonic, may wrap
   * @return nanoseconds until it next has something to do, unless it is woken before
   */
  long tick(long nowNanos);
}
