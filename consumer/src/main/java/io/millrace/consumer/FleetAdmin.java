package io.millrace.consumer;

import io.millrace.consumer.internal.admin.StoreFleetAdmin;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What an operator sees of a fleet and does to it, with the application's lease store alone: the
 * fleet may be at work, stopped or dead.
 *
 * <p>Everything is done by conditional writes, as the workers do, and a live fleet takes part: a
 * worker that holds a lease drains it, checkpoints and lets go of it before anything is done to its
 * position. Nothing is forced. What can't be done as things are fails with an {@link
 * IllegalStateException} that says why; an unknown stream, shard or worker with an {@link
 * IllegalArgumentException}; a store that does not do what it is asked with a {@link
 * io.millrace.consumer.lease.LeaseStoreException}. All of them through the returned future, and
 * every call may be repeated.
 *
 * <p>A {@code stream} is named by its name, its ARN, or as {@link LeaseStatus#stream()} shows it.
 *
 * <p>Thread-safe. No call blocks; each runs on a thread of its own until its future completes.
 */
public interface FleetAdmin {
  /**
   * The administration of an application, without a worker.
   *
   * @param application the application's name
   * @param leases its lease store, built as for its workers; never closed here. No table is created
   */
  static FleetAdmin of(String application, LeaseStore leases) {
    return StoreFleetAdmin.of(application, leases);
  }

  /**
   * Lists all leases of the application, by a consistent read of the whole lease table.
   *
   * @return ordered by key
   */
  CompletableFuture<List<LeaseStatus>> leases();

  /**
   * Pauses a shard: its holder drains and checkpoints it, and nobody takes it until it is resumed.
   * Its children wait.
   *
   * @param reason for who looks at the lease later; at most {@value
   *     io.millrace.consumer.lease.Parked#MAX_REASON_LENGTH} characters are kept, no secrets
   * @return completes when nobody processes the shard any more; fails after a minute, or longer
   *     where the failover time is long, if its holder does not get done with it. The shard stays
   *     paused also then
   */
  CompletableFuture<Void> pause(String stream, ShardId shard, String reason);

  /**
   * Lets a paused or parked shard go on from its checkpoint.
   *
   * @return completes when the mark is removed
   */
  CompletableFuture<Void> resume(String stream, ShardId shard);

  /**
   * Resumes all shards that the failure policy has parked; not those that an operator has paused.
   *
   * @return how many
   */
  CompletableFuture<Integer> resumeParked();

  /**
   * Pauses the whole application: its workers live on, and hold no lease until it is resumed.
   * Workers that start meanwhile are paused, too.
   *
   * @return completes when nobody processes any shard any more; see {@link #pause}
   */
  CompletableFuture<Void> pauseApplication();

  /** Lets the application go on; shards that were paused one by one stay paused. */
  CompletableFuture<Void> resumeApplication();

  /**
   * Has a shard read anew from another place, forwards or backwards: {@link StartAt#latest()} skips
   * what is there now. The shard is paused for that and resumed, unless it was paused before.
   *
   * <p>A shard that has ended can't be reset: its children are being read. To read everything
   * again, delete the application's leases and start it from where you want.
   *
   * @return completes when the position is durable. If it fails in the midst the shard stays
   *     paused: repeat, or resume it
   */
  CompletableFuture<Void> reset(String stream, ShardId shard, StartAt to);

  /**
   * The same, to a position.
   *
   * @param done everything up to this position, itself included, counts as processed
   */
  CompletableFuture<Void> reset(String stream, ShardId shard, Position done);

  /**
   * Moves a lease to a worker, by the same handoff as for balance. Balance goes on: other leases
   * may move the other way.
   *
   * @param worker the id of a live worker
   * @return completes when that worker is the lease's owner; fails if the holder does not get done
   *     with the shard in time and keeps the lease
   */
  CompletableFuture<Void> move(String stream, ShardId shard, String worker);

  /**
   * Sets how the fleet heartbeats, and keeps it so: from then on a KCL on the lease table is
   * reported and changes nothing. Back to {@link HeartbeatMode#PER_WORKER} only when no KCL works
   * on the table any more.
   *
   * @return completes when every live worker does so
   */
  CompletableFuture<Void> heartbeats(HeartbeatMode mode);

  /**
   * Deletes the leases of a stream that no worker reads any more.
   *
   * @return how many; fails, having deleted nothing, while a live worker holds one of them
   */
  CompletableFuture<Integer> deleteLeases(String stream);

  /**
   * Deletes all leases and worker rows of the application: its next start begins at its {@link
   * StartAt}. The tables stay.
   *
   * @return how many leases; fails, having deleted nothing, while a worker lives. One that died is
   *     waited for until that is certain
   */
  CompletableFuture<Integer> deleteApplication();
}
