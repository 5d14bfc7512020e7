package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.FleetAdmin;
import io.millrace.consumer.LeaseStatus;
import io.millrace.consumer.internal.coordinate.WorkerLoop.Operator;
import io.millrace.consumer.internal.hold.HeldLease;
import io.millrace.consumer.lease.Holding;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.Notice;
import io.millrace.model.ShardId;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The administration of a fleet through one worker's loop. Thread-safe. */
final class LocalFleetAdmin implements FleetAdmin {
  private final WorkerLoop worker;
  private final Executor callbacks;

  /**
   * Creates an administration.
   *
   * @param callbacks completes the futures, so that no code of the application runs on the loop
   */
  LocalFleetAdmin(WorkerLoop worker, Executor callbacks) {
    this.worker = worker;
    this.callbacks = callbacks;
  }

  @Override
  public CompletableFuture<List<LeaseStatus>> leases() {
    CompletableFuture<List<LeaseStatus>> result = new CompletableFuture<>();
    worker.run(
        operator ->
            operator
                .reader()
                .list(
                    Consistency.STRONG,
                    failure -> {
                      List<LeaseStatus> listed = failure == null ? listed(operator) : List.of();
                      finish(result, listed, failure);
                    }));
    return result;
  }

  private static List<LeaseStatus> listed(Operator operator) {
    return operator.table().leases().stream()
        .sorted(Comparator.comparing(Lease::key))
        .map(lease -> status(operator, lease))
        .toList();
  }

  private static LeaseStatus status(Operator operator, Lease lease) {
    Set<ShardId> unfinished = new HashSet<>();
    for (ShardId parent : lease.parents()) {
      Lease row = operator.table().get(new LeaseKey(lease.key().stream(), parent));
      if (row != null && !row.isFinished()) {
        unfinished.add(parent);
      }
    }
    return new LeaseStatus(
        lease.key().stream(),
        lease.key().shard(),
        lease.holder(),
        lease.isClaimed() ? lease.owner() : Optional.empty(),
        lease.checkpoint(),
        lease.lastArrival(),
        unfinished,
        lease.parked().map(parked -> parked.reason()));
  }

  @Override
  public CompletableFuture<Void> resume(String stream, ShardId shard) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    worker.run(
        operator -> {
          LeaseKey key = operator.coordination().keyOf(stream, shard).orElse(null);
          if (key == null) {
            finish(
                result,
                null,
                new IllegalStateException("stream '" + stream + "' is not read by this worker"));
            return;
          }
          HeldLease held = operator.held(key);
          if (held != null) {
            held.resume(resumed -> finish(result, null, resumed ? null : notParked(key)));
          } else {
            resumeElsewhere(operator, key, result);
          }
        });
    return result;
  }

  /** Removes the mark from a row that a peer holds, and tells the peer. */
  private void resumeElsewhere(Operator operator, LeaseKey key, CompletableFuture<Void> result) {
    operator
        .reader()
        .read(
            key,
            (row, failure) -> {
              if (row == null || row.parked().isEmpty()) {
                finish(result, null, failure == null ? notParked(key) : failure);
              } else if (row.holder().isEmpty()) {
                finish(
                    result,
                    null,
                    new IllegalStateException(
                        "lease " + key + " has no holder at present: try again"));
              } else {
                Holding holding = Holding.of(row, row.holder().get());
                operator
                    .loop()
                    .request(
                        () -> operator.store().resume(holding, operator.nextId()),
                        operator.attemptNanos(),
                        (outcome, unanswered) -> {
                          boolean done = outcome != null && outcome.applied().isPresent();
                          if (done) {
                            operator.coordination().notice(Notice.Kind.RESUMED, key);
                          }
                          finish(result, null, done ? null : tryAgain(key));
                        });
              }
            });
  }

  private static IllegalStateException notParked(LeaseKey key) {
    return new IllegalStateException("lease " + key + " is not parked");
  }

  private static IllegalStateException tryAgain(LeaseKey key) {
    return new IllegalStateException(
        "lease "
            + key
            + " was written by somebody else meanwhile, or the store did not answer: try"
            + " again");
  }

  private <T> void finish(
      CompletableFuture<T> result, @Nullable T value, @Nullable Throwable failure) {
    callbacks.execute(
        () -> {
          if (failure == null) {
            result.complete(value);
          } else {
            result.completeExceptionally(failure);
          }
        });
  }
}
