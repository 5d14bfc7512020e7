package io.millrace.integration.endtoend;

import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.handler.BatchResult;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.OnEndpoint;
import io.millrace.integration.endpoint.Place;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.producer.StreamProducer;
import org.junit.jupiter.api.Test;

@OnEndpoint(Place.TESTKIT)
final class EndToEndOnTestkitTest extends EndToEnd {
  EndToEndOnTestkitTest(Endpoint endpoint) {
    super(endpoint);
  }

  @Test
  void millionRecordsThereAndBack() throws Exception {
    int records = 1_000_000;
    Ledger ledger = new Ledger(10_000, 100);
    TestStream stream = stream(4);
    start(
        StreamConsumer.builder("million", kinesis(), new InMemoryLeaseStore()).stream(
                stream.name(), StartAt.trimHorizon())
            .onBatch(
                batch -> {
                  batch.records().forEach(ledger::deliver);
                  return BatchResult.ok();
                })
            .build());

    try (StreamProducer producer = orderedProducer()) {
      put(producer, stream, ledger, 0, records);
    }

    ledger.awaitDelivered(records, LIMIT);
    ledger.assertComplete(records);
  }
}
