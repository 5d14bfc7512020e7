package io.millrace.integration.consumer;

import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.WriteOutcome;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A lease store that throttles, or is away, when the test says so. Thread-safe. */
final class FlakyStore {
  enum State {
    WELL,
    THROTTLED,
    AWAY
  }

  private volatile State state = State.WELL;

  void be(State next) {
    state = next;
  }

  LeaseStore around(LeaseStore store) {
    return (LeaseStore)
        Proxy.newProxyInstance(
            LeaseStore.class.getClassLoader(),
            new Class<?>[] {LeaseStore.class},
            (proxy, method, arguments) -> {
              State now = state;
              if (now != State.WELL && method.getReturnType() == CompletionStage.class) {
                boolean write = method.getGenericReturnType().toString().contains("WriteOutcome");
                return write ? refusedWrite(now) : refusedRead(now);
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static CompletionStage<?> refusedWrite(State why) {
    return CompletableFuture.completedFuture(
        why == State.THROTTLED
            ? new WriteOutcome.Throttled<>()
            : new WriteOutcome.Unknown<>(away(LeaseStoreException.Reason.UNAVAILABLE)));
  }

  private static CompletionStage<?> refusedRead(State why) {
    return CompletableFuture.failedFuture(
        away(
            why == State.THROTTLED
                ? LeaseStoreException.Reason.THROTTLED
                : LeaseStoreException.Reason.UNAVAILABLE));
  }

  private static LeaseStoreException away(LeaseStoreException.Reason reason) {
    return new LeaseStoreException(reason, "by the test");
  }
}
