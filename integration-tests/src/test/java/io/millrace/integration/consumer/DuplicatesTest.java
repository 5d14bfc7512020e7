package io.millrace.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.aggregation.AggregateEncoder;
import io.millrace.aggregation.Headers;
import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.handler.DuplicateFilter;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;

/** Events that are in the stream twice, over HTTP: what the window knows of, and where it ends. */
class DuplicatesTest extends FaultsFixture {
  private static final String ID = "event-id";
  private static final int MEMBERS = 10;

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  private StreamConsumer started(String application, LeaseStore store, Ledger ledger) {
    return started(
        clicks(application, store)
            .leaveOutDuplicates(DuplicateFilter.byHeader(ID))
            .parallelism(4, KeyOrder.PER_KEY)
            .meterRegistry(meters)
            .onRecord(ledger::add)
            .build());
  }

  /** One aggregate; its producer did not hear the answer the first time. */
  private void putAggregate(int from) {
    AggregateEncoder encoder = new AggregateEncoder(1 << 20);
    for (int i = from; i < from + MEMBERS; i++) {
      Headers headers = Headers.builder().add(ID, "event-" + i).build();
      byte[] data = String.format("%08d", i).getBytes(StandardCharsets.UTF_8);
      encoder.tryAdd("key-" + from, null, data, headers);
    }
    byte[] aggregate = encoder.finish();
    get(
        kinesis.putRecord(
            put ->
                put.streamName("clicks")
                    .partitionKey("key-" + from)
                    .data(SdkBytes.fromByteArrayUnsafe(aggregate))));
  }

  private double leftOut() {
    return meters.find("millrace.consumer.duplicates").counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  @Test
  void eventsThatAreStoredTwiceAreDeliveredOnceByOneWorkerAndAgainByTheNext() {
    start(CoreSettings.defaults(), 1);
    String application = newApplication();
    LeaseStore store = new InMemoryLeaseStore();
    Ledger ledger = new Ledger();
    StreamConsumer first = started(application, store, ledger);
    for (int from = 0; from < 10 * MEMBERS; from += MEMBERS) {
      putAggregate(from);
      putAggregate(from);
    }
    until("those twice in the stream are left out", () -> leftOut() == 10 * MEMBERS);
    until("every event", () -> ledger.distinct() == 10 * MEMBERS);
    ledger.assertEachOnceInOrder(10 * MEMBERS);
    assertThat(first.close(PATIENCE)).isTrue();

    // It remembers in memory: the next worker has not seen them, and leaves nothing out by mistake.
    Ledger next = new Ledger();
    started(application, store, next);
    putAggregate(0);
    putAggregate(10 * MEMBERS);
    until("both aggregates", () -> next.distinct() == 2 * MEMBERS);
    next.assertEachOnceInOrder(2 * MEMBERS);
  }
}
