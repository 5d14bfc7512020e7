package io.millrace.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.StallReason;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A worker that is closed at the worst moments: close returns, and the next worker delivers what is
 * left. The ledger has every record, and each key in order.
 */
class CloseAtAnyMomentTest extends FaultsFixture {
  private static final int RECORDS = 200;
  private static final Duration DRAIN = Duration.ofMillis(500);

  private final FlakyStore flaky = new FlakyStore();
  private final LeaseStore store = new InMemoryLeaseStore();
  private final String application = newApplication();
  private final Ledger ledger = new Ledger();
  private final AtomicInteger handled = new AtomicInteger();
  private final AtomicBoolean release = new AtomicBoolean();
  private final AtomicReference<StreamConsumer> first = new AtomicReference<>();
  private final AtomicReference<Boolean> closedFromHandler = new AtomicReference<>();

  enum Moment {
    BEFORE_START,
    WHILE_STARTING,
    HANDLER_THROWS,
    HANDLER_NEVER_RETURNS,
    HANDLER_IGNORES_INTERRUPTS,
    HANDLER_OUT_OF_MEMORY,
    FROM_A_HANDLER,
    FROM_A_HANDLER_THAT_THROWS,
    STAGES_IN_FLIGHT,
    DESTINATION_FAILS,
    STORE_THROTTLED,
    STORE_AWAY,
    READS_THROTTLED,
    IN_A_RESHARD,
    FAN_OUT_RESETS
  }

  private void handle(Moment moment, ReceivedRecord record) throws InterruptedException {
    int count = handled.incrementAndGet();
    if (count < 50) {
      ledger.add(record);
      return;
    }
    switch (moment) {
      case HANDLER_THROWS, DESTINATION_FAILS -> throw new IllegalStateException("always");
      case HANDLER_NEVER_RETURNS -> new CountDownLatch(1).await();
      case HANDLER_IGNORES_INTERRUPTS -> {
        ignoreInterruptsUntil(release::get);
        throw new IllegalStateException("too late");
      }
      case HANDLER_OUT_OF_MEMORY -> {
        long[] tooMuch = new long[Integer.MAX_VALUE];
        throw new AssertionError("got " + tooMuch.length);
      }
      case FROM_A_HANDLER -> {
        closedFromHandler.compareAndSet(null, first.get().close(DRAIN));
        ledger.add(record);
      }
      case FROM_A_HANDLER_THAT_THROWS -> {
        closedFromHandler.compareAndSet(null, first.get().close(DRAIN));
        throw new IllegalStateException("and fails");
      }
      case BEFORE_START,
          WHILE_STARTING,
          STAGES_IN_FLIGHT,
          STORE_THROTTLED,
          STORE_AWAY,
          READS_THROTTLED,
          IN_A_RESHARD,
          FAN_OUT_RESETS ->
          ledger.add(record);
    }
  }

  private StreamConsumer.Builder builder(Moment moment, String worker, LeaseStore leases) {
    Fetching how = moment == Moment.FAN_OUT_RESETS ? Fetching.fanOut("app") : Fetching.polling();
    return StreamConsumer.builder(application, kinesis, leases).stream(
            "clicks", StartAt.trimHorizon(), how)
        .settings(
            ConsumerSettings.builder()
                .workerId(worker)
                .failoverTime(failoverTime(moment))
                .checkpointInterval(Duration.ofMillis(100))
                .build());
  }

  /**
   * Short where the next worker waits for it, long where each lease must still be held at the end.
   */
  private static Duration failoverTime(Moment moment) {
    return moment == Moment.HANDLER_THROWS ? Duration.ofMinutes(1) : Duration.ofSeconds(2);
  }

  private StreamConsumer firstWorker(Moment moment) {
    StreamConsumer.Builder builder = builder(moment, "a", flaky.around(store));
    if (moment == Moment.DESTINATION_FAILS) {
      builder.failurePolicy(
          FailurePolicy.builder()
              .maximumRetryAttempts(0)
              .onFailure(
                  failed -> CompletableFuture.failedFuture(new IllegalStateException("full")))
              .build());
    }
    if (moment == Moment.STAGES_IN_FLIGHT) {
      return builder
          .parallelism(8, KeyOrder.PER_KEY)
          .onRecordAsync(
              record -> {
                if (handled.incrementAndGet() % 10 == 0) {
                  return new CompletableFuture<>();
                }
                ledger.add(record);
                return CompletableFuture.completedFuture(null);
              })
          .build();
    }
    return builder.onRecord(record -> handle(moment, record)).build();
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void nothingIsLostAndCloseReturns(Moment moment) {
    start(CoreSettings.defaults(), 2);
    open.add(() -> release.set(true));
    StreamConsumer worker = firstWorker(moment);
    first.set(worker);
    putPlain(0, RECORDS);
    if (moment != Moment.BEFORE_START) {
      CompletableFuture<Void> started = worker.start();
      if (moment != Moment.WHILE_STARTING) {
        get(started);
        reach(moment);
      }
    }
    boolean released = worker.close(moment == Moment.HANDLER_THROWS ? PATIENCE : DRAIN);
    get(worker.stopped());
    assertThat(release).as("close does not wait for a handler for ever").isFalse();
    if (closedFromHandler.get() != null) {
      assertThat(closedFromHandler.get()).as("a handler does not wait for itself").isFalse();
    }
    if (moment == Moment.HANDLER_THROWS) {
      assertThat(released).as("nothing runs, so every lease is released").isTrue();
    }

    flaky.be(FlakyStore.State.WELL);
    server.core().faults().clear();
    started(builder(moment, "b", store).onRecord(ledger::add).build());
    until("every record", () -> ledger.distinct() == RECORDS);
    ledger.assertNoneLostInOrder(RECORDS);
  }

  /** Brings the first worker to the moment. */
  private void reach(Moment moment) {
    switch (moment) {
      case HANDLER_THROWS,
          HANDLER_NEVER_RETURNS,
          HANDLER_IGNORES_INTERRUPTS,
          HANDLER_OUT_OF_MEMORY,
          DESTINATION_FAILS,
          STAGES_IN_FLIGHT ->
          until("half-way", () -> handled.get() >= 50);
      case FROM_A_HANDLER, FROM_A_HANDLER_THAT_THROWS ->
          until("closed by a handler", () -> closedFromHandler.get() != null);
      case STORE_THROTTLED -> {
        until("half-way", () -> handled.get() >= 50);
        flaky.be(FlakyStore.State.THROTTLED);
      }
      case STORE_AWAY -> {
        until("half-way", () -> handled.get() >= 50);
        flaky.be(FlakyStore.State.AWAY);
      }
      case READS_THROTTLED -> {
        server.core().faults().on(Operation.GET_RECORDS).inject(Fault.throttle());
        until(
            "throttles are shown",
            () ->
                first.get().shards().stream()
                    .flatMap(shard -> shard.stall().stream())
                    .anyMatch(StallReason.Throttled.class::isInstance));
      }
      case IN_A_RESHARD -> server.core().scale("clicks", 4);
      case FAN_OUT_RESETS -> server.core().resetSubscriptions("clicks");
      case BEFORE_START, WHILE_STARTING -> throw new IllegalStateException("no worker runs");
    }
  }
}
