package io.millrace.consumer.internal.admin;

import io.millrace.consumer.FleetAdmin;
import io.millrace.consumer.LeaseStatus;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** The administration of an application through its lease store. Thread-safe. */
public final class StoreFleetAdmin implements FleetAdmin {
  private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(2);

  private final String application;
  private final LeaseStore leases;
  private final Duration attemptTimeout;

  /**
   * Creates an administration.
   *
   * @param attemptTimeout of one request to the store
   */
  public StoreFleetAdmin(String application, LeaseStore leases, Duration attemptTimeout) {
    this.application = Objects.requireNonNull(application, "application");
    this.leases = Objects.requireNonNull(leases, "leases");
    this.attemptTimeout = attemptTimeout;
  }

  /** See {@link FleetAdmin#of}. */
  public static FleetAdmin of(String application, LeaseStore leases) {
    return new StoreFleetAdmin(application, leases, ATTEMPT_TIMEOUT);
  }

  private <T> CompletableFuture<T> run(Administration.Request<T> request) {
    return AdminRunner.run(application, leases, attemptTimeout, request);
  }

  @Override
  public CompletableFuture<List<LeaseStatus>> leases() {
    return run(Administration::leases);
  }

  @Override
  public CompletableFuture<Void> pause(String stream, ShardId shard, String reason) {
    return run(admin -> admin.pause(stream, shard, reason));
  }

  @Override
  public CompletableFuture<Void> resume(String stream, ShardId shard) {
    return run(admin -> admin.resume(stream, shard));
  }

  @Override
  public CompletableFuture<Integer> resumeParked() {
    return run(Administration::resumeParked);
  }

  @Override
  public CompletableFuture<Void> pauseApplication() {
    return run(Administration::pauseApplication);
  }

  @Override
  public CompletableFuture<Void> resumeApplication() {
    return run(Administration::resumeApplication);
  }

  @Override
  public CompletableFuture<Void> reset(String stream, ShardId shard, StartAt to) {
    return run(admin -> admin.reset(stream, shard, to));
  }

  @Override
  public CompletableFuture<Void> reset(String stream, ShardId shard, Position done) {
    return run(admin -> admin.reset(stream, shard, done));
  }

  @Override
  public CompletableFuture<Void> move(String stream, ShardId shard, String worker) {
    return run(admin -> admin.move(stream, shard, worker));
  }

  @Override
  public CompletableFuture<Void> heartbeats(HeartbeatMode mode) {
    return run(admin -> admin.heartbeats(mode));
  }

  @Override
  public CompletableFuture<Integer> deleteLeases(String stream) {
    return run(admin -> admin.deleteLeases(stream));
  }

  @Override
  public CompletableFuture<Integer> deleteApplication() {
    return run(Administration::deleteApplication);
  }
}
