package io.millrace.simulation;

import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StopReason;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.handler.RecordHandler;
import io.millrace.consumer.internal.coordinate.WorkerLoop;
import io.millrace.consumer.internal.coordinate.WorkerSettings;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.process.ApplicationHooks;
import io.millrace.consumer.internal.process.Excerpt;
import io.millrace.consumer.internal.process.Processing;
import io.millrace.consumer.internal.process.UserCode;
import io.millrace.consumer.internal.shard.DataPath;
import io.millrace.consumer.internal.shard.ShardConsumers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * One process of the fleet: a worker's real loop and data path on virtual time, with a clock of its
 * own that may drift, and that can be killed, suspended, resumed and stopped.
 *
 * <p>Confined to the simulation's thread.
 */
final class SimulatedWorker {
  /** What a process is made of. */
  record Parts(
      VirtualTime time,
      SimulatedWire wire,
      SimulatedLeaseStore store,
      RandomGenerator dice,
      double clockRate) {}

  private static final long PROMPT_NANOS = Duration.ofMillis(3).toNanos();
  private static final long BUSY_NANOS = Duration.ofSeconds(3).toNanos();

  private final String id;
  private final Parts parts;
  private final EventLoop loop;
  private final WorkerLoop worker;
  private final Ticker ticker;
  private final Queue<Runnable> heldBack = new ArrayDeque<>();
  private boolean dead;
  private boolean paused;

  SimulatedWorker(
      String id,
      String incarnation,
      Parts parts,
      ConsumerSettings settings,
      String stream,
      RecordHandler handler) {
    this.id = id;
    this.parts = parts;
    SimulatedReads reads = new SimulatedReads(parts.wire());
    this.loop = new EventLoop(clockNanos(), parts.time().wallClock());
    ShardConsumers consumers =
        new ShardConsumers(
            new DataPath(
                "simulation",
                settings,
                FailurePolicy.retryForever(),
                new Processing.Handler(new UserCode.Records(handler)),
                1,
                KeyOrder.PER_KEY,
                reads,
                new NoFanOut(),
                handlerThreads(),
                this::clockNanos,
                parts.time().wallClock(),
                new SplittableRandom(parts.dice().nextLong()),
                new CompositeMeterRegistry(),
                ApplicationHooks.NONE,
                Excerpt.ALL,
                event -> loop.post(() -> event.apply(loop.nowNanos()))));
    this.worker =
        new WorkerLoop(
            new WorkerLoop.Parts(
                loop,
                parts.store(),
                reads,
                consumers,
                parts.time().wallClock(),
                new SplittableRandom(parts.dice().nextLong())),
            new WorkerSettings(
                "simulation",
                id,
                incarnation,
                List.of(
                    new WorkerSettings.StreamToRead(
                        stream, StartAt.trimHorizon(), Fetching.polling())),
                settings));
    this.ticker = new Ticker(parts.time(), now -> toVirtual(worker.tick(clockNanos())));
    loop.onPost(ticker::wake);
  }

  String id() {
    return id;
  }

  void start() {
    var unused = worker.start();
    assert unused != null;
    ticker.wake();
  }

  /** Asks the worker to give its leases back and stop. */
  void stop(Duration drain) {
    worker.leave(drain);
  }

  /** The process is gone between two instructions. */
  void kill() {
    dead = true;
    ticker.stop();
    parts.store().disconnect();
    parts.wire().disconnect();
  }

  /** The process gets no processor time until {@link #resume}: its clocks go on meanwhile. */
  void pause() {
    paused = true;
    ticker.pause();
  }

  void resume() {
    paused = false;
    ticker.resume();
    while (!heldBack.isEmpty()) {
      parts.time().after(0, heldBack.remove());
    }
  }

  boolean isPaused() {
    return paused;
  }

  /** Whether it works: neither killed nor stopped. */
  boolean isUp() {
    return !dead && !worker.stopped().isDone();
  }

  /** Why it stopped; only once it has. */
  StopReason stopReason() {
    return worker.stopped().join();
  }

  boolean hasStopped() {
    return worker.stopped().isDone();
  }

  /** The process's monotonic clock. */
  private long clockNanos() {
    return (long) (parts.time().nowNanos() * parts.clockRate());
  }

  private long toVirtual(long idleNanos) {
    return idleNanos == Long.MAX_VALUE ? idleNanos : (long) (idleNanos / parts.clockRate()) + 1;
  }

  /** User code starts within three milliseconds or, once in fifty times, within three seconds. */
  private Executor handlerThreads() {
    return task -> {
      boolean busy = parts.dice().nextInt(50) == 0;
      long limit = busy ? BUSY_NANOS : PROMPT_NANOS;
      parts.time().after(parts.dice().nextLong(limit), () -> runOnThread(task));
    };
  }

  private void runOnThread(Runnable task) {
    if (paused) {
      heldBack.add(task);
    } else if (!dead) {
      task.run();
    }
  }
}
