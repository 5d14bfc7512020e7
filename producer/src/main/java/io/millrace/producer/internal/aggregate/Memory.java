package io.millrace.producer.internal.aggregate;

/** The byte budget as buffers see it. Thread-safe; never blocks. */
public interface Memory {
  /** Takes bytes if they are free and nobody waits for them. */
  boolean take(long bytes);

  /** Bytes that were taken from the budget for this part of it by somebody who waited in line. */
  void adopt(long bytes);

  /**
   * Takes bytes also beyond the budget: for moving records that were admitted before, whose old
   * place is given back right afterwards.
   */
  void takeRegardless(long bytes);

  /** Gives bytes back. */
  void release(long bytes);

  /** What is free now for this part of the budget; not below 0. */
  long freeBytes();
}
