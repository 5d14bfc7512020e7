package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.ShardStatus;
import io.millrace.consumer.StopReason;
import io.millrace.consumer.internal.coordinate.WorkerSettings.StreamToRead;
import io.millrace.consumer.internal.discover.ConsumedStream;
import io.millrace.consumer.internal.discover.Discovery;
import io.millrace.consumer.internal.fetch.StreamPort;
import io.millrace.consumer.internal.hold.HeldLease;
import io.millrace.consumer.internal.loop.Duty;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.member.FleetWatch;
import io.millrace.consumer.internal.member.SelfFence;
import io.millrace.consumer.internal.shard.ShardConsumerFactory;
import io.millrace.consumer.internal.table.LeaseTable;
import io.millrace.consumer.internal.table.TableReader;
import io.millrace.consumer.internal.table.WriteIds;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStoreException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker of a fleet, on the thread that ticks it: start, work, leave.
 *
 * <pre>
 *   NEW -> STARTING -> WORKING -> LEAVING -> STOPPED
 *              \----------\----------\---------/   failures, and close before the work
 * </pre>
 *
 * <p>The loop, its timers and its inbox are the {@link EventLoop}; what is decided is {@link
 * Coordination}'s and below. Any exception that escapes an event is a defect: the worker stops at
 * once, writes nothing more, and its leases expire. {@link #start}, {@link #addStream}, {@link
 * #removeStream}, {@link #leave} and {@link #snapshot} may be called from any thread, the rest is
 * confined to the ticking one.
 */
public final class WorkerLoop implements Duty {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerLoop.class);
  private static final long SNAPSHOT_NANOS = Duration.ofMillis(500).toNanos();

  private final EventLoop loop;
  private final SelfFence fence;
  private final Startup startup;
  private final StreamLookup lookup;
  private final boolean manyStreams;
  private final Coordination coordination;
  private final LeaseTable table = new LeaseTable();
  private final TableReader reader;
  private final CompletableFuture<Void> started = new CompletableFuture<>();
  private final CompletableFuture<StopReason> stopped = new CompletableFuture<>();
  private volatile Snapshot snapshot = new Snapshot(false, List.of(), List.of());
  private Phase phase = Phase.NEW;
  private volatile boolean releasedAll;
  private boolean saidFarewell;

  private enum Phase {
    NEW,
    STARTING,
    WORKING,
    LEAVING,
    STOPPED
  }

  /**
   * What a worker acts through.
   *
   * @param loop its events; with the wall clock
   * @param random for jitter and epochs
   */
  public record Parts(
      EventLoop loop,
      LeaseStore store,
      StreamPort streams,
      ShardConsumerFactory consumers,
      InstantSource wallClock,
      RandomGenerator random) {}

  /**
   * How the worker does.
   *
   * @param member whether it is registered
   * @param shards its leases
   * @param problems what is wrong with the lease store, a line each
   */
  public record Snapshot(boolean member, List<ShardStatus> shards, List<String> problems) {}

  /** Creates a worker that does nothing yet. */
  public WorkerLoop(Parts parts, WorkerSettings settings) {
    this.loop = parts.loop();
    this.fence = new SelfFence(settings.timing(), parts.wallClock());
    long attemptNanos = settings.timing().attemptNanos();
    WriteIds ids = new WriteIds(settings.incarnation());
    this.reader =
        new TableReader(loop, parts.store(), table, attemptNanos, parts.random(), new Readings());
    Discovery.Parts discovery =
        new Discovery.Parts(
            loop,
            parts.streams(),
            parts.store(),
            table,
            reader,
            ids,
            fence,
            attemptNanos,
            parts.random());
    FleetWatch watch = new FleetWatch(settings.worker());
    this.lookup = new StreamLookup(loop, parts.streams(), settings.manyStreams(), parts.random());
    this.manyStreams = settings.manyStreams();
    this.startup = new Startup(discovery, watch, lookup, settings, new Started());
    this.coordination =
        new Coordination(discovery, watch, parts.consumers(), fence, settings, new Ended());
  }

  // ---- any thread

  /** Starts; the same future each time. It fails if the worker can't start. */
  public CompletableFuture<Void> start() {
    loop.post(
        () -> {
          if (phase == Phase.NEW) {
            phase = Phase.STARTING;
            loop.after(SNAPSHOT_NANOS, this::takeSnapshots);
            startup.begin();
          }
        });
    return started;
  }

  /** Reads one more stream; see {@code StreamConsumer.addStream}. */
  public CompletableFuture<Void> addStream(StreamToRead stream) {
    CompletableFuture<Void> added = new CompletableFuture<>();
    loop.post(
        () -> {
          Optional<RuntimeException> refusal = refusesChange();
          if (refusal.isPresent()) {
            added.completeExceptionally(refusal.get());
            return;
          }
          lookup.find(
              stream,
              new StreamLookup.Outcome() {
                @Override
                public void found(ConsumedStream found) {
                  coordination.addStream(found, error -> settle(added, error));
                }

                @Override
                public void failed(RuntimeException cause) {
                  added.completeExceptionally(cause);
                }
              });
        });
    return added;
  }

  private static void settle(CompletableFuture<Void> future, Optional<String> error) {
    if (error.isPresent()) {
      future.completeExceptionally(new IllegalStateException(error.get()));
    } else {
      future.complete(null);
    }
  }

  /** Reads a stream no more; see {@code StreamConsumer.removeStream}. */
  public CompletableFuture<Void> removeStream(String nameOrArn) {
    CompletableFuture<Void> removed = new CompletableFuture<>();
    loop.post(
        () -> {
          Optional<RuntimeException> refusal = refusesChange();
          Optional<ConsumedStream> stream = coordination.stream(nameOrArn);
          if (refusal.isPresent()) {
            removed.completeExceptionally(refusal.get());
          } else if (stream.isEmpty()) {
            removed.completeExceptionally(
                new IllegalStateException("stream '" + nameOrArn + "' is not read"));
          } else {
            coordination.removeStream(
                stream.get(),
                () -> {
                  // Who waited for this and looks must not see the leases of a moment ago.
                  takeSnapshot();
                  removed.complete(null);
                });
          }
        });
    return removed;
  }

  private Optional<RuntimeException> refusesChange() {
    if (!manyStreams) {
      return Optional.of(
          new IllegalStateException(
              "the application reads a single stream, whose lease keys don't name it: build the"
                  + " consumer with manyStreams()"));
    }
    return phase == Phase.WORKING
        ? Optional.empty()
        : Optional.of(new IllegalStateException("the consumer is not at work: start it first"));
  }

  /** Runs a request on the loop, with what it may look at. */
  void run(Consumer<View> request) {
    loop.post(() -> request.accept(new View()));
  }

  /** Gives everything back, and stops. What still drains after {@code drain} is interrupted. */
  public void leave(Duration drain) {
    loop.post(() -> beginToLeave(drain));
  }

  /** Completes when the worker has stopped; never exceptionally. */
  public CompletableFuture<StopReason> stopped() {
    return stopped;
  }

  /** Whether every lease was given back; meaningful once stopped. */
  public boolean releasedEverything() {
    return releasedAll;
  }

  /** How the worker did at most half a second ago, and no earlier than the last change told of. */
  public Snapshot snapshot() {
    return snapshot;
  }

  // ---- the loop

  @Override
  public long tick(long nowNanos) {
    try {
      return loop.tick(nowNanos);
    } catch (RuntimeException | Error defect) {
      LOG.error("A defect stops the worker; please report it", defect);
      stop(new StopReason(StopReason.Kind.DEFECT, defect.toString(), Optional.of(defect)));
      return 0;
    }
  }

  private void takeSnapshots() {
    if (phase == Phase.STOPPED) {
      return;
    }
    takeSnapshot();
    loop.after(SNAPSHOT_NANOS, this::takeSnapshots);
  }

  private void takeSnapshot() {
    List<ShardStatus> shards = new ArrayList<>();
    for (HeldLease lease : coordination.held().all()) {
      shards.add(lease.status());
    }
    snapshot =
        new Snapshot(
            coordination.isMember(), List.copyOf(shards), List.copyOf(coordination.problems()));
  }

  private void beginToLeave(Duration drain) {
    switch (phase) {
      case NEW, STARTING -> stop(closed());
      case WORKING -> {
        phase = Phase.LEAVING;
        long drainNanos = drain.toNanos();
        long lastNanos = WorkerSettings.LAST_WRITES.toNanos();
        loop.after(drainNanos, this::interruptDraining);
        loop.after(drainNanos + lastNanos, this::sayFarewell);
        loop.after(drainNanos + 2 * lastNanos, () -> stop(closed()));
        coordination.leave(drainNanos);
      }
      case LEAVING, STOPPED -> {}
    }
  }

  private void interruptDraining() {
    if (phase == Phase.LEAVING) {
      coordination.releaseNow();
    }
  }

  private void sayFarewell() {
    if (phase == Phase.LEAVING && !saidFarewell) {
      saidFarewell = true;
      releasedAll = coordination.held().isEmpty();
      coordination.farewell(() -> stop(closed()));
    }
  }

  private static StopReason closed() {
    return new StopReason(StopReason.Kind.CLOSED, "closed", Optional.empty());
  }

  private void fail(RuntimeException cause) {
    boolean working = phase == Phase.WORKING || phase == Phase.LEAVING;
    StopReason.Kind kind = working ? StopReason.Kind.UNSAFE : StopReason.Kind.START_FAILED;
    LOG.error("The worker stops: {}", cause.getMessage());
    started.completeExceptionally(cause);
    stop(new StopReason(kind, String.valueOf(cause.getMessage()), Optional.of(cause)));
  }

  private void stop(StopReason reason) {
    if (phase == Phase.STOPPED) {
      return;
    }
    phase = Phase.STOPPED;
    coordination.stop();
    takeSnapshot();
    started.completeExceptionally(new IllegalStateException("the worker has stopped"));
    stopped.complete(reason);
  }

  /** What every reading of the table shows. */
  private final class Readings implements TableReader.Listener {
    @Override
    public void tableListed(LeaseStore.Consistency consistency) {
      coordination.tableListed(consistency);
    }

    @Override
    public void tableSeenAgain(long blindNanos) {
      coordination.seesAgain(blindNanos);
    }

    @Override
    public void tableRestored(Lease row) {
      coordination.tableRestored(row);
    }

    @Override
    public void tableGone(LeaseStoreException said) {
      coordination.tableGone(said);
    }
  }

  /** What the checks before the registration have shown. */
  private final class Started implements Startup.Outcome {
    @Override
    public void checked(Startup.Found found) {
      if (phase == Phase.STARTING) {
        coordination.begin(found);
      }
    }

    @Override
    public void failed(RuntimeException cause) {
      if (phase == Phase.STARTING) {
        fail(cause);
      }
    }
  }

  /** What becomes of the work. */
  private final class Ended implements Coordination.Ends {
    @Override
    public void registered() {
      if (phase == Phase.STARTING) {
        phase = Phase.WORKING;
        takeSnapshot();
        started.complete(null);
      }
    }

    @Override
    public void failed(RuntimeException cause) {
      fail(cause);
    }

    @Override
    public void allReleased() {
      // Not from within the end of a lease: others may hear of it still.
      loop.post(WorkerLoop.this::sayFarewell);
    }
  }

  /** What a request may look at; on the loop. */
  final class View {
    EventLoop loop() {
      return loop;
    }

    TableReader reader() {
      return reader;
    }

    LeaseTable table() {
      return table;
    }

    /** The stream that is read under a name or ARN. */
    Optional<ConsumedStream> stream(String nameOrArn) {
      return coordination.stream(nameOrArn);
    }
  }
}
