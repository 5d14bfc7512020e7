package io.millrace.simulation.world;

import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.Holding;
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
import io.millrace.simulation.world.Fates.Staleness;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One worker's connection to the fleet's tables, over a network that delays, loses and repeats
 * requests, loses replies, throttles, and shows old states to eventually consistent reads.
 *
 * <p>The tables are what the workers share: every condition is tested and every write applied
 * there, in one step, at the virtual time at which the request arrives. A caller that gets no reply
 * sees {@link WriteOutcome.Unknown} after its attempt time-out. A worker that has crashed is cut
 * off by {@link #disconnect()}: its requests that are already on the way still arrive.
 *
 * <p>Confined to the simulation's thread.
 */
public final class SimulatedLeaseStore implements LeaseStore {
  private final SharedTables tables;
  private final VirtualTime time;
  private final Fates fates;
  private final String client;
  private long attemptNanos;
  private boolean connected = true;

  /**
   * Connects a worker.
   *
   * @param tables what all workers share
   * @param time when things arrive
   * @param fates what becomes of each request
   * @param client the worker's name in the trace
   * @param attemptNanos how long a caller waits for a reply, until {@link #prepare} sets it
   */
  public SimulatedLeaseStore(
      SharedTables tables, VirtualTime time, Fates fates, String client, long attemptNanos) {
    this.tables = tables;
    this.time = time;
    this.fates = fates;
    this.client = client;
    this.attemptNanos = attemptNanos;
  }

  /** Lets no reply through any more, and no new request. */
  public void disconnect() {
    connected = false;
  }

  @Override
  public CompletionStage<Tables> prepare(Preparation preparation) {
    attemptNanos = preparation.attemptTimeout().toNanos();
    return read("prepare", store -> store.prepare(preparation));
  }

  @Override
  public CompletionStage<Optional<String>> signOfKcl() {
    return read("signOfKcl", LeaseStore::signOfKcl);
  }

  @Override
  public CompletionStage<LeasePage> listLeases(
      Consistency consistency, @Nullable String pageToken) {
    Staleness staleness = consistency == Consistency.EVENTUAL ? fates.staleness() : Staleness.FRESH;
    if (staleness != Staleness.FRESH) {
      return read(
          "listLeases",
          store -> {
            List<Lease> old = tables.staleLeases(staleness, fates.dice());
            return CompletableFuture.completedFuture(new LeasePage(old, null));
          });
    }
    long tornNanos = fates.tornNanos();
    return tornNanos == 0
        ? read("listLeases", store -> store.listLeases(consistency, pageToken))
        : read("listLeases", store -> listInTwo(tornNanos));
  }

  /** A listing is no snapshot: its later rows are read later. */
  private CompletionStage<LeasePage> listInTwo(long tornNanos) {
    CompletableFuture<LeasePage> page = new CompletableFuture<>();
    List<Lease> first = List.copyOf(tables.leases().values());
    int half = first.isEmpty() ? 0 : fates.dice().nextInt(first.size());
    time.after(
        tornNanos,
        () -> {
          List<Lease> torn = new ArrayList<>(first.subList(0, half));
          for (Lease row : tables.leases().values()) {
            if (half == 0 || row.key().compareTo(first.get(half - 1).key()) > 0) {
              torn.add(row);
            }
          }
          page.complete(new LeasePage(torn, null));
        });
    return page;
  }

  @Override
  public CompletionStage<Optional<Lease>> readLease(LeaseKey key) {
    return read("readLease", store -> store.readLease(key));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> create(Lease lease, WriteId id) {
    return write("create", lease.key(), "", store -> store.create(lease, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> take(
      Lease observed, Owner taker, StreamIdentity stream, WriteId id) {
    return write("take", observed.key(), taker, store -> store.take(observed, taker, stream, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> claim(Lease observed, Owner claimer, WriteId id) {
    return write("claim", observed.key(), "", store -> store.claim(observed, claimer, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> delete(Lease observed) {
    return write("delete", observed.key(), "", store -> store.delete(observed));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> reset(
      Lease observed, Checkpoint checkpoint, @Nullable Instant startTimestamp, WriteId id) {
    return write(
        "reset",
        observed.key(),
        checkpoint,
        store -> store.reset(observed, checkpoint, startTimestamp, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> mark(
      Lease observed, @Nullable Parked parked, WriteId id) {
    return write("mark", observed.key(), "", store -> store.mark(observed, parked, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> renew(
      Holding holding, double throughputKBps, WriteId id) {
    return write("renew", holding.key(), "", store -> store.renew(holding, throughputKBps, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> checkpoint(
      Holding holding, Progress progress, WriteId id) {
    return write(
        "checkpoint",
        holding.key(),
        progress.checkpoint(),
        store -> store.checkpoint(holding, progress, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> endShard(
      Holding holding, Set<ShardId> children, WriteId id) {
    return write(
        "endShard", holding.key(), children, store -> store.endShard(holding, children, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> transfer(Holding holding, Owner to, WriteId id) {
    return write("transfer", holding.key(), to, store -> store.transfer(holding, to, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> cancelClaim(Holding holding, WriteId id) {
    return write("cancelClaim", holding.key(), "", store -> store.cancelClaim(holding, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> release(Holding holding, WriteId id) {
    return write("release", holding.key(), "", store -> store.release(holding, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> park(Holding holding, Parked parked, WriteId id) {
    return write("park", holding.key(), "", store -> store.park(holding, parked, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> resume(Holding holding, WriteId id) {
    return write("resume", holding.key(), "", store -> store.resume(holding, id));
  }

  @Override
  public CompletionStage<FleetView> readFleet() {
    Staleness staleness = fates.staleness();
    return read(
        "readFleet",
        store ->
            staleness == Staleness.FRESH
                ? store.readFleet()
                : CompletableFuture.completedFuture(tables.staleFleet(staleness, fates.dice())));
  }

  @Override
  public CompletionStage<Optional<WorkerRow>> readWorker(String worker) {
    return read("readWorker", store -> store.readWorker(worker));
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> register(
      WorkerRow row, @Nullable WorkerRow observed) {
    return write("register", row.worker(), row.epoch(), store -> store.register(row, observed));
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> heartbeat(WorkerRow row) {
    return write("heartbeat", row.heartbeat(), row.state(), store -> store.heartbeat(row));
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> fence(WorkerRow observed) {
    return write("fence", observed.worker(), observed.epoch(), store -> store.fence(observed));
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> fenceMissing(WorkerRow tombstone) {
    return write(
        "fenceMissing",
        tombstone.worker(),
        tombstone.epoch(),
        store -> store.fenceMissing(tombstone));
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> deleteWorker(WorkerRow observed) {
    return write(
        "deleteWorker", observed.worker(), observed.epoch(), store -> store.deleteWorker(observed));
  }

  @Override
  public CompletionStage<WriteOutcome<FleetMode>> changeMode(FleetMode next) {
    return write("changeMode", next.heartbeats(), "", store -> store.changeMode(next));
  }

  @Override
  public void close() {}

  private <R> CompletionStage<WriteOutcome<R>> write(
      String method,
      Object subject,
      Object detail,
      Function<LeaseStore, CompletionStage<WriteOutcome<R>>> call) {
    CompletableFuture<WriteOutcome<R>> reply = new CompletableFuture<>();
    if (!connected) {
      return reply;
    }
    giveUpLater(() -> reply.complete(new WriteOutcome.Unknown<>(new TimeoutException())));
    Fate fate = fates.next(method, true, attemptNanos);
    if (fate.is(Fate.Kind.THROTTLED)) {
      time.after(
          fate.thereNanos() + fate.backNanos(),
          () -> answer(reply, new WriteOutcome.Throttled<>()));
    } else if (!connected || fate.is(Fate.Kind.LOST_REQUEST)) {
      tables.trace().say("%s: %s %s %s is lost", client, method, subject, detail);
    } else {
      time.after(
          fate.thereNanos(),
          () -> {
            WriteOutcome<R> outcome = arrive(method, subject, detail, call, fate);
            if (!fate.is(Fate.Kind.LOST_REPLY)) {
              time.after(fate.backNanos(), () -> answer(reply, outcome));
            }
          });
      if (fate.againNanos() >= 0) {
        Fate again = new Fate(Fate.Kind.LOST_REPLY, 0, 0, -1);
        time.after(
            fate.thereNanos() + fate.againNanos(),
            () -> {
              var unheard = arrive(method + " once more", subject, detail, call, again);
              assert unheard != null;
            });
      }
    }
    return reply;
  }

  private <R> WriteOutcome<R> arrive(
      String method,
      Object subject,
      Object detail,
      Function<LeaseStore, CompletionStage<WriteOutcome<R>>> call,
      Fate fate) {
    WriteOutcome<R> outcome = call.apply(tables.store()).toCompletableFuture().join();
    tables
        .trace()
        .say(
            "%s: %s %s %s -> %s%s",
            client,
            method,
            subject,
            detail,
            outcome.getClass().getSimpleName(),
            fate.is(Fate.Kind.LOST_REPLY) ? ", reply lost" : "");
    tables.remember();
    return outcome;
  }

  private <T> CompletionStage<T> read(
      String method, Function<LeaseStore, CompletionStage<T>> call) {
    CompletableFuture<T> reply = new CompletableFuture<>();
    if (!connected) {
      return reply;
    }
    giveUpLater(() -> reply.completeExceptionally(unavailable()));
    Fate fate = fates.next(method, false, attemptNanos);
    if (!connected || fate.is(Fate.Kind.LOST_REQUEST) || fate.is(Fate.Kind.THROTTLED)) {
      return reply;
    }
    time.after(
        fate.thereNanos(),
        () -> {
          CompletionStage<T> answer = call.apply(tables.store());
          if (!fate.is(Fate.Kind.LOST_REPLY)) {
            answer.whenComplete(
                (value, failure) ->
                    time.after(fate.backNanos(), () -> answer(reply, value, failure)));
          }
        });
    return reply;
  }

  private <T> void answer(CompletableFuture<T> reply, T value) {
    if (connected) {
      reply.complete(value);
    }
  }

  private <T> void answer(CompletableFuture<T> reply, T value, @Nullable Throwable failure) {
    if (failure == null) {
      answer(reply, value);
    } else if (connected) {
      reply.completeExceptionally(failure);
    }
  }

  private void giveUpLater(Runnable giveUp) {
    time.after(
        attemptNanos,
        () -> {
          if (connected) {
            giveUp.run();
          }
        });
  }

  private static LeaseStoreException unavailable() {
    return new LeaseStoreException(
        LeaseStoreException.Reason.UNAVAILABLE, "the simulated store did not answer");
  }
}
