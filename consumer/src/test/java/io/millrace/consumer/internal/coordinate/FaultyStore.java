package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.LeaseStore.LeasePage;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.WriteOutcome;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The way from one worker to the lease tables: requests and replies take their time, get lost, are
 * throttled, or arrive twice.
 */
final class FaultyStore {
  private final Network network;
  private final LeaseStore tables;
  private final RandomGenerator random;
  private final Consumer<Supplier<String>> trace;
  private final List<Fault> faults = new ArrayList<>();
  long requestNanos = Duration.ofMillis(3).toNanos();
  long replyNanos = Duration.ofMillis(3).toNanos();
  double lossRate;
  double throttleRate;
  double duplicateRate;
  double slowRate;
  boolean partitioned;

  /** Whether each eventually consistent listing shows the table as it was before its first row. */
  boolean listsNothing;

  /** What the store says to everything, if it refuses all. */
  LeaseStoreException.Reason refusal;

  /** Whether eventually consistent listings show half of the rows as they were some time before. */
  boolean staleListings;

  private final Map<LeaseKey, Lease> shownBefore = new HashMap<>();

  /** What the store says of a KCL; null for nothing. */
  String signOfKcl;

  private final Map<String, LeaseStoreException> refusals = new HashMap<>();
  final List<String> calls = new ArrayList<>();

  /** Runs something later, on virtual time. */
  interface Network {
    void after(long nanos, Runnable action);
  }

  /** What happens to the next calls of one method. */
  private static final class Fault {
    private final String method;
    private final Kind kind;
    private int times;

    Fault(String method, Kind kind, int times) {
      this.method = method;
      this.kind = kind;
      this.times = times;
    }
  }

  /** What can go wrong. */
  enum Kind {
    LOSE_REQUEST,
    LOSE_REPLY,
    THROTTLE,
    SLOW,
    UNKNOWN_AFTER_EFFECT
  }

  FaultyStore(
      LeaseStore tables,
      Network network,
      RandomGenerator random,
      Consumer<Supplier<String>> trace) {
    this.trace = trace;
    this.tables = tables;
    this.network = network;
    this.random = random;
  }

  void next(String method, Kind kind, int times) {
    faults.add(new Fault(method, kind, times));
  }

  /** From now on a method, or each if it is "*", is refused for a reason that does not pass. */
  void refuse(String method, LeaseStoreException refusal) {
    refusals.put(method, refusal);
  }

  /** Refuses nothing any more. */
  void permit() {
    refusals.clear();
  }

  LeaseStore view() {
    return (LeaseStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {LeaseStore.class}, this::call);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // It is the reply that the caller waits for.
  private Object call(Object proxy, Method method, Object[] args) {
    if (!CompletionStage.class.isAssignableFrom(method.getReturnType())) {
      return null;
    }
    calls.add(method.getName());
    boolean write = isWrite(method);
    Kind fault = fault(method.getName());
    CompletableFuture<Object> reply = new CompletableFuture<>();
    LeaseStoreException scripted = refusals.getOrDefault(method.getName(), refusals.get("*"));
    if (scripted != null) {
      network.after(requestNanos + replyNanos, () -> refuse(reply, write, scripted));
      return reply;
    }
    if (fault == Kind.THROTTLE || random.nextDouble() < throttleRate) {
      network.after(requestNanos + replyNanos, () -> throttle(reply, write));
      return reply;
    }
    if (refusal != null) {
      LeaseStoreException said = new LeaseStoreException(refusal, "refused: " + refusal);
      network.after(requestNanos + replyNanos, () -> refuse(reply, write, said));
      return reply;
    }
    if (fault == Kind.LOSE_REQUEST || partitioned || random.nextDouble() < lossRate) {
      return reply;
    }
    boolean slow = fault == Kind.SLOW || random.nextDouble() < slowRate;
    long there = slow ? Duration.ofSeconds(4).toNanos() : requestNanos;
    boolean lost = fault == Kind.LOSE_REPLY || (random.nextDouble() < lossRate && fault == null);
    network.after(there, () -> apply(method, args, reply, fault, lost));
    if (write && random.nextDouble() < duplicateRate) {
      network.after(
          there + random.nextLong(Duration.ofSeconds(8).toNanos()), () -> invoke(method, args));
    }
    return reply;
  }

  private void apply(
      Method method, Object[] args, CompletableFuture<Object> reply, Kind fault, boolean lost) {
    CompletionStage<?> result = invoke(method, args);
    if (lost || partitioned) {
      return;
    }
    network.after(
        replyNanos,
        () -> {
          if (fault == Kind.UNKNOWN_AFTER_EFFECT) {
            reply.complete(new WriteOutcome.Unknown<>(new IllegalStateException("500")));
            return;
          }
          result.whenComplete(
              (value, failure) -> {
                if (failure != null) {
                  reply.completeExceptionally(failure);
                } else {
                  reply.complete(value);
                }
              });
        });
  }

  private CompletionStage<?> invoke(Method method, Object[] args) {
    if (method.getName().equals("signOfKcl") && signOfKcl != null) {
      return CompletableFuture.completedFuture(Optional.of(signOfKcl));
    }
    if (listsNothing && method.getName().equals("listLeases") && args[0] == Consistency.EVENTUAL) {
      return CompletableFuture.completedFuture(new LeasePage(List.of(), null));
    }
    try {
      CompletionStage<?> result = (CompletionStage<?>) method.invoke(tables, args);
      if (method.getName().equals("listLeases")) {
        result = result.thenApply(page -> shown((LeasePage) page, args[0] == Consistency.EVENTUAL));
      }
      if (isWrite(method) || method.getName().equals("readLease")) {
        Object reply = result.toCompletableFuture().getNow(null);
        trace.accept(() -> method.getName() + Arrays.toString(args) + " -> " + reply);
      }
      return result;
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(e);
    }
  }

  private LeasePage shown(LeasePage page, boolean eventual) {
    List<Lease> rows = new ArrayList<>();
    for (Lease row : page.leases()) {
      Lease before = shownBefore.put(row.key(), row);
      boolean stale = staleListings && eventual && random.nextBoolean();
      if (!stale) {
        rows.add(row);
      } else if (before != null) {
        rows.add(before);
      }
    }
    return new LeasePage(rows, page.nextPageToken());
  }

  private static void refuse(
      CompletableFuture<Object> reply, boolean write, LeaseStoreException refusal) {
    if (write) {
      reply.complete(new WriteOutcome.Refused<>(refusal));
    } else {
      reply.completeExceptionally(refusal);
    }
  }

  private static void throttle(CompletableFuture<Object> reply, boolean write) {
    if (write) {
      reply.complete(new WriteOutcome.Throttled<>());
    } else {
      reply.completeExceptionally(
          new LeaseStoreException(LeaseStoreException.Reason.THROTTLED, "throttled"));
    }
  }

  private Kind fault(String method) {
    for (Fault fault : faults) {
      if (fault.method.equals(method) && fault.times > 0) {
        fault.times--;
        return fault.kind;
      }
    }
    return null;
  }

  private static boolean isWrite(Method method) {
    return switch (method.getName()) {
      case "prepare", "signOfKcl", "listLeases", "readLease", "readFleet", "readWorker" -> false;
      default -> true;
    };
  }
}
