package io.millrace.producer.internal.loop;

import org.jspecify.annotations.Nullable;

/** Wakes whoever ticks the loop, once somebody does. Thread-safe. */
final class Wakeup implements Runnable {
  private volatile @Nullable Runnable target;

  /** From now on this is called. */
  void to(Runnable target) {
    this.target = target;
  }

  @Override
  public void run() {
    Runnable current = target;
    if (current != null) {
      current.run();
    }
  }
}
