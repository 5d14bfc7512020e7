package io.millrace.consumer.internal.admin;

import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.lease.LeaseStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread of one request of an operator, from the call to its end: it reads the clock, seeds
 * chance, and ticks the loop.
 */
final class AdminRunner {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final long LONGEST_PARK_NANOS = Duration.ofSeconds(1).toNanos();

  private AdminRunner() {}

  static <T> CompletableFuture<T> run(
      String application,
      LeaseStore leases,
      Duration attemptTimeout,
      Administration.Request<T> request) {
    CompletableFuture<T> result = new CompletableFuture<>();
    SecureRandom entropy = new SecureRandom();
    byte[] incarnation = new byte[8];
    entropy.nextBytes(incarnation);
    EventLoop loop = new EventLoop(System.nanoTime(), InstantSource.system());
    Administration administration =
        new Administration(
            loop,
            leases,
            application,
            attemptTimeout,
            HexFormat.of().formatHex(incarnation),
            new SplittableRandom(entropy.nextLong()));
    Thread thread =
        new Thread(
            () -> tickUntilDone(loop, administration, request, result),
            "millrace-admin-" + NUMBER.incrementAndGet());
    thread.setDaemon(true);
    loop.onPost(() -> LockSupport.unpark(thread));
    thread.start();
    return result;
  }

  private static <T> void tickUntilDone(
      EventLoop loop,
      Administration administration,
      Administration.Request<T> request,
      CompletableFuture<T> result) {
    try {
      CompletableFuture<T> done = request.apply(administration);
      while (!done.isDone() && !result.isDone()) {
        loop.mark();
        long nextNanos = loop.tick(System.nanoTime());
        if (!done.isDone() && nextNanos > 0) {
          LockSupport.parkNanos(loop, Math.min(nextNanos, LONGEST_PARK_NANOS));
        }
      }
      if (done.isDone()) {
        result.complete(done.join());
      }
    } catch (CompletionException refusal) {
      result.completeExceptionally(Administration.unwrapped(refusal));
    } catch (RuntimeException | Error defect) {
      result.completeExceptionally(defect);
    }
  }
}
