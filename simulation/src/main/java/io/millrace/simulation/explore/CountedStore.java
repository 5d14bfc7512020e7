package io.millrace.simulation.explore;

import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.LeaseStore.FleetView;
import io.millrace.consumer.lease.LeaseStore.LeasePage;
import io.millrace.simulation.world.VirtualTime;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A lease store at a steady distance that counts its calls and what DynamoDB would charge for them:
 * a write of a row under 1 KB is one write unit, a consistent read of up to 4 KB one read unit, an
 * eventually consistent one half.
 *
 * <p>Confined to the simulation's thread.
 */
final class CountedStore {
  private static final long WAY_NANOS = Duration.ofMillis(4).toNanos();
  private static final double READ_UNIT_BYTES = 4_096;

  /** What a lease row of ours has, names included. */
  private static final int LEASE_ROW_BYTES = 600;

  private static final int WORKER_ROW_BYTES = 350;

  private final LeaseStore rows;
  private final VirtualTime time;
  private final Map<String, Long> calls = new TreeMap<>();
  private double readUnits;
  private double writeUnits;

  CountedStore(LeaseStore rows, VirtualTime time) {
    this.rows = rows;
    this.time = time;
  }

  /** The store as a worker sees it. */
  LeaseStore view() {
    return (LeaseStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {LeaseStore.class},
            (proxy, method, arguments) -> call(method, arguments));
  }

  @SuppressWarnings("FutureReturnValueIgnored") // It is the reply that the caller waits for.
  private Object call(Method method, Object[] arguments) {
    CompletableFuture<Object> reply = new CompletableFuture<>();
    calls.merge(method.getName(), 1L, Long::sum);
    time.after(
        WAY_NANOS,
        () -> {
          invoke(method, arguments)
              .whenComplete(
                  (value, failure) -> {
                    if (failure == null) {
                      charge(method.getName(), arguments, value);
                      time.after(WAY_NANOS, () -> reply.complete(value));
                    } else {
                      time.after(WAY_NANOS, () -> reply.completeExceptionally(failure));
                    }
                  });
        });
    return reply;
  }

  private CompletionStage<?> invoke(Method method, Object[] arguments) {
    try {
      return (CompletionStage<?>) method.invoke(rows, arguments);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(e);
    }
  }

  private void charge(String method, Object[] arguments, Object value) {
    switch (method) {
      case "prepare", "signOfKcl" -> {}
      case "listLeases" -> {
        double units = units(((LeasePage) value).leases().size() * LEASE_ROW_BYTES);
        readUnits += arguments[0] == Consistency.STRONG ? units : units / 2;
      }
      case "readFleet" ->
          readUnits += units(((FleetView) value).workers().size() * WORKER_ROW_BYTES) / 2;
      case "readLease", "readWorker" -> readUnits++;
      default -> writeUnits++;
    }
  }

  private static double units(int bytes) {
    return Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES));
  }

  /** What was counted up to now. */
  Count count() {
    return new Count(Map.copyOf(calls), readUnits, writeUnits);
  }

  /**
   * A count.
   *
   * @param calls how often each method was called
   */
  record Count(Map<String, Long> calls, double readUnits, double writeUnits) {
    /** What has come since an earlier count. */
    Count since(Count before) {
      Map<String, Long> more = new TreeMap<>();
      calls.forEach(
          (method, number) -> {
            long added = number - before.calls.getOrDefault(method, 0L);
            if (added > 0) {
              more.put(method, added);
            }
          });
      return new Count(more, readUnits - before.readUnits, writeUnits - before.writeUnits);
    }
  }
}
