package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.Health;
import io.millrace.consumer.Replay;
import io.millrace.consumer.ReplayProgress;
import io.millrace.consumer.StopReason;
import io.millrace.consumer.internal.fetch.sdk.SdkKinesis;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A replay: a worker of its own fleet, and a watch on the lease table that knows when it is done.
 * Thread-safe.
 */
final class ReplayRun implements Replay {
  private static final Duration DRAIN = Duration.ofSeconds(30);

  private final String stream;
  private final Worker worker;
  private final ReplayWatch watch;
  private final AtomicBoolean begun = new AtomicBoolean();
  private final CompletableFuture<ReplayProgress> end = new CompletableFuture<>();

  ReplayRun(WorkerBuilder builder) {
    SdkKinesis kinesis =
        new SdkKinesis(builder.kinesis, builder.settings.requestTimeout(), InstantSource.system());
    this.worker = Wiring.build(builder, new Wiring.Ports(kinesis, kinesis, kinesis));
    this.stream = builder.streams.get(0).nameOrArn();
    this.watch =
        new ReplayWatch(worker.loop(), kinesis, last -> Worker.callBack(() -> complete(last)));
  }

  @Override
  public CompletableFuture<ReplayProgress> run() {
    if (begun.compareAndSet(false, true)) {
      var unusedStart = worker.start().whenComplete((started, failure) -> started(failure));
      var unusedStop = worker.stopped().thenAccept(this::stopped);
    }
    return end.copy();
  }

  private void started(@Nullable Throwable failure) {
    if (failure == null) {
      watch.begin(stream);
    } else {
      end.completeExceptionally(failure);
    }
  }

  private void stopped(StopReason reason) {
    end.completeExceptionally(
        new IllegalStateException(
            "the replay's worker stopped before the end: " + reason.message()));
  }

  /** Everything is processed; on a thread where the application's code may run. */
  private void complete(ReplayProgress progress) {
    end.complete(progress);
    boolean unused = worker.close(DRAIN);
  }

  @Override
  public ReplayProgress progress() {
    return watch.progress();
  }

  @Override
  public Health health() {
    return worker.health();
  }

  @Override
  public boolean close(Duration drain) {
    return worker.close(drain);
  }

  @Override
  public void close() {
    worker.close();
  }
}
