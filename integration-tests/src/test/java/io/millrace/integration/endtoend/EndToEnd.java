package io.millrace.integration.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.Fetching;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.handler.RecordHandler;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.Aggregation;
import io.millrace.producer.StreamProducer;
import org.junit.jupiter.api.Test;

/** What a user relies on, from the put to the handler. */
abstract class EndToEnd extends EndToEndSmoke {
  EndToEnd(Endpoint endpoint) {
    super(endpoint);
  }

  @Test
  void stoppedWorkersShardsGoOnElsewhereWithoutReplay() throws Exception {
    Ledger ledger = new Ledger(KEYS, 100);
    int records = endpoint().comfortableRecordCount();
    TestStream stream = stream(4);
    StreamConsumer first = worker("a", stream, ledger::deliver, dynamoDbLeases());
    start(first);
    start(worker("b", stream, ledger::deliver, dynamoDbLeases()));

    try (StreamProducer producer = orderedProducer()) {
      put(producer, stream, ledger, 0, records / 3);
      ledger.awaitDelivered(1, LIMIT);
      assertThat(first.close(LIMIT)).isTrue();
      put(producer, stream, ledger, records / 3, 2 * records / 3);
      start(worker("c", stream, ledger::deliver, dynamoDbLeases()));
      put(producer, stream, ledger, 2 * records / 3, records);
    }

    ledger.awaitDelivered(records, LIMIT);
    ledger.assertComplete(records);
    assertThat(ledger.duplicates()).isZero();
  }

  @Test
  void restartedFleetGoesOnFromItsCheckpoints() throws Exception {
    Ledger ledger = new Ledger(KEYS, 100);
    int records = endpoint().comfortableRecordCount();
    TestStream stream = stream(2);
    StreamConsumer first = worker("a", stream, ledger::deliver, dynamoDbLeases());
    start(first);

    try (StreamProducer producer = orderedProducer()) {
      put(producer, stream, ledger, 0, records / 2);
      ledger.awaitDelivered(records / 2, LIMIT);
      assertThat(first.close(LIMIT)).isTrue();
      put(producer, stream, ledger, records / 2, records);
    }
    start(worker("b", stream, ledger::deliver, dynamoDbLeases()));

    ledger.awaitDelivered(records, LIMIT);
    ledger.assertComplete(records);
    assertThat(ledger.duplicates()).isZero();
  }

  @Test
  void fanOutDeliversEveryRecord() throws Exception {
    Ledger ledger = new Ledger(KEYS, 100);
    int records = endpoint().comfortableRecordCount();
    TestStream stream = stream(2);
    start(
        workerBuilder("a", ledger::deliver, dynamoDbLeases()).stream(
                stream.name(), StartAt.trimHorizon(), Fetching.fanOut("reader").withoutFallback())
            .build());

    try (StreamProducer producer = orderedProducer()) {
      put(producer, stream, ledger, 0, records);
    }

    ledger.awaitDelivered(records, LIMIT);
    ledger.assertComplete(records);
    assertThat(ledger.duplicates()).isZero();
  }

  @Test
  void leasesInMemoryServeAFleetInOneProcess() throws Exception {
    Ledger ledger = new Ledger(KEYS, 100);
    int records = endpoint().comfortableRecordCount();
    TestStream stream = stream(2);
    LeaseStore shared = new InMemoryLeaseStore();
    start(worker("a", stream, ledger::deliver, () -> shared));
    start(worker("b", stream, ledger::deliver, () -> shared));

    try (StreamProducer producer = orderedProducer()) {
      put(producer, stream, ledger, 0, records / 2);
      stream.split(stream.openShards().get(1));
      put(producer, stream, ledger, records / 2, records);
    }

    ledger.awaitDelivered(records, LIMIT);
    ledger.assertComplete(records);
  }

  @Test
  void recordsThatAreNotAggregatedArriveToo() throws Exception {
    Ledger ledger = new Ledger(KEYS, 100);
    int records = endpoint().comfortableRecordCount() / 2;
    TestStream stream = stream(2);
    start(worker("a", stream, ledger::deliver, dynamoDbLeases()));

    try (StreamProducer producer =
        StreamProducer.builder(kinesis())
            .settings(
                ProducerSettings.builder()
                    .aggregation(Aggregation.OFF)
                    .requestTimeout(PATIENCE)
                    .build())
            .build()) {
      put(producer, stream, ledger, 0, records);
    }

    ledger.awaitDelivered(records, LIMIT);
    ledger.assertCompleteInAnyOrder(records);
  }

  @Test
  void handlerThatThrowsGetsItsRecordAgainAndNothingIsSkipped() throws Exception {
    Ledger ledger = new Ledger(KEYS, 100);
    int records = endpoint().comfortableRecordCount() / 4;
    TestStream stream = stream(2);
    RecordHandler failsFirst =
        received -> {
          if (received.attempt() == 1 && received.data().getInt() % 50 == 0) {
            throw new IllegalStateException("not now");
          }
          ledger.deliver(received);
        };
    start(worker("a", stream, failsFirst, dynamoDbLeases()));

    try (StreamProducer producer = orderedProducer()) {
      put(producer, stream, ledger, 0, records);
    }

    ledger.awaitDelivered(records, LIMIT);
    ledger.assertComplete(records);
    assertThat(ledger.duplicates()).isZero();
  }
}
