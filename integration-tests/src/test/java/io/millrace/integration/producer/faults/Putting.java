package io.millrace.integration.producer.faults;

import io.millrace.integration.endpoint.TestStream;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutResult;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** A thread that puts until it is told to stop, or was interrupted while it waited. */
final class Putting extends Thread {
  private static final String PADDING = "x".repeat(1_000);

  private final ProducerOverHttp test;
  private final AtomicLong accepted = new AtomicLong();
  private final CompletableFuture<CompletableFuture<PutResult>> interrupted =
      new CompletableFuture<>();
  private volatile boolean stop;

  Putting(ProducerOverHttp test, int number) {
    super("put-" + number);
    this.test = test;
    setDaemon(true);
  }

  @Override
  public void run() {
    while (!stop && !interrupted.isDone()) {
      String data = getName() + "-" + accepted.get() + PADDING;
      CompletableFuture<PutResult> put = test.put(data);
      // An interrupt may come when the put has just got its room: then it is accepted.
      if (Thread.interrupted() && put.isCompletedExceptionally()) {
        test.puts.remove(data);
        interrupted.complete(put);
      } else {
        accepted.incrementAndGet();
      }
    }
  }

  /** How many of its puts had room. */
  long accepted() {
    return accepted.get();
  }

  boolean isWaiting() {
    return getState() == State.WAITING;
  }

  /** It ends after the put under way. */
  void finish() {
    stop = true;
  }

  /** Interrupts a put that waits, after which the thread ends; gives what the put failed with. */
  PutFailedException interruptWaitingPut() {
    TestStream.await(
        "a waiting put is interrupted",
        () -> {
          if (isWaiting()) {
            interrupt();
          }
          return interrupted.isDone();
        });
    return ProducerOverHttp.failureOf(interrupted.join());
  }
}
