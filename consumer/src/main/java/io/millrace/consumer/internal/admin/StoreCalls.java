package io.millrace.consumer.internal.admin;

import io.millrace.consumer.internal.loop.Attempts;
import io.millrace.consumer.internal.loop.Backoff;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.loop.Failures;
import io.millrace.consumer.internal.table.WriteIds;
import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.LeaseStore.LeasePage;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.WriteId;
import io.millrace.consumer.lease.WriteOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the lease store that are repeated until it is known what became of them. All futures
 * complete on the loop. Confined to the loop.
 */
final class StoreCalls {
  private static final int ATTEMPTS = 6;

  /** How often a row is read and written anew that others write, too: a busy holder checkpoints. */
  private static final int EDITS = 20;

  private final EventLoop loop;
  private final LeaseStore store;
  private final WriteIds ids;
  private final long attemptNanos;
  private final RandomGenerator random;

  StoreCalls(
      EventLoop loop,
      LeaseStore store,
      String incarnation,
      long attemptNanos,
      RandomGenerator random) {
    this.loop = loop;
    this.store = store;
    this.ids = new WriteIds(incarnation);
    this.attemptNanos = attemptNanos;
    this.random = random;
  }

  /** A conditional write of a lease row, as it was observed. */
  interface RowWrite {
    CompletionStage<WriteOutcome<Lease>> send(WriteId id);
  }

  private Backoff backoff() {
    return new Backoff(random, attemptNanos / 20, attemptNanos);
  }

  /** Completes when {@code nanos} are over. */
  CompletableFuture<Void> after(long nanos) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.after(nanos, () -> done.complete(null));
    return done;
  }

  // ---- reads

  /** Reads, and again if that may help. */
  <T> CompletableFuture<T> read(Supplier<CompletionStage<T>> request) {
    return read(request, attemptNanos);
  }

  /** The same, with a time-out of its own for each attempt. */
  <T> CompletableFuture<T> read(Supplier<CompletionStage<T>> request, long timeoutNanos) {
    CompletableFuture<T> done = new CompletableFuture<>();
    new Attempts<>(loop, request, timeoutNanos, ATTEMPTS, backoff())
        .make(
            (value, failure) -> value == null && !Failures.isFutile(failure),
            (value, failure) -> {
              if (value != null) {
                done.complete(value);
              } else {
                done.completeExceptionally(error(failure));
              }
            });
    return done;
  }

  /** All rows, consistently. */
  CompletableFuture<List<Lease>> list() {
    return list(null, new ArrayList<>());
  }

  private CompletableFuture<List<Lease>> list(@Nullable String page, List<Lease> before) {
    return read(() -> store.listLeases(Consistency.STRONG, page))
        .thenCompose(
            (LeasePage got) -> {
              before.addAll(got.leases());
              String next = got.nextPageToken();
              return next == null ? CompletableFuture.completedFuture(before) : list(next, before);
            });
  }

  // ---- writes

  /**
   * Reads a row, decides, writes, and does so again if the row was written meanwhile.
   *
   * @param decide the write that the row needs, or empty if it is as it should be; it may refuse
   *     with an exception
   * @return the row as this write, or the last read, has shown it
   */
  CompletableFuture<Lease> edit(LeaseKey key, Function<Lease, Optional<RowWrite>> decide) {
    return edit(key, decide, EDITS, backoff());
  }

  private CompletableFuture<Lease> edit(
      LeaseKey key, Function<Lease, Optional<RowWrite>> decide, int left, Backoff backoff) {
    return read(() -> store.readLease(key))
        .thenCompose(
            found -> {
              Lease row = found.orElseThrow(() -> gone(key));
              Optional<RowWrite> write = decide.apply(row);
              if (write.isEmpty()) {
                return CompletableFuture.completedFuture(row);
              }
              if (left == 0) {
                throw new IllegalStateException(
                    "lease " + key + " was written by others all the time: try again");
              }
              return write(row, write.get())
                  .thenCompose(
                      written ->
                          written.isPresent()
                              ? CompletableFuture.completedFuture(written.get())
                              : after(backoff.nextNanos())
                                  .thenCompose(over -> edit(key, decide, left - 1, backoff)));
            });
  }

  /** The row as the write left it, or empty if the row was not as observed any more. */
  private CompletableFuture<Optional<Lease>> write(Lease observed, RowWrite write) {
    CompletableFuture<Optional<Lease>> done = new CompletableFuture<>();
    new Writing(observed, write, ids.next(), done).send();
    return done;
  }

  private final class Writing {
    private final Lease observed;
    private final RowWrite write;
    private final WriteId id;
    private final CompletableFuture<Optional<Lease>> done;
    private final Backoff backoff = backoff();

    Writing(Lease observed, RowWrite write, WriteId id, CompletableFuture<Optional<Lease>> done) {
      this.observed = observed;
      this.write = write;
      this.id = id;
      this.done = done;
    }

    void send() {
      loop.request(() -> write.send(id), attemptNanos, this::settle);
    }

    private void settle(@Nullable WriteOutcome<Lease> outcome, @Nullable Throwable failure) {
      if (outcome instanceof WriteOutcome.Applied<Lease> applied) {
        done.complete(Optional.of(applied.row()));
      } else if (outcome instanceof WriteOutcome.Conflict<Lease> conflict) {
        done.complete(conflict.current().filter(this::isWritten));
      } else if (outcome instanceof WriteOutcome.Refused<Lease> refused) {
        done.completeExceptionally(refused.cause());
      } else if (backoff.failures() + 1 >= ATTEMPTS) {
        done.completeExceptionally(error(Failures.of(outcome, failure)));
      } else if (outcome instanceof WriteOutcome.Throttled<Lease>) {
        loop.after(backoff.nextNanos(), this::send);
      } else {
        loop.after(backoff.nextNanos(), this::readBack);
      }
    }

    private boolean isWritten(Lease row) {
      return row.wasWrittenBy(id) || row.claimId().filter(id::equals).isPresent();
    }

    private void readBack() {
      loop.request(
          () -> store.readLease(observed.key()),
          attemptNanos,
          (row, failure) -> {
            if (row == null) {
              settle(null, failure);
            } else if (row.filter(this::isWritten).isPresent()) {
              done.complete(row);
            } else if (row.filter(now -> now.equals(observed)).isPresent()) {
              send();
            } else {
              done.complete(Optional.empty());
            }
          });
    }
  }

  /**
   * Changes the fleet's mode.
   *
   * @param decide the next version, or empty if the mode is as it should be
   * @return the mode then in force
   */
  CompletableFuture<FleetMode> changeMode(Function<FleetMode, Optional<FleetMode>> decide) {
    return changeMode(decide, backoff());
  }

  private CompletableFuture<FleetMode> changeMode(
      Function<FleetMode, Optional<FleetMode>> decide, Backoff backoff) {
    return read(store::readFleet)
        .thenCompose(
            view -> {
              FleetMode mode = view.mode();
              if (mode == null) {
                throw new IllegalStateException(
                    "the application has no mode yet: no worker of it was started");
              }
              Optional<FleetMode> next = decide.apply(mode);
              if (next.isEmpty()) {
                return CompletableFuture.completedFuture(mode);
              }
              if (backoff.failures() >= EDITS) {
                throw new IllegalStateException("the mode could not be written: try again");
              }
              // Whether it has landed, and whose it is, the next reading shows.
              CompletableFuture<Void> sent = new CompletableFuture<>();
              loop.request(
                  () -> store.changeMode(next.get()),
                  attemptNanos,
                  (outcome, failure) -> {
                    if (outcome instanceof WriteOutcome.Refused<FleetMode> refused) {
                      sent.completeExceptionally(refused.cause());
                    } else {
                      sent.complete(null);
                    }
                  });
              return sent.thenCompose(over -> after(backoff.nextNanos()))
                  .thenCompose(over -> changeMode(decide, backoff));
            });
  }

  // ---- errors

  static IllegalStateException gone(LeaseKey key) {
    return new IllegalStateException("lease " + key + " is gone: its shard was cleaned up");
  }

  private static RuntimeException error(@Nullable Throwable failure) {
    LeaseStoreException refusal = Failures.ofStore(failure);
    if (refusal != null) {
      return refusal;
    }
    String message =
        "the lease store did not answer ("
            + Failures.describe(failure)
            + "): check that it can be reached, and try again";
    return failure == null
        ? new LeaseStoreException(LeaseStoreException.Reason.UNAVAILABLE, message)
        : new LeaseStoreException(LeaseStoreException.Reason.UNAVAILABLE, message, failure);
  }
}
