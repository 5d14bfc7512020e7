package io.millrace.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.integration.endpoint.CuttingProxy;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.Consumer;

/** Enhanced fan-out over HTTP: cut connections, the life of a stream consumer, switching. */
class FanOutLifecycleTest extends FaultsFixture {
  private List<String> registered() {
    String arn =
        get(kinesis.describeStreamSummary(describe -> describe.streamName("clicks")))
            .streamDescriptionSummary()
            .streamARN();
    return get(kinesis.listStreamConsumers(list -> list.streamARN(arn))).consumers().stream()
        .map(Consumer::consumerName)
        .toList();
  }

  @Test
  void connectionsCutInTheMiddleOfEventsLoseAndRepeatNothing() throws Exception {
    start(CoreSettings.defaults(), 2);
    Ledger ledger = new Ledger();
    try (CuttingProxy proxy = new CuttingProxy(server.endpoint(), 3);
        KinesisAsyncClient cut =
            server.clientBuilder().endpointOverride(proxy.endpoint()).build()) {
      StreamConsumer consumer =
          started(
              StreamConsumer.builder(newApplication(), cut, new InMemoryLeaseStore()).stream(
                      "clicks", StartAt.trimHorizon(), Fetching.fanOut("app"))
                  .onRecord(ledger::add)
                  .build());
      proxy.cutAfterAtMost(20_000);
      int count = 0;
      while (proxy.cuts() < 8) {
        assertThat(count).as("records, and few cuts").isLessThan(50_000);
        putPlain(count, count + 50);
        count += 50;
      }
      // An event of everything that has piled up would never get through.
      proxy.cutNoMore();
      int all = count;
      until("every record", () -> ledger.distinct() == all);
      ledger.assertEachOnceInOrder(all);
      consumer.close(Duration.ofSeconds(2));
    }
  }

  @Test
  void streamConsumerStaysRegisteredForTheFleetWhenAWorkerCloses() {
    start(CoreSettings.defaults(), 1);
    Ledger ledger = new Ledger();
    InMemoryLeaseStore store = new InMemoryLeaseStore();
    assertThat(registered()).isEmpty();
    StreamConsumer first = consumer(How.FAN_OUT, ledger, ConsumerSettings.builder(), store);
    putPlain(0, 20);
    until("every record", () -> ledger.distinct() == 20);
    assertThat(first.close(PATIENCE)).isTrue();
    assertThat(registered()).containsExactly("app");

    Ledger second = new Ledger();
    consumer(How.FAN_OUT, second, ConsumerSettings.builder(), new InMemoryLeaseStore());
    until("every record", () -> second.distinct() == 20);
    assertThat(registered()).containsExactly("app");
  }

  @Test
  void fetchingIsSwitchedWhileRecordsFlow() {
    start(CoreSettings.defaults(), 2);
    Ledger ledger = new Ledger();
    AtomicInteger reads = new AtomicInteger();
    AtomicInteger subscriptions = new AtomicInteger();
    server
        .core()
        .addListener(
            call -> {
              if (call.operation() == Operation.GET_RECORDS) {
                reads.incrementAndGet();
              } else if (call.operation() == Operation.SUBSCRIBE_TO_SHARD) {
                subscriptions.incrementAndGet();
              }
            });
    StreamConsumer consumer = consumer(How.POLLING, ledger, ConsumerSettings.builder());
    putPlain(0, 200);
    get(consumer.fetch("clicks", Fetching.fanOut("app")));
    putPlain(200, 400);
    until("every record by fan-out", () -> ledger.distinct() == 400 && subscriptions.get() >= 2);
    get(consumer.fetch("clicks", Fetching.polling()));
    int before = reads.get();
    putPlain(400, 600);
    until("every record by polling", () -> ledger.distinct() == 600 && reads.get() > before);
    ledger.assertEachOnceInOrder(600);
    assertThatThrownBy(() -> get(consumer.fetch("others", Fetching.polling())))
        .hasMessageContaining("'others' is not read by this worker");
  }
}
