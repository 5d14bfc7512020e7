package io.millrace.simulation.mutant;

import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Holding;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.Progress;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WorkerRow.State;
import io.millrace.consumer.lease.WriteId;
import io.millrace.consumer.lease.WriteOutcome;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Lease tables that test less than the protocol asks for: each method of the store but one works as
 * it should, and that one sees the row as the write would like to have it.
 */
final class BrokenRules {
  private BrokenRules() {}

  /** One method of the store, done otherwise. */
  private interface Method {
    CompletionStage<?> call(LeaseStore tables, Object[] arguments);
  }

  private static UnaryOperator<LeaseStore> replacing(String name, Method method) {
    return tables ->
        (LeaseStore)
            Proxy.newProxyInstance(
                BrokenRules.class.getClassLoader(),
                new Class<?>[] {LeaseStore.class},
                (proxy, called, arguments) ->
                    called.getName().equals(name)
                        ? method.call(tables, arguments)
                        : invoke(called, tables, arguments));
  }

  private static Object invoke(
      java.lang.reflect.Method method, LeaseStore tables, Object[] arguments) {
    try {
      return method.invoke(tables, arguments);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Lease row(LeaseStore tables, LeaseKey key) {
    return tables.readLease(key).toCompletableFuture().join().orElse(null);
  }

  private static WorkerRow row(LeaseStore tables, String worker) {
    return tables.readWorker(worker).toCompletableFuture().join().orElse(null);
  }

  // ---- takes and claims

  static UnaryOperator<LeaseStore> takeWithoutCondition() {
    return replacing(
        "take",
        (tables, a) -> {
          Lease observed = (Lease) a[0];
          Lease now = row(tables, observed.key());
          return tables.take(
              now == null ? observed : now, (Owner) a[1], (StreamIdentity) a[2], (WriteId) a[3]);
        });
  }

  static UnaryOperator<LeaseStore> claimTakes() {
    return replacing(
        "claim",
        (tables, a) -> {
          Lease observed = (Lease) a[0];
          return tables.take(
              observed, (Owner) a[1], observed.stream().orElseThrow(), (WriteId) a[2]);
        });
  }

  static UnaryOperator<LeaseStore> claimWithoutCounter() {
    return replacing(
        "claim",
        (tables, a) ->
            tables.claim(atAnyCounter(tables, (Lease) a[0]), (Owner) a[1], (WriteId) a[2]));
  }

  private static Lease atAnyCounter(LeaseStore tables, Lease observed) {
    Lease now = row(tables, observed.key());
    return now == null ? observed : observed.toBuilder().counter(now.counter()).build();
  }

  /** Without the counter's condition, what the taker has seen before may be long past. */
  static UnaryOperator<LeaseStore> takeFromListing() {
    return replacing(
        "take",
        (tables, a) -> {
          Lease observed = (Lease) a[0];
          return tables
              .take(
                  atAnyCounter(tables, observed),
                  (Owner) a[1],
                  (StreamIdentity) a[2],
                  (WriteId) a[3])
              .thenApply(outcome -> startingAt(observed.checkpoint(), outcome));
        });
  }

  private static WriteOutcome<Lease> startingAt(Checkpoint before, WriteOutcome<Lease> outcome) {
    return outcome instanceof WriteOutcome.Applied<Lease> applied
        ? new WriteOutcome.Applied<>(applied.row().toBuilder().checkpoint(before).build())
        : outcome;
  }

  static UnaryOperator<LeaseStore> createOverwrites() {
    return replacing(
        "create",
        (tables, a) -> {
          Lease lease = (Lease) a[0];
          Lease now = row(tables, lease.key());
          if (now != null) {
            tables.delete(now).toCompletableFuture().join();
          }
          return tables.create(lease, (WriteId) a[1]);
        });
  }

  // ---- the holder's writes

  private static Holding whoeverHolds(LeaseStore tables, Holding holding) {
    Lease now = row(tables, holding.key());
    return now == null || now.holder().isEmpty() ? holding : Holding.of(now, now.holder().get());
  }

  private static Holding atAnyCounter(LeaseStore tables, Holding holding) {
    Lease now = row(tables, holding.key());
    return now == null ? holding : Holding.of(now, holding.worker());
  }

  static UnaryOperator<LeaseStore> checkpointWithoutCounter() {
    return replacing(
        "checkpoint",
        (tables, a) ->
            tables.checkpoint(
                atAnyCounter(tables, (Holding) a[0]), (Progress) a[1], (WriteId) a[2]));
  }

  static UnaryOperator<LeaseStore> checkpointUnfenced() {
    return replacing(
        "checkpoint",
        (tables, a) ->
            tables.checkpoint(
                whoeverHolds(tables, (Holding) a[0]), (Progress) a[1], (WriteId) a[2]));
  }

  static UnaryOperator<LeaseStore> releaseUnfenced() {
    return replacing(
        "release",
        (tables, a) -> tables.release(whoeverHolds(tables, (Holding) a[0]), (WriteId) a[1]));
  }

  static UnaryOperator<LeaseStore> releaseWithoutCounter() {
    return replacing(
        "release",
        (tables, a) -> tables.release(atAnyCounter(tables, (Holding) a[0]), (WriteId) a[1]));
  }

  static UnaryOperator<LeaseStore> transferUnfenced() {
    return replacing(
        "transfer",
        (tables, a) ->
            tables.transfer(whoeverHolds(tables, (Holding) a[0]), (Owner) a[1], (WriteId) a[2]));
  }

  // ---- workers

  static UnaryOperator<LeaseStore> fenceWithoutHeartbeat() {
    return fence((observed, now) -> now.epoch() == observed.epoch() ? now : observed);
  }

  private interface WorkerObservation {
    WorkerRow as(WorkerRow observed, WorkerRow now);
  }

  private static UnaryOperator<LeaseStore> fence(WorkerObservation observation) {
    return replacing(
        "fence",
        (tables, a) -> {
          WorkerRow observed = (WorkerRow) a[0];
          WorkerRow now = row(tables, observed.worker());
          return tables.fence(now == null ? observed : observation.as(observed, now));
        });
  }

  static UnaryOperator<LeaseStore> fenceNotDurable() {
    return replacing(
        "fence",
        (tables, a) ->
            CompletableFuture.completedFuture(
                new WriteOutcome.Applied<>(((WorkerRow) a[0]).withState(State.FENCED))));
  }

  static UnaryOperator<LeaseStore> heartbeatRevives() {
    return heartbeat((row, now) -> isSamePeriod(row, now) && now.heartbeat() < row.heartbeat());
  }

  static UnaryOperator<LeaseStore> heartbeatOfAnyPeriod() {
    return heartbeat((row, now) -> !isSamePeriod(row, now) && now.state() != State.FENCED);
  }

  static UnaryOperator<LeaseStore> heartbeatBackwards() {
    return heartbeat(
        (row, now) ->
            isSamePeriod(row, now)
                && now.state() != State.FENCED
                && now.heartbeat() > row.heartbeat());
  }

  private static boolean isSamePeriod(WorkerRow one, WorkerRow other) {
    return one.incarnation().equals(other.incarnation()) && one.epoch() == other.epoch();
  }

  private interface Leniency {
    boolean lets(WorkerRow row, WorkerRow now);
  }

  /** A heartbeat that is applied where it should not be. */
  private static UnaryOperator<LeaseStore> heartbeat(Leniency leniency) {
    return replacing(
        "heartbeat",
        (tables, a) -> {
          WorkerRow row = (WorkerRow) a[0];
          WorkerRow now = row(tables, row.worker());
          return now != null && leniency.lets(row, now)
              ? tables.register(row, now)
              : tables.heartbeat(row);
        });
  }

  static UnaryOperator<LeaseStore> registerWithoutCondition() {
    return replacing(
        "register",
        (tables, a) -> {
          WorkerRow row = (WorkerRow) a[0];
          return tables.register(row, row(tables, row.worker()));
        });
  }

  // ---- reads

  /** Each consistent read of a lease shows the row as it was before its last write. */
  static UnaryOperator<LeaseStore> readLeaseStale() {
    return tables -> {
      Map<LeaseKey, Lease> before = new HashMap<>();
      Map<LeaseKey, Lease> last = new HashMap<>();
      Function<LeaseKey, Lease> stale =
          key -> {
            Lease now = row(tables, key);
            Lease shown = last.get(key);
            if (shown == null || (now != null && now.counter() != shown.counter())) {
              before.put(key, shown == null ? now : shown);
              last.put(key, now);
            }
            return before.get(key);
          };
      return replacing(
              "readLease",
              (unused, a) ->
                  CompletableFuture.completedFuture(
                      Optional.ofNullable(stale.apply((LeaseKey) a[0]))))
          .apply(tables);
    };
  }
}
