package io.millrace.benchmarks;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a number of asynchronous calls under way for a time, the next as soon as one is done, and
 * counts what they achieve.
 */
final class Load {
  private final int inFlight;
  private final Supplier<? extends CompletableFuture<Long>> call;
  private final AtomicLong done = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final Phaser running = new Phaser(1);
  private volatile boolean stopped;

  /**
   * Makes a load.
   *
   * @param inFlight how many calls are under way at once
   * @param call starts a call; completes with how much it has achieved
   */
  Load(int inFlight, Supplier<? extends CompletableFuture<Long>> call) {
    this.inFlight = inFlight;
    this.call = call;
  }

  void start() {
    for (int i = 0; i < inFlight; i++) {
      running.register();
      next();
    }
  }

  private void next() {
    if (stopped) {
      running.arriveAndDeregister();
      return;
    }
    var unused =
        call.get()
            .whenComplete(
                (achieved, error) -> {
                  if (error != null) {
                    failure.compareAndSet(null, error);
                    stopped = true;
                  } else {
                    done.addAndGet(achieved);
                  }
                  next();
                });
  }

  /** How much was achieved so far. */
  long done() {
    return done.get();
  }

  /** Lets the calls under way end. */
  void stop() {
    stopped = true;
    running.arriveAndAwaitAdvance();
    Throwable error = failure.get();
    if (error != null) {
      throw new IllegalStateException("a call failed", error);
    }
  }
}
