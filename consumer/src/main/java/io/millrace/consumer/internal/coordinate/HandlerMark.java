package io.millrace.consumer.internal.coordinate;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Marks the threads on which one worker's handlers run, while they run: a handler that closes its
 * worker must not wait for itself. Thread-safe.
 */
final class HandlerMark {
  private static final ThreadLocal<@Nullable HandlerMark> HERE = new ThreadLocal<>();

  /** An executor whose tasks are marked. */
  Executor around(Executor handlers) {
    return task ->
        handlers.execute(
            () -> {
              HERE.set(this);
              try {
                task.run();
              } finally {
                HERE.remove();
              }
            });
  }

  /** Whether this thread runs one of the worker's handlers. */
  boolean isHere() {
    return HERE.get() == this;
  }
}
