package io.millrace.consumer.internal.admin;

import io.millrace.consumer.LeaseStatus;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.member.FailoverTiming;
import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.Preparation;
import io.millrace.consumer.lease.LeaseStore.Tables;
import io.millrace.consumer.lease.Notice;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.Parked;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One operator's work on a fleet: decisions by consistent reads, carried out by conditional writes,
 * in which a live fleet takes part. {@code docs/lease-protocol.md}, section 12, has each step.
 *
 * <p>All futures complete on the loop. Confined to the loop.
 */
public final class Administration {
  private static final Duration PREPARE_TIMEOUT = Duration.ofSeconds(20);
  private static final long SETTLE_POLL_NANOS = Duration.ofMillis(500).toNanos();
  private static final long SETTLE_PATIENCE_NANOS = Duration.ofSeconds(60).toNanos();

  /** As far before the store's time as LATEST starts before that of Kinesis. */
  private static final Duration LATEST_MARGIN = Duration.ofSeconds(2);

  private final EventLoop loop;
  private final LeaseStore store;
  private final String application;
  private final Duration attemptTimeout;
  private final StoreCalls calls;
  private final Vacancy vacancy;
  private final OperatorNotices notices;
  private final Deletion deletion;

  /**
   * Creates an administration that has done nothing yet.
   *
   * @param incarnation random: names its writes and notices
   */
  public Administration(
      EventLoop loop,
      LeaseStore store,
      String application,
      Duration attemptTimeout,
      String incarnation,
      RandomGenerator random) {
    this.loop = loop;
    this.store = store;
    this.application = application;
    this.attemptTimeout = attemptTimeout;
    this.calls = new StoreCalls(loop, store, incarnation, attemptTimeout.toNanos(), random);
    FailoverTiming timing = FailoverTiming.of(attemptTimeout.multipliedBy(5));
    this.vacancy = new Vacancy(loop, store, calls, timing);
    this.deletion = new Deletion(store, calls, vacancy);
    this.notices =
        new OperatorNotices(calls, store, incarnation, 1 + random.nextLong(Long.MAX_VALUE >> 24));
  }

  private CompletableFuture<Tables> prepare() {
    Preparation preparation = new Preparation(application, attemptTimeout, true, false);
    return calls.read(() -> store.prepare(preparation), PREPARE_TIMEOUT.toNanos());
  }

  // ---- looking

  /** See {@link io.millrace.consumer.FleetAdmin#leases}. */
  public CompletableFuture<List<LeaseStatus>> leases() {
    return prepare()
        .thenCompose(
            tables ->
                calls
                    .read(store::readFleet)
                    .thenCombine(
                        calls.list(),
                        (fleet, rows) -> new LeaseReport(rows, fleet, timeOf(tables)).lines()));
  }

  private Instant timeOf(Tables tables) {
    return tables.serviceTime().orElseGet(loop::wallTime);
  }

  /** The only lease of a shard of a stream; on a prepared store. */
  private CompletableFuture<LeaseKey> find(String stream, ShardId shard) {
    return calls
        .list()
        .thenApply(
            rows -> {
              List<LeaseKey> found =
                  rows.stream()
                      .filter(row -> row.key().shard().equals(shard) && isOf(stream, row))
                      .map(Lease::key)
                      .toList();
              if (found.size() == 1) {
                return found.get(0);
              }
              throw new IllegalArgumentException(
                  "application '"
                      + application
                      + "' has "
                      + (found.isEmpty() ? "no lease" : "several leases " + found)
                      + " of shard '"
                      + shard
                      + "' of stream '"
                      + stream
                      + "'");
            });
  }

  /** By name, ARN or the stream's part of the key; a row of the KCL may tell nothing of these. */
  private static boolean isOf(String stream, Lease row) {
    if (row.stream().isPresent()) {
      String arn = row.stream().get().arn();
      if (stream.equals(arn) || stream.equals(row.stream().get().name())) {
        return true;
      }
    }
    if (!row.key().namesStream()) {
      return row.stream().isEmpty();
    }
    String prefix = row.key().stream();
    return stream.equals(prefix) || prefix.contains(":" + stream + ":");
  }

  // ---- pause and resume

  /** See {@link io.millrace.consumer.FleetAdmin#pause}. */
  public CompletableFuture<Void> pause(String stream, ShardId shard, String reason) {
    return prepare()
        .thenCompose(tables -> find(stream, shard))
        .thenCompose(key -> pause(key, reason))
        .thenApply(row -> null);
  }

  /** Completes with the row when nobody holds it. */
  private CompletableFuture<Lease> pause(LeaseKey key, String reason) {
    return calls
        .edit(
            key,
            row -> {
              refuseFinished(row);
              Parked mark = Parked.byOperator(reason, loop.wallTime());
              return row.isPaused()
                  ? Optional.empty()
                  : Optional.of(id -> store.mark(row, mark, id));
            })
        .thenCompose(row -> notices.post(Notice.Kind.PAUSED, key))
        .thenCompose(told -> vacancy.of(key, true));
  }

  private static void refuseFinished(Lease row) {
    if (row.isFinished()) {
      throw new IllegalStateException(
          "lease "
              + row.key()
              + " is of a shard that is processed to its end, and its children are read: there is"
              + " nothing to pause, to move or to set");
    }
  }

  /** See {@link io.millrace.consumer.FleetAdmin#resume}. */
  public CompletableFuture<Void> resume(String stream, ShardId shard) {
    return prepare()
        .thenCompose(tables -> find(stream, shard))
        .thenCompose(
            key ->
                calls.edit(
                    key,
                    row -> {
                      if (row.parked().isEmpty()) {
                        throw new IllegalStateException(
                            "lease " + key + " is neither paused nor parked");
                      }
                      return Optional.of(id -> store.mark(row, null, id));
                    }))
        .thenCompose(this::tellOfResumed);
  }

  /** Who holds the lease goes on with it; if nobody does, somebody takes it. */
  private CompletableFuture<Void> tellOfResumed(Lease row) {
    return notices.post(
        row.holder().isPresent() ? Notice.Kind.RESUMED : Notice.Kind.RELEASED, row.key());
  }

  /** See {@link io.millrace.consumer.FleetAdmin#resumeParked}. */
  public CompletableFuture<Integer> resumeParked() {
    return prepare()
        .thenCompose(tables -> calls.list())
        .thenCompose(
            rows -> {
              CompletableFuture<Integer> resumed = CompletableFuture.completedFuture(0);
              for (Lease parked : rows) {
                if (isParked(parked)) {
                  resumed = resumed.thenCompose(count -> resumeParked(parked.key(), count));
                }
              }
              return resumed;
            });
  }

  private static boolean isParked(Lease row) {
    return row.parked().isPresent() && !row.isPaused();
  }

  private CompletableFuture<Integer> resumeParked(LeaseKey key, int before) {
    return calls
        .edit(
            key,
            row -> isParked(row) ? Optional.of(id -> store.mark(row, null, id)) : Optional.empty())
        .thenCompose(this::tellOfResumed)
        .thenApply(told -> before + 1);
  }

  /** See {@link io.millrace.consumer.FleetAdmin#pauseApplication}. */
  public CompletableFuture<Void> pauseApplication() {
    return prepare()
        .thenCompose(
            tables ->
                calls.changeMode(
                    mode -> mode.paused() ? Optional.empty() : Optional.of(mode.withPaused(true))))
        .thenCompose(mode -> calls.list())
        .thenCompose(rows -> awaitVacancy(rows, true));
  }

  /** One after another: most are free by then. */
  private CompletableFuture<Void> awaitVacancy(List<Lease> rows, boolean negotiated) {
    CompletableFuture<Void> free = CompletableFuture.completedFuture(null);
    for (Lease row : rows) {
      if (row.holder().isPresent()) {
        free =
            free.thenCompose(before -> vacancy.of(row.key(), negotiated)).thenApply(vacant -> null);
      }
    }
    return free;
  }

  /** See {@link io.millrace.consumer.FleetAdmin#resumeApplication}. */
  public CompletableFuture<Void> resumeApplication() {
    return prepare()
        .thenCompose(
            tables ->
                calls.changeMode(
                    mode -> mode.paused() ? Optional.of(mode.withPaused(false)) : Optional.empty()))
        .thenApply(mode -> null);
  }

  // ---- positions

  /** See {@link io.millrace.consumer.FleetAdmin#reset(String, ShardId, StartAt)}. */
  public CompletableFuture<Void> reset(String stream, ShardId shard, StartAt to) {
    return prepare()
        .thenCompose(
            tables -> {
              Instant now = timeOf(tables);
              return switch (to.kind()) {
                case TRIM_HORIZON -> reset(stream, shard, Sentinel.TRIM_HORIZON, null);
                case LATEST -> reset(stream, shard, Sentinel.LATEST, now.minus(LATEST_MARGIN));
                case TIMESTAMP ->
                    reset(stream, shard, Sentinel.AT_TIMESTAMP, to.timestamp().orElseThrow());
              };
            });
  }

  /** See {@link io.millrace.consumer.FleetAdmin#reset(String, ShardId, Position)}. */
  public CompletableFuture<Void> reset(String stream, ShardId shard, Position done) {
    return prepare().thenCompose(tables -> reset(stream, shard, Checkpoint.at(done), null));
  }

  private CompletableFuture<Void> reset(
      String stream, ShardId shard, Checkpoint checkpoint, @Nullable Instant start) {
    return find(stream, shard)
        .thenCompose(
            key ->
                calls
                    .read(() -> store.readLease(key))
                    .thenCompose(
                        row ->
                            reset(
                                key, checkpoint, start, row.filter(Lease::isPaused).isPresent())));
  }

  private CompletableFuture<Void> reset(
      LeaseKey key, Checkpoint checkpoint, @Nullable Instant start, boolean staysPaused) {
    return pause(key, "its position is set")
        .thenCompose(
            free ->
                calls.edit(
                    key,
                    row -> {
                      if (isAt(row, checkpoint, start)) {
                        return Optional.empty();
                      }
                      if (!row.isPaused() || row.holder().isPresent()) {
                        throw new IllegalStateException(
                            "lease " + key + " was resumed by somebody else meanwhile");
                      }
                      return Optional.of(id -> store.reset(row, checkpoint, start, id));
                    }))
        .thenCompose(
            set ->
                staysPaused
                    ? CompletableFuture.completedFuture(null)
                    : calls
                        .edit(
                            key,
                            row ->
                                row.isPaused()
                                    ? Optional.of(id -> store.mark(row, null, id))
                                    : Optional.empty())
                        .thenCompose(this::tellOfResumed));
  }

  private static boolean isAt(Lease row, Checkpoint checkpoint, @Nullable Instant start) {
    return row.checkpoint().equals(checkpoint)
        && row.startTimestamp().equals(Optional.ofNullable(start))
        && row.pending().isEmpty()
        && row.ahead().length == 0;
  }

  // ---- moves

  /** See {@link io.millrace.consumer.FleetAdmin#move}. */
  public CompletableFuture<Void> move(String stream, ShardId shard, String worker) {
    return prepare()
        .thenCompose(tables -> calls.read(store::readFleet))
        .thenCompose(
            fleet -> {
              Owner to = live(fleet.workers(), worker);
              return find(stream, shard).thenCompose(key -> move(key, to));
            });
  }

  private static Owner live(List<WorkerRow> workers, String worker) {
    List<String> live = new ArrayList<>();
    for (WorkerRow row : workers) {
      if (row.state() == WorkerRow.State.LIVE) {
        if (row.worker().equals(worker)) {
          return new Owner(worker, row.epoch());
        }
        live.add(row.worker());
      }
    }
    throw new IllegalArgumentException(
        "worker '"
            + worker
            + "' is not at work: the live ones are "
            + live.stream().sorted().collect(Collectors.joining("', '", "'", "'")));
  }

  private CompletableFuture<Void> move(LeaseKey key, Owner to) {
    return calls
        .edit(key, row -> moveTo(to, row))
        .thenCompose(
            row ->
                notices.post(
                    row.isClaimed() ? Notice.Kind.CLAIMED : Notice.Kind.OFFERED, row.key()))
        .thenCompose(told -> awaitMoved(key, to, loop.nowNanos()));
  }

  private Optional<StoreCalls.RowWrite> moveTo(Owner to, Lease row) {
    refuseFinished(row);
    if (row.isPaused()) {
      throw new IllegalStateException("lease " + row.key() + " is paused: resume it first");
    }
    if (row.owner().equals(Optional.of(to.worker()))) {
      // It has it, or has claimed it.
      return Optional.empty();
    }
    if (row.isClaimed()) {
      throw new IllegalStateException(
          "lease "
              + row.key()
              + " is being handed over to '"
              + row.owner().orElse("")
              + "' already");
    }
    if (row.owner().isPresent()) {
      return Optional.of(id -> store.claim(row, to, id));
    }
    if (row.stream().isEmpty()) {
      throw new IllegalStateException(
          "lease "
              + row.key()
              + " is nobody's, and its row does not tell its stream: it can't be"
              + " given away");
    }
    return Optional.of(id -> store.take(row, to, row.stream().get(), id));
  }

  private CompletableFuture<Void> awaitMoved(LeaseKey key, Owner to, long sinceNanos) {
    return calls
        .read(() -> store.readLease(key))
        .thenCompose(
            found -> {
              Lease row = found.orElseThrow(() -> StoreCalls.gone(key));
              boolean its = row.owner().equals(Optional.of(to.worker()));
              if (its && !row.isClaimed()) {
                return CompletableFuture.completedFuture(null);
              }
              if (!its) {
                throw new IllegalStateException(
                    "lease "
                        + key
                        + " stays with '"
                        + row.holder().orElse("nobody")
                        + "': the handoff was cancelled, as its holder did not get done in time,"
                        + " is gone, or has ended the shard");
              }
              if (loop.nowNanos() - sinceNanos > SETTLE_PATIENCE_NANOS) {
                throw new IllegalStateException(
                    "lease " + key + " is still being handed over: look again later");
              }
              return calls
                  .after(SETTLE_POLL_NANOS)
                  .thenCompose(over -> awaitMoved(key, to, sinceNanos));
            });
  }

  // ---- heartbeats

  /** See {@link io.millrace.consumer.FleetAdmin#heartbeats}. */
  public CompletableFuture<Void> heartbeats(HeartbeatMode heartbeats) {
    return prepare()
        .thenCompose(
            tables ->
                calls.changeMode(
                    mode ->
                        mode.heartbeats() == heartbeats && mode.chosen()
                            ? Optional.empty()
                            : Optional.of(mode.withHeartbeats(heartbeats, true))))
        .thenCompose(mode -> awaitAcknowledged(mode.version()));
  }

  private CompletableFuture<Void> awaitAcknowledged(long version) {
    return vacancy
        .nextPoll()
        .thenCompose(
            read -> {
              boolean all =
                  vacancy.watch().live(loop.nowNanos()).stream()
                      .allMatch(row -> row.modeVersion() >= version);
              return all ? CompletableFuture.completedFuture(null) : awaitAcknowledged(version);
            });
  }

  // ---- deletion

  /** See {@link io.millrace.consumer.FleetAdmin#deleteLeases}. */
  public CompletableFuture<Integer> deleteLeases(String stream) {
    return prepare()
        .thenCompose(tables -> calls.list())
        .thenCompose(
            rows -> {
              List<Lease> its = rows.stream().filter(row -> isOf(stream, row)).toList();
              if (its.isEmpty()) {
                throw new IllegalArgumentException(
                    "application '" + application + "' has no lease of stream '" + stream + "'");
              }
              return awaitVacancy(its, false);
            })
        .thenCompose(free -> calls.list())
        .thenCompose(rows -> deletion.of(rows.stream().filter(row -> isOf(stream, row)).toList()));
  }

  /** See {@link io.millrace.consumer.FleetAdmin#deleteApplication}. */
  public CompletableFuture<Integer> deleteApplication() {
    return prepare().thenCompose(tables -> deletion.ofEverything());
  }

  /** The cause beneath what futures wrap it in. */
  static Throwable unwrapped(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** What an operator asks of an administration. */
  interface Request<T> extends Function<Administration, CompletableFuture<T>> {}
}
