package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.Fetching;
import io.millrace.consumer.FleetAdmin;
import io.millrace.consumer.Health;
import io.millrace.consumer.ShardState;
import io.millrace.consumer.ShardStatus;
import io.millrace.consumer.StallReason;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StopReason;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.shard.ShardConsumers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A stream consumer: a worker loop with a thread of its own. Thread-safe. */
final class Worker implements StreamConsumer {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final Duration DEFAULT_DRAIN = Duration.ofSeconds(30);
  private static final Duration TURNS_WITHIN = Duration.ofSeconds(10);

  private final WorkerLoop loop;
  private final WorkerRunner runner;
  private final ShardConsumers consumers;
  private final HandlerMark handlers;
  private final Duration stallAfter;
  private final Runnable afterwards;
  private final @Nullable Duration drainOnShutdown;
  private final FleetAdmin admin;
  private final CompletableFuture<Void> started = new CompletableFuture<>();
  private final CompletableFuture<StopReason> stopped = new CompletableFuture<>();
  private final AtomicBoolean begun = new AtomicBoolean();
  private volatile @Nullable Thread shutdownHook;

  /**
   * Creates a consumer that is not started.
   *
   * @param admin the administration of its fleet
   * @param consumers the shards' data paths; confined to the loop
   * @param handlers marks the threads of its handlers
   * @param drainOnShutdown for the JVM's shutdown hook; null for none
   * @param afterwards runs when the worker has stopped
   */
  Worker(
      WorkerLoop loop,
      EventLoop events,
      FleetAdmin admin,
      ShardConsumers consumers,
      HandlerMark handlers,
      Duration stallAfter,
      @Nullable Duration drainOnShutdown,
      Runnable afterwards) {
    this.loop = loop;
    this.runner = new WorkerRunner(loop, events, this::loopEnded);
    this.consumers = consumers;
    this.handlers = handlers;
    this.stallAfter = stallAfter;
    this.drainOnShutdown = drainOnShutdown;
    this.afterwards = afterwards;
    this.admin = admin;
  }

  /** The application's callbacks never run on the loop, and there are few of them. */
  static void callBack(Runnable callback) {
    Thread thread = new Thread(callback, "millrace-callback");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public CompletableFuture<Void> start() {
    begin();
    return started.copy();
  }

  private void begin() {
    if (!begun.compareAndSet(false, true)) {
      return;
    }
    if (drainOnShutdown != null) {
      Duration drain = drainOnShutdown;
      Thread hook = new Thread(() -> close(drain), "millrace-shutdown");
      shutdownHook = hook;
      Runtime.getRuntime().addShutdownHook(hook);
    }
    CompletionStage<Void> outcome = loop.start();
    outcome.whenComplete((done, failure) -> callBack(() -> tell(failure)));
    runner.start();
  }

  private void tell(@Nullable Throwable failure) {
    if (failure == null) {
      started.complete(null);
    } else {
      started.completeExceptionally(failure);
    }
  }

  /** The loop has stopped for good; on its thread, at its end. */
  private void loopEnded() {
    afterwards.run();
    callBack(
        () -> {
          removeShutdownHook();
          stopped.complete(loop.stopped().join());
        });
  }

  private void removeShutdownHook() {
    Thread hook = shutdownHook;
    if (hook != null && Thread.currentThread() != hook) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        LOG.trace("The JVM shuts down already", e);
      }
    }
  }

  @Override
  public CompletableFuture<StopReason> stopped() {
    return stopped.copy();
  }

  @Override
  public Health health() {
    WorkerLoop.Snapshot snapshot = loop.snapshot();
    boolean turns = runner.sinceLastTick().compareTo(TURNS_WITHIN) < 0;
    boolean live = begun.get() && !loop.stopped().isDone() && turns;
    List<String> problems = new ArrayList<>(snapshot.problems());
    if (!live && begun.get()) {
      problems.add(
          loop.stopped().isDone()
              ? "stopped: " + loop.stopped().join().message()
              : "the worker's loop does not turn");
    }
    boolean stalled = false;
    for (ShardStatus shard : snapshot.shards()) {
      if (shard.state() == ShardState.PARKED || shard.stalledFor(stallAfter)) {
        stalled = true;
        String reason = shard.stall().map(StallReason::describe).orElse("parked");
        problems.add(shard.shard() + ": " + reason);
      }
    }
    return new Health(live, live && snapshot.member() && !stalled, problems);
  }

  @Override
  public List<ShardStatus> shards() {
    return loop.snapshot().shards();
  }

  @Override
  public CompletableFuture<Void> fetch(String stream, Fetching how) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    if (!begun.get() || loop.stopped().isDone()) {
      done.completeExceptionally(new IllegalStateException("the worker does not run"));
      return done;
    }
    IllegalStateException late = new IllegalStateException("the worker has stopped");
    var unused = stopped.thenRun(() -> done.completeExceptionally(late));
    loop.run(
        view -> {
          Optional<String> arn = view.stream(stream).map(known -> known.identity().arn());
          arn.ifPresent(found -> consumers.switchTo(found, how, view.loop().nowNanos()));
          callBack(
              () -> {
                if (arn.isPresent()) {
                  done.complete(null);
                } else {
                  done.completeExceptionally(
                      new IllegalStateException(
                          "stream '" + stream + "' is not read by this worker"));
                }
              });
        });
    return done;
  }

  WorkerLoop loop() {
    return loop;
  }

  @Override
  public FleetAdmin admin() {
    return admin;
  }

  @Override
  public CompletableFuture<Void> addStream(String nameOrArn, StartAt startAt, Fetching how) {
    WorkerSettings.StreamToRead stream = WorkerBuilder.streamToRead(nameOrArn, startAt, how);
    return offTheLoop(() -> loop.addStream(stream));
  }

  @Override
  public CompletableFuture<Void> removeStream(String nameOrArn) {
    return offTheLoop(() -> loop.removeStream(nameOrArn));
  }

  private CompletableFuture<Void> offTheLoop(Supplier<CompletableFuture<Void>> request) {
    if (!begun.get() || loop.stopped().isDone()) {
      return CompletableFuture.failedFuture(
          new IllegalStateException("the consumer is not at work: start it first"));
    }
    CompletableFuture<Void> outcome = request.get();
    CompletableFuture<Void> unused =
        loop.stopped()
            .thenAccept(
                reason ->
                    outcome.completeExceptionally(
                        new IllegalStateException(
                            "the consumer has stopped: " + reason.message())));
    return outcome.whenCompleteAsync((done, failure) -> {}, Worker::callBack);
  }

  @Override
  public boolean close(Duration drain) {
    if (drain.isNegative()) {
      throw new IllegalArgumentException("drain " + drain + ": must not be negative");
    }
    loop.leave(drain);
    if (begun.compareAndSet(false, true)) {
      // Never started: the loop turns once, to stop.
      runner.start();
    }
    if (handlers.isHere() || runner.isCurrentThread()) {
      return false;
    }
    Duration longest = drain.plus(WorkerSettings.LAST_WRITES.multipliedBy(3));
    try {
      loop.stopped().get(longest.toMillis(), TimeUnit.MILLISECONDS);
      return loop.releasedEverything();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  @Override
  public void close() {
    boolean wasStopped = loop.stopped().isDone();
    boolean released = close(DEFAULT_DRAIN);
    if (!released && !wasStopped && !handlers.isHere()) {
      LOG.warn(
          "Not every lease was released within {}: peers take the rest over, and some records are"
              + " delivered again",
          DEFAULT_DRAIN);
    }
  }
}
