package io.millrace.simulation.world;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StopReason;
import io.millrace.consumer.internal.coordinate.WorkerLoop;
import io.millrace.consumer.internal.coordinate.WorkerSettings;
import io.millrace.consumer.internal.fetch.StreamPort;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.shard.ShardConsumerFactory;
import io.millrace.consumer.lease.LeaseStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.random.RandomGenerator;

/**
 * One process of the fleet: a worker's real loop on virtual time, with clocks of its own that may
 * drift, jump and stand still, and that can be killed, suspended, resumed and stopped.
 *
 * <p>Confined to the simulation's thread.
 */
public final class SimulatedWorker {
  private final Identity identity;
  private final VirtualTime time;
  private final double clockRate;
  private final EventLoop loop;
  private final WorkerLoop worker;
  private final Ticker ticker;
  private final Runnable disconnect;
  private final Queue<Runnable> heldBack = new ArrayDeque<>();
  private Duration wallOffset = Duration.ZERO;
  private long standstillNanos;
  private boolean dead;
  private boolean paused;

  /**
   * Who a worker is.
   *
   * @param id its id in the fleet
   * @param incarnation its process
   */
  public record Identity(String id, String incarnation) {}

  /**
   * Where a worker lives.
   *
   * @param clockRate how fast its monotonic clock runs
   * @param store its way to the lease tables
   * @param streams its way to the streams
   * @param disconnect cuts it off from everything
   */
  public record Place(
      VirtualTime time,
      RandomGenerator dice,
      double clockRate,
      LeaseStore store,
      StreamPort streams,
      Runnable disconnect) {}

  /** Makes the data path of a process. */
  public interface DataPaths {
    /** Makes it, on the process's loop, clocks and threads. */
    ShardConsumerFactory create(SimulatedWorker process, EventLoop loop);
  }

  /** Makes a process that is not started. */
  public SimulatedWorker(
      Identity identity, Place place, ConsumerSettings settings, String stream, DataPaths paths) {
    this.identity = identity;
    this.time = place.time();
    this.clockRate = place.clockRate();
    this.disconnect = place.disconnect();
    this.loop = new EventLoop(clockNanos(), wallClock());
    this.worker =
        new WorkerLoop(
            new WorkerLoop.Parts(
                loop,
                place.store(),
                place.streams(),
                paths.create(this, loop),
                wallClock(),
                place.dice()),
            new WorkerSettings(
                "simulation",
                identity.id(),
                identity.incarnation(),
                List.of(
                    new WorkerSettings.StreamToRead(
                        stream, StartAt.trimHorizon(), Fetching.polling())),
                settings));
    this.ticker = new Ticker(time, now -> toVirtual(worker.tick(clockNanos())));
    loop.onPost(ticker::wake);
  }

  /** Its id in the fleet. */
  public String id() {
    return identity.id();
  }

  /** Starts it. */
  public void start() {
    var unused = worker.start();
    assert unused != null;
    ticker.wake();
  }

  /** Asks the worker to give its leases back and stop. */
  public void stop(Duration drain) {
    worker.leave(drain);
  }

  /** The process is gone between two instructions. */
  public void kill() {
    dead = true;
    ticker.stop();
    disconnect.run();
  }

  /** The process gets no processor time until {@link #resume}: its clocks go on meanwhile. */
  public void pause() {
    paused = true;
    ticker.pause();
  }

  /**
   * Goes on after {@link #pause}.
   *
   * @param standstill how long the monotonic clock stood still meanwhile: a suspended machine's
   *     does
   */
  public void resume(Duration standstill) {
    standstillNanos += standstill.toNanos();
    paused = false;
    ticker.resume();
    while (!heldBack.isEmpty()) {
      time.after(0, heldBack.remove());
    }
  }

  /** Sets its wall clock, from now on. */
  public void setWallClock(Duration apart) {
    wallOffset = apart;
  }

  /** Whether it gets no processor time at present. */
  public boolean isPaused() {
    return paused;
  }

  /** Whether it works: neither killed nor stopped. */
  public boolean isUp() {
    return !dead && !worker.stopped().isDone();
  }

  /** Whether its process was killed. */
  public boolean isDead() {
    return dead;
  }

  /** Whether it has stopped by itself or on request. */
  public boolean hasStopped() {
    return worker.stopped().isDone();
  }

  /** Why it stopped; only once it has. */
  public StopReason stopReason() {
    return worker.stopped().join();
  }

  /** The process's monotonic clock. */
  public long clockNanos() {
    return (long) ((time.nowNanos() - standstillNanos) * clockRate);
  }

  /** The process's wall clock. */
  public InstantSource wallClock() {
    return this::wallTime;
  }

  private Instant wallTime() {
    return time.now().plus(wallOffset);
  }

  /** Runs something on one of the process's threads, {@code delayNanos} from now. */
  public void runLater(long delayNanos, Runnable task) {
    time.after(delayNanos, () -> runOnThread(task));
  }

  private long toVirtual(long idleNanos) {
    return idleNanos == Long.MAX_VALUE ? idleNanos : (long) (idleNanos / clockRate) + 1;
  }

  private void runOnThread(Runnable task) {
    if (paused) {
      heldBack.add(task);
    } else if (!dead) {
      task.run();
    }
  }
}
