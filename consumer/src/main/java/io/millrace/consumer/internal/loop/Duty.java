package io.millrace.consumer.internal.loop;

/** Work that one thread drives. */
public interface Duty {
  /** Works without blocking; returns the nanos until it next has something to do by itself. */
  long tick(long nowNanos);
}
