package io.millrace.consumer.internal.admin;

import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WriteOutcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Deletes rows that nobody works with, each on the condition that it is as it was listed. */
final class Deletion {
  private static final int AT_A_TIME = 32;
  private static final long AGAIN_NANOS = Duration.ofMillis(500).toNanos();

  /** How often one row is tried while the store throttles or gives no answer. */
  private static final int ATTEMPTS = 40;

  private final LeaseStore store;
  private final StoreCalls calls;
  private final Vacancy vacancy;

  Deletion(LeaseStore store, StoreCalls calls, Vacancy vacancy) {
    this.store = store;
    this.calls = calls;
    this.vacancy = vacancy;
  }

  /** Deletes all leases and workers, once every worker is dead for certain. */
  CompletableFuture<Integer> ofEverything() {
    return vacancy
        .ofTheFleet()
        .thenCompose(
            workers ->
                calls
                    .list()
                    .thenCompose(
                        rows -> {
                          rows.forEach(this::refuseStranger);
                          return of(rows);
                        })
                    .thenCompose(deleted -> workers(workers).thenApply(done -> deleted)))
        .thenCompose(deleted -> calls.list().thenApply(left -> refuseNewRows(left, deleted)));
  }

  private static int refuseNewRows(List<Lease> left, int deleted) {
    if (!left.isEmpty()) {
      throw new IllegalStateException(
          "a worker was started while the leases were deleted, and has made new ones: stop it, and"
              + " delete again");
    }
    return deleted;
  }

  private void refuseStranger(Lease row) {
    row.holderPeriod()
        .filter(vacancy.watch()::isStranger)
        .ifPresent(
            holder -> {
              throw new IllegalStateException(
                  "lease "
                      + row.key()
                      + " is held by '"
                      + holder.worker()
                      + "', which is no worker of this application: stop it, and take its leases"
                      + " by starting a worker once");
            });
  }

  /** Deletes these rows; returns how many. */
  CompletableFuture<Integer> of(List<Lease> rows) {
    CompletableFuture<Integer> deleted = CompletableFuture.completedFuture(0);
    for (int from = 0; from < rows.size(); from += AT_A_TIME) {
      List<Lease> some = rows.subList(from, Math.min(rows.size(), from + AT_A_TIME));
      deleted = deleted.thenCompose(before -> atOnce(some).thenApply(n -> before + n));
    }
    return deleted;
  }

  private CompletableFuture<Integer> atOnce(List<Lease> rows) {
    List<CompletableFuture<Void>> deletions =
        rows.stream().map(row -> delete(row, ATTEMPTS)).toList();
    return CompletableFuture.allOf(deletions.toArray(CompletableFuture[]::new))
        .thenApply(all -> rows.size());
  }

  private CompletableFuture<Void> delete(Lease row, int left) {
    return calls
        .read(() -> store.delete(row))
        .thenCompose(
            outcome -> {
              if (outcome instanceof WriteOutcome.Refused<Lease> refused) {
                throw refused.cause();
              }
              if (outcome instanceof WriteOutcome.Conflict<Lease> conflict
                  && conflict.current().isPresent()) {
                throw new IllegalStateException(
                    "lease "
                        + row.key()
                        + " was written meanwhile, so somebody works on it: stop the fleet, and"
                        + " delete again");
              }
              boolean gone =
                  outcome instanceof WriteOutcome.Applied<Lease>
                      || outcome instanceof WriteOutcome.Conflict<Lease>;
              if (gone) {
                return CompletableFuture.completedFuture(null);
              }
              if (left == 1) {
                throw new LeaseStoreException(
                    LeaseStoreException.Reason.UNAVAILABLE,
                    "lease "
                        + row.key()
                        + " could not be deleted in "
                        + ATTEMPTS
                        + " attempts, as the store throttles or gives no answer. Other rows are"
                        + " gone by now: delete again before a worker starts");
              }
              return calls.after(AGAIN_NANOS).thenCompose(over -> delete(row, left - 1));
            });
  }

  private CompletableFuture<Void> workers(List<WorkerRow> workers) {
    CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
    for (WorkerRow row : workers) {
      // One that is left over is fenced, and does no harm.
      done =
          done.thenCompose(before -> calls.read(() -> store.deleteWorker(row)))
              .thenApply(outcome -> null);
    }
    return done;
  }
}
