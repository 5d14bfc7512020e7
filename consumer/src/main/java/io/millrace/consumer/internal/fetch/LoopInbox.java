package io.millrace.consumer.internal.fetch;

/** Takes events from any thread to the worker loop, and wakes it. Thread-safe. */
@FunctionalInterface
public interface LoopInbox {
  /** Posts an event; ignored once its receiver has ended. */
  void post(Event event);

  /** Something that happened; runs on the worker loop. */
  @FunctionalInterface
  interface Event {
    /** Applies it. */
    void apply(long nowNanos);
  }
}
