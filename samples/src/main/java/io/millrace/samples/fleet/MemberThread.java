package io.millrace.samples.fleet;

import io.millrace.consumer.lease.LeaseStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** A worker in the parent's own process, where the leases are only in its memory. */
public final class MemberThread implements Member {
  private final String name;
  private final Worker worker;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "holdings");
            thread.setDaemon(true);
            return thread;
          });

  public MemberThread(
      Worker.Job job, KinesisAsyncClient kinesis, LeaseStore leases, Reports reports) {
    this.name = job.worker();
    this.worker = new Worker(job, kinesis, leases, reports);
    worker.start();
    var unused =
        ticker.scheduleWithFixedDelay(worker::tellHoldings, 200, 200, TimeUnit.MILLISECONDS);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public CompletableFuture<Void> stop() {
    ticker.shutdownNow();
    return CompletableFuture.runAsync(worker::close, task -> new Thread(task, "stop").start())
        .whenComplete((done, failure) -> ended.complete(null));
  }

  @Override
  public boolean kill() {
    return false;
  }

  @Override
  public CompletableFuture<Void> terminate() {
    return stop();
  }

  @Override
  public boolean suspend() {
    return false;
  }

  @Override
  public void resume() {}

  @Override
  public CompletableFuture<Void> ended() {
    return ended;
  }
}
