package io.millrace.consumer.lease;

import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Where one application's fleet keeps its leases, and a row for each worker: two tables whose rows
 * are only ever changed by conditional writes.
 *
 * <h2>The rows</h2>
 *
 * The <em>lease table</em> has a {@link Lease} for each shard. The <em>worker table</em> has a
 * {@link WorkerRow} for each worker and one {@link FleetMode}. A store keeps attributes that it
 * does not know: every write but the creating one changes single attributes, so that other software
 * may share the table.
 *
 * <h2>Writes</h2>
 *
 * Each write is tested against its condition and applied in one step, as if all writes to a row
 * came one after another. Its stage completes normally with a {@link WriteOutcome}; a caller treats
 * one that fails as {@link WriteOutcome.Unknown}. A store sends each write <em>once</em>: repeating
 * is the caller's business, who knows what an ambiguous answer means. Writes of lease rows leave
 * their {@link WriteId} on the row. Where a condition says that the holder is some worker, that is
 * {@code checkpointOwner} if present, else {@code leaseOwner}; no condition on a row holds when
 * there is no row, but that of {@link #create} and {@link #fenceMissing}.
 *
 * <h2>Reads</h2>
 *
 * A stage fails with {@link LeaseStoreException}. A row that can't be understood fails the read
 * with {@link LeaseStoreException.Reason#MALFORMED_ROW}; rows that other software keeps in the
 * lease table beside its leases are left out.
 *
 * <p>Thread-safe. Calls don't block; stages may complete on any thread, also before the call
 * returns.
 */
public interface LeaseStore extends AutoCloseable {

  // ---- tables

  /**
   * Makes the tables ready: creates what is missing where it may, and checks what is there. Comes
   * before everything else; may be repeated, also by several workers at once.
   *
   * @return what was found; fails with {@link LeaseStoreException} whose message says what to do:
   *     no credentials, no permission (which), no such endpoint, another key schema, another
   *     application's store
   */
  CompletionStage<Tables> prepare(Preparation preparation);

  /**
   * Looks for signs of a KCL that works or has worked on the lease table: its coordinator table,
   * its leader, migration or metrics rows.
   *
   * @return the sign in words for an operator, or empty; never fails for a missing permission on
   *     the KCL's other tables; fails with {@link LeaseStoreException.Reason#UNKNOWN_KCL_MODE} if
   *     the KCL's own rows name a mode that the store does not know
   */
  CompletionStage<Optional<String>> signOfKcl();

  // ---- reading leases

  /**
   * Reads one page of the lease table, in no particular order.
   *
   * @param pageToken null for the first page, else {@link LeasePage#nextPageToken()} of the page
   *     before
   */
  CompletionStage<LeasePage> listLeases(Consistency consistency, @Nullable String pageToken);

  /** Reads one lease by a consistent read: every write that was applied before the call is seen. */
  CompletionStage<Optional<Lease>> readLease(LeaseKey key);

  // ---- writing leases: anybody

  /**
   * Creates a row.
   *
   * <p>Condition: there is no row with this key. Writes: all that {@code lease} has, with its
   * counter.
   */
  CompletionStage<WriteOutcome<Lease>> create(Lease lease, WriteId id);

  /**
   * Takes a lease: unowned, or of a holder who is known to have stopped.
   *
   * <p>Condition: {@code leaseOwner}, {@code checkpointOwner}, {@code millraceOwnerEpoch} and
   * {@code leaseCounter} are as in {@code observed}, absent if absent there. Writes: owner and
   * owner epoch of {@code taker}, counter + 1, owner switches + 1 if the owner changes, {@code
   * stream} if the row has none; removes checkpoint owner and claim.
   *
   * <p>The taker starts from the checkpoint of the <em>applied</em> row: the observed one may be
   * older.
   */
  CompletionStage<WriteOutcome<Lease>> take(
      Lease observed, Owner taker, StreamIdentity stream, WriteId id);

  /**
   * Claims a lease from its live holder: the first step of a handoff.
   *
   * <p>Condition: {@code leaseOwner}, {@code millraceOwnerEpoch} and {@code leaseCounter} are as in
   * {@code observed}, there is an owner and no checkpoint owner. Writes: checkpoint owner = owner,
   * owner and claim epoch of {@code claimer}, claim id = {@code id}. Leaves the counter and the
   * holder's write id alone, so that the holder's own writes go on.
   */
  CompletionStage<WriteOutcome<Lease>> claim(Lease observed, Owner claimer, WriteId id);

  /**
   * Deletes a row that nobody needs any more.
   *
   * <p>Condition: {@code leaseOwner}, {@code checkpointOwner} and {@code leaseCounter} are as in
   * {@code observed}.
   *
   * @return {@link WriteOutcome.Applied} with the deleted row; {@link WriteOutcome.Conflict}
   *     without a row if it is gone
   */
  CompletionStage<WriteOutcome<Lease>> delete(Lease observed);

  /**
   * Sets the checkpoint of a lease that nobody holds, forwards or backwards: the administrator's
   * write.
   *
   * <p>Condition: no owner, no checkpoint owner, {@code leaseCounter} as in {@code observed}.
   * Writes: checkpoint and start timestamp (removed if null), counter + 1; removes the pending
   * checkpoint and what is acknowledged ahead.
   */
  CompletionStage<WriteOutcome<Lease>> reset(
      Lease observed, Checkpoint checkpoint, @Nullable Instant startTimestamp, WriteId id);

  /**
   * Sets or removes the mark of a shard that stands still: the administrator's write.
   *
   * <p>Condition: {@code leaseOwner}, {@code checkpointOwner} and {@code leaseCounter} are as in
   * {@code observed}. Writes: the mark (removed if null), counter + 1. A holder finds a counter
   * that it did not expect on a row that names it still, and goes on by that row.
   */
  CompletionStage<WriteOutcome<Lease>> mark(Lease observed, @Nullable Parked parked, WriteId id);

  // ---- writing leases: the holder

  /**
   * Renews a lease, in {@link HeartbeatMode#PER_LEASE}.
   *
   * <p>Condition: as {@link Holding} says. Writes: counter + 1 and the throughput, unless it is
   * NaN.
   */
  CompletionStage<WriteOutcome<Lease>> renew(Holding holding, double throughputKBps, WriteId id);

  /**
   * Stores progress.
   *
   * <p>Condition: as {@link Holding} says, and the row's checkpoint is not {@link
   * Checkpoint.Sentinel#SHARD_END}. Writes: checkpoint, pending checkpoint (removed if there is
   * none), what is acknowledged ahead (removes it if there is none), last arrival and throughput
   * where given, counter + 1, owner switches 0.
   */
  CompletionStage<WriteOutcome<Lease>> checkpoint(Holding holding, Progress progress, WriteId id);

  /**
   * Stores that the shard is processed to its end, and lets go of the lease. The children's rows
   * are durable before.
   *
   * <p>Condition: as {@link Holding} says. Writes: checkpoint {@link
   * Checkpoint.Sentinel#SHARD_END}, the children, counter + 1, owner switches 0; removes owner,
   * checkpoint owner, epochs, claim, pending checkpoint, what is acknowledged ahead and parked
   * mark.
   */
  CompletionStage<WriteOutcome<Lease>> endShard(Holding holding, Set<ShardId> children, WriteId id);

  /**
   * Gives the lease to {@code to}: who has claimed it, or, if nobody has, whom the holder chose.
   *
   * <p>Condition: as {@link Holding} says, and either there is no checkpoint owner or {@code
   * leaseOwner} is {@code to}'s. Writes: owner and owner epoch of {@code to}, counter + 1, owner
   * switches + 1; removes checkpoint owner and claim.
   */
  CompletionStage<WriteOutcome<Lease>> transfer(Holding holding, Owner to, WriteId id);

  /**
   * Keeps a lease that somebody has claimed.
   *
   * <p>Condition: as {@link Holding} says, and there is a checkpoint owner. Writes: owner =
   * checkpoint owner, counter + 1; removes checkpoint owner and claim.
   */
  CompletionStage<WriteOutcome<Lease>> cancelClaim(Holding holding, WriteId id);

  /**
   * Lets go of a lease.
   *
   * <p>Condition: as {@link Holding} says, and there is no checkpoint owner: a claimed lease is
   * transferred or its claim cancelled first. Writes: counter + 1; removes owner and owner epoch.
   */
  CompletionStage<WriteOutcome<Lease>> release(Holding holding, WriteId id);

  /**
   * Marks the shard as stopped by the failure policy; its holder keeps it.
   *
   * <p>Condition: as {@link Holding} says. Writes: the mark, counter + 1.
   */
  CompletionStage<WriteOutcome<Lease>> park(Holding holding, Parked parked, WriteId id);

  /**
   * Removes the mark of {@link #park}.
   *
   * <p>Condition: as {@link Holding} says. Writes: counter + 1; removes the mark.
   */
  CompletionStage<WriteOutcome<Lease>> resume(Holding holding, WriteId id);

  // ---- workers

  /** Reads all worker rows and the mode row; an eventually consistent read will do. */
  CompletionStage<FleetView> readFleet();

  /** Reads one worker's row by a consistent read. */
  CompletionStage<Optional<WorkerRow>> readWorker(String worker);

  /**
   * Puts a worker's first row of an epoch.
   *
   * <p>Condition: incarnation, epoch and heartbeat are as in {@code observed}; no row if that is
   * null. Writes: {@code row}.
   */
  CompletionStage<WriteOutcome<WorkerRow>> register(WorkerRow row, @Nullable WorkerRow observed);

  /**
   * Shows that a worker lives, and what it has to say.
   *
   * <p>Condition: incarnation and epoch are those of {@code row}, the state is not FENCED, and the
   * heartbeat is <em>less</em> than that of {@code row}, so that a late copy of an older heartbeat
   * is never applied. Writes: all of {@code row}, also the state FENCED, by which a leaving worker
   * says that it has stopped.
   */
  CompletionStage<WriteOutcome<WorkerRow>> heartbeat(WorkerRow row);

  /**
   * Fences a worker whose heartbeat did not move: the first of the two steps of fail-over.
   *
   * <p>Condition: incarnation, epoch and heartbeat are as in {@code observed}. Writes: state FENCED
   * and nothing else.
   */
  CompletionStage<WriteOutcome<WorkerRow>> fence(WorkerRow observed);

  /**
   * Fences a worker that leases name and that has no row.
   *
   * <p>Condition: there is no row. Writes: {@code tombstone}, whose state is FENCED and whose epoch
   * is the one that the leases name.
   */
  CompletionStage<WriteOutcome<WorkerRow>> fenceMissing(WorkerRow tombstone);

  /**
   * Deletes the row of a worker that no lease names any more.
   *
   * <p>Condition: incarnation, epoch, heartbeat and state are as in {@code observed}.
   *
   * @return {@link WriteOutcome.Applied} with the deleted row; {@link WriteOutcome.Conflict}
   *     without a row if it is gone
   */
  CompletionStage<WriteOutcome<WorkerRow>> deleteWorker(WorkerRow observed);

  /**
   * Puts the next mode of the fleet.
   *
   * <p>Condition: the version of the mode row is {@code next.version() - 1}; no row if that is 0.
   * Writes: {@code next}.
   */
  CompletionStage<WriteOutcome<FleetMode>> changeMode(FleetMode next);

  /**
   * Frees what the store itself has opened; a client that was given to it stays open. Idempotent.
   */
  @Override
  void close();

  // ---- values

  /** How fresh a listing has to be. */
  enum Consistency {
    /** May miss the writes of the last second or so. */
    EVENTUAL,
    /** Shows every write that was applied before the page was asked for. */
    STRONG
  }

  /**
   * What to make ready.
   *
   * @param application the application's name, and the name of the lease table unless the store was
   *     given another
   * @param attemptTimeout how long one request may take before its outcome is {@link
   *     WriteOutcome.Unknown}
   * @param workerTable whether the worker table is needed; false only where {@link
   *     HeartbeatMode#PER_LEASE} is settled
   * @param mayCreate whether missing tables may be created; false for who only looks at an
   *     application
   */
  record Preparation(
      String application, Duration attemptTimeout, boolean workerTable, boolean mayCreate) {
    /** What a worker makes ready: missing tables may be created. */
    public Preparation(String application, Duration attemptTimeout, boolean workerTable) {
      this(application, attemptTimeout, workerTable, true);
    }
  }

  /**
   * The tables as they were found or made.
   *
   * @param generation larger for a table that was made later under the same name: its creation time
   *     in the store's own milliseconds
   * @param created whether this call created the lease table
   * @param serviceTime the store's own time when it answered, if it tells the time
   */
  record Tables(long generation, boolean created, Optional<Instant> serviceTime) {
    /** Tables of a store that does not tell the time. */
    public Tables(long generation, boolean created) {
      this(generation, created, Optional.empty());
    }
  }

  /**
   * A page of leases.
   *
   * @param leases the leases, possibly none though more pages follow
   * @param nextPageToken null on the last page
   */
  record LeasePage(List<Lease> leases, @Nullable String nextPageToken) {
    /** Copies the leases. */
    public LeasePage {
      leases = List.copyOf(leases);
    }
  }

  /**
   * All workers that have a row, and the mode.
   *
   * @param workers the rows, in no particular order
   * @param mode null if no mode was ever put
   */
  record FleetView(List<WorkerRow> workers, @Nullable FleetMode mode) {
    /** Copies the rows. */
    public FleetView {
      workers = List.copyOf(workers);
    }
  }
}
