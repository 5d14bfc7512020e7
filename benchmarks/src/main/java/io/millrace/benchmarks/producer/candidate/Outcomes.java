package io.millrace.benchmarks.producer.candidate;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts the outcomes of puts; itself the function of a future that tells one record's.
 * Thread-safe.
 */
final class Outcomes implements BiConsumer<Object, Throwable> {
  private static final long POLL_MILLIS = 1;

  private final LongAdder stored = new LongAdder();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  @Override
  public void accept(@Nullable Object result, @Nullable Throwable error) {
    settled(1, error);
  }

  void settled(long records, @Nullable Throwable error) {
    if (error != null) {
      failure.compareAndSet(null, error);
    } else {
      stored.add(records);
    }
  }

  /** How many were stored so far. */
  long stored() {
    return stored.sum();
  }

  /**
   * Waits until so many are stored since the start.
   *
   * @throws IllegalStateException if one was not
   */
  void await(long records) throws InterruptedException {
    while (stored.sum() < records) {
      Throwable error = failure.get();
      if (error != null) {
        throw new IllegalStateException("a record was not stored", error);
      }
      Thread.sleep(POLL_MILLIS);
    }
  }
}
