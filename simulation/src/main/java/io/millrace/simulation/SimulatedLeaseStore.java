package io.millrace.simulation;

import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.Holding;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.Parked;
import io.millrace.consumer.lease.Progress;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WriteId;
import io.millrace.consumer.lease.WriteOutcome;
import io.millrace.model.ShardId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One worker's connection to the fleet's tables, over a network that delays, loses requests and
 * replies, applies writes late, throttles, and shows old states to eventually consistent reads.
 *
 * <p>The tables themselves are an {@link InMemoryLeaseStore} that the workers share: every
 * condition is tested and every write applied there, in one step, at the virtual time at which the
 * request arrives. A caller that gets no reply sees {@link WriteOutcome.Unknown} after its attempt
 * time-out. A worker that has crashed is cut off by {@link #disconnect()}: its requests that are
 * already on the way still arrive.
 *
 * <p>Confined to the simulation's thread.
 */
final class SimulatedLeaseStore implements LeaseStore {
  private final SharedTables tables;
  private final VirtualTime time;
  private final RandomGenerator dice;
  private final Supplier<NetworkFaults> faults;
  private final String client;
  private long attemptTimeoutNanos;
  private boolean connected = true;

  /**
   * Connects a worker.
   *
   * @param tables what all workers share
   * @param time when things arrive
   * @param dice decides on delays and faults
   * @param faults the faults of the moment
   * @param client the worker's name in the trace
   * @param attemptTimeoutNanos how long a caller waits for a reply, until {@link #prepare} sets it
   */
  public SimulatedLeaseStore(
      SharedTables tables,
      VirtualTime time,
      RandomGenerator dice,
      Supplier<NetworkFaults> faults,
      String client,
      long attemptTimeoutNanos) {
    this.tables = tables;
    this.time = time;
    this.dice = dice;
    this.faults = faults;
    this.client = client;
    this.attemptTimeoutNanos = attemptTimeoutNanos;
  }

  /** Lets no reply through any more, and no new request. */
  public void disconnect() {
    connected = false;
  }

  @Override
  public CompletionStage<Tables> prepare(Preparation preparation) {
    attemptTimeoutNanos = preparation.attemptTimeout().toNanos();
    return read(() -> tables.store().prepare(preparation));
  }

  @Override
  public CompletionStage<Optional<String>> signOfKcl() {
    return read(() -> tables.store().signOfKcl());
  }

  @Override
  public CompletionStage<LeasePage> listLeases(
      Consistency consistency, @Nullable String pageToken) {
    boolean stale = consistency == Consistency.EVENTUAL && happens(faults.get().staleRead());
    return read(
        () ->
            stale && pageToken == null
                ? CompletableFuture.completedFuture(new LeasePage(tables.oldLeases(dice), null))
                : tables.store().listLeases(consistency, pageToken));
  }

  @Override
  public CompletionStage<Optional<Lease>> readLease(LeaseKey key) {
    return read(() -> tables.store().readLease(key));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> create(Lease lease, WriteId id) {
    return write("create " + lease.key(), () -> tables.store().create(lease, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> take(
      Lease observed, Owner taker, StreamIdentity stream, WriteId id) {
    return write("take " + observed.key(), () -> tables.store().take(observed, taker, stream, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> claim(Lease observed, Owner claimer, WriteId id) {
    return write("claim " + observed.key(), () -> tables.store().claim(observed, claimer, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> delete(Lease observed) {
    return write("delete " + observed.key(), () -> tables.store().delete(observed));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> reset(
      Lease observed, Checkpoint checkpoint, @Nullable Instant startTimestamp, WriteId id) {
    return write(
        "reset " + observed.key(),
        () -> tables.store().reset(observed, checkpoint, startTimestamp, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> mark(
      Lease observed, @Nullable Parked parked, WriteId id) {
    return write("mark " + observed.key(), () -> tables.store().mark(observed, parked, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> renew(
      Holding holding, double throughputKBps, WriteId id) {
    return write("renew " + holding.key(), () -> tables.store().renew(holding, throughputKBps, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> checkpoint(
      Holding holding, Progress progress, WriteId id) {
    return write(
        "checkpoint " + holding.key() + " " + progress.checkpoint(),
        () -> tables.store().checkpoint(holding, progress, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> endShard(
      Holding holding, Set<ShardId> children, WriteId id) {
    return write("endShard " + holding.key(), () -> tables.store().endShard(holding, children, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> transfer(Holding holding, Owner to, WriteId id) {
    return write(
        "transfer " + holding.key() + " to " + to, () -> tables.store().transfer(holding, to, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> cancelClaim(Holding holding, WriteId id) {
    return write("cancelClaim " + holding.key(), () -> tables.store().cancelClaim(holding, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> release(Holding holding, WriteId id) {
    return write("release " + holding.key(), () -> tables.store().release(holding, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> park(Holding holding, Parked parked, WriteId id) {
    return write("park " + holding.key(), () -> tables.store().park(holding, parked, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> resume(Holding holding, WriteId id) {
    return write("resume " + holding.key(), () -> tables.store().resume(holding, id));
  }

  @Override
  public CompletionStage<FleetView> readFleet() {
    boolean stale = happens(faults.get().staleRead());
    return read(
        () ->
            stale
                ? CompletableFuture.completedFuture(tables.oldFleet(dice))
                : tables.store().readFleet());
  }

  @Override
  public CompletionStage<Optional<WorkerRow>> readWorker(String worker) {
    return read(() -> tables.store().readWorker(worker));
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> register(
      WorkerRow row, @Nullable WorkerRow observed) {
    return write(
        "register " + row.worker() + " epoch " + row.epoch(),
        () -> tables.store().register(row, observed));
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> heartbeat(WorkerRow row) {
    return write(null, () -> tables.store().heartbeat(row));
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> fence(WorkerRow observed) {
    return write(
        "fence " + observed.worker() + " epoch " + observed.epoch(),
        () -> tables.store().fence(observed));
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> fenceMissing(WorkerRow tombstone) {
    return write(
        "fenceMissing " + tombstone.worker() + " epoch " + tombstone.epoch(),
        () -> tables.store().fenceMissing(tombstone));
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> deleteWorker(WorkerRow observed) {
    return write("deleteWorker " + observed.worker(), () -> tables.store().deleteWorker(observed));
  }

  @Override
  public CompletionStage<WriteOutcome<FleetMode>> changeMode(FleetMode next) {
    return write("changeMode " + next, () -> tables.store().changeMode(next));
  }

  @Override
  public void close() {}

  private <R> CompletionStage<WriteOutcome<R>> write(
      @Nullable String what, Supplier<CompletionStage<WriteOutcome<R>>> call) {
    CompletableFuture<WriteOutcome<R>> reply = new CompletableFuture<>();
    if (!connected) {
      return reply;
    }
    NetworkFaults now = faults.get();
    giveUpLater(() -> reply.complete(new WriteOutcome.Unknown<>(new TimeoutException())));
    if (happens(now.throttled())) {
      time.after(
          now.delayNanos(dice) + now.delayNanos(dice),
          () -> answer(reply, new WriteOutcome.Throttled<>()));
      return reply;
    }
    if (happens(now.lostRequest())) {
      return reply;
    }
    boolean late = happens(now.lateRequest());
    boolean replyLost = late || happens(now.lostReply());
    long there = now.delayNanos(dice) + (late ? attemptTimeoutNanos + now.delayNanos(dice) : 0);
    long back = now.delayNanos(dice);
    time.after(
        there,
        () -> {
          WriteOutcome<R> outcome = call.get().toCompletableFuture().join();
          tables.remember();
          if (what != null || !(outcome instanceof WriteOutcome.Applied<?>)) {
            tables
                .trace()
                .say(
                    "%s: %s -> %s%s%s",
                    client,
                    what == null ? "heartbeat" : what,
                    outcome.getClass().getSimpleName(),
                    late ? " (late)" : "",
                    replyLost && !late ? " (reply lost)" : "");
          }
          if (!replyLost) {
            time.after(back, () -> answer(reply, outcome));
          }
        });
    return reply;
  }

  private <T> CompletionStage<T> read(Supplier<CompletionStage<T>> call) {
    CompletableFuture<T> reply = new CompletableFuture<>();
    if (!connected) {
      return reply;
    }
    NetworkFaults now = faults.get();
    giveUpLater(() -> reply.completeExceptionally(unavailable()));
    if (happens(now.lostRequest()) || happens(now.throttled())) {
      return reply;
    }
    long back = now.delayNanos(dice);
    time.after(
        now.delayNanos(dice),
        () -> {
          CompletionStage<T> answer = call.get();
          time.after(
              back,
              () ->
                  answer.whenComplete(
                      (value, failure) -> {
                        if (connected && failure == null) {
                          reply.complete(value);
                        } else if (connected) {
                          reply.completeExceptionally(failure);
                        }
                      }));
        });
    return reply;
  }

  private <T> void answer(CompletableFuture<T> reply, T value) {
    if (connected) {
      reply.complete(value);
    }
  }

  private void giveUpLater(Runnable giveUp) {
    time.after(
        attemptTimeoutNanos,
        () -> {
          if (connected) {
            giveUp.run();
          }
        });
  }

  private boolean happens(double probability) {
    return probability > 0 && dice.nextDouble() < probability;
  }

  private static LeaseStoreException unavailable() {
    return new LeaseStoreException(
        LeaseStoreException.Reason.UNAVAILABLE, "the simulated store did not answer");
  }

  /**
   * The tables that the workers of a fleet share, with a memory of old states for eventually
   * consistent reads.
   *
   * <p>Confined to the simulation's thread.
   */
  public static final class SharedTables {
    private static final int REMEMBERED = 16;

    private final InMemoryLeaseStore store = new InMemoryLeaseStore();
    private final Trace trace;
    private final Deque<FleetView> oldFleets = new ArrayDeque<>();
    private final Deque<List<Lease>> oldLeases = new ArrayDeque<>();
    private long writes;

    /** Creates empty tables. */
    public SharedTables(Trace trace) {
      this.trace = trace;
      remember();
    }

    /** The tables as they are, for checks between the steps. */
    public InMemoryLeaseStore store() {
      return store;
    }

    /** All leases as they are. */
    public List<Lease> leases() {
      return store.listLeases(Consistency.STRONG, null).toCompletableFuture().join().leases();
    }

    Trace trace() {
      return trace;
    }

    /** How many writes have arrived: unchanged means that no row has changed. */
    long writes() {
      return writes;
    }

    void remember() {
      writes++;
      oldFleets.addLast(store.readFleet().toCompletableFuture().join());
      oldLeases.addLast(leases());
      if (oldFleets.size() > REMEMBERED) {
        oldFleets.removeFirst();
        oldLeases.removeFirst();
      }
    }

    FleetView oldFleet(RandomGenerator dice) {
      return nth(oldFleets, dice.nextInt(oldFleets.size()));
    }

    List<Lease> oldLeases(RandomGenerator dice) {
      return nth(oldLeases, dice.nextInt(oldLeases.size()));
    }

    private static <T> T nth(Deque<T> deque, int index) {
      return deque.stream().skip(index).findFirst().orElseThrow();
    }
  }
}
