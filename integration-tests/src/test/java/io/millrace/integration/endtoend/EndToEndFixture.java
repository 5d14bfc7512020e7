package io.millrace.integration.endtoend;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.handler.RecordHandler;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.TestNames;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.integration.endpoint.TestTables;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.Ordering;
import io.millrace.producer.StreamProducer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** What the end-to-end tests share: clients, streams, workers, and what ends with the test. */
abstract class EndToEndFixture {
  /** No promise of anybody: how long a test waits before it says that something never happens. */
  static final Duration LIMIT = Duration.ofMinutes(3);

  /** No request that a busy machine delays is sent twice. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /** No worker dies here: none of them is to be taken for dead on a busy machine. */
  private static final Duration LONGER_THAN_ANY_STALL = Duration.ofMinutes(1);

  static final int KEYS = 40;

  private final Endpoint endpoint;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final String application = TestNames.next();
  private KinesisAsyncClient kinesis;
  private DynamoDbAsyncClient dynamoDb;

  EndToEndFixture(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  @BeforeEach
  void openClients() {
    kinesis = closing(endpoint.newKinesisClient());
    dynamoDb = closing(endpoint.newDynamoDbClient());
    closing(new TestTables(dynamoDb, application));
  }

  @AfterEach
  void closeAll() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  Endpoint endpoint() {
    return endpoint;
  }

  KinesisAsyncClient kinesis() {
    return kinesis;
  }

  <T extends AutoCloseable> T closing(T resource) {
    open.add(resource);
    return resource;
  }

  TestStream stream(int shards) {
    return closing(TestStream.create(kinesis, shards));
  }

  StreamProducer orderedProducer() {
    return StreamProducer.builder(kinesis)
        .settings(
            ProducerSettings.builder().ordering(Ordering.PER_KEY).requestTimeout(PATIENCE).build())
        .build();
  }

  Supplier<LeaseStore> dynamoDbLeases() {
    return () -> DynamoDbLeaseStore.create(dynamoDb);
  }

  StreamConsumer worker(
      String name, TestStream stream, RecordHandler handler, Supplier<LeaseStore> leases) {
    return workerBuilder(name, handler, leases).stream(stream.name(), StartAt.trimHorizon())
        .build();
  }

  StreamConsumer.Builder workerBuilder(
      String name, RecordHandler handler, Supplier<LeaseStore> leases) {
    return StreamConsumer.builder(application, kinesis, leases.get())
        .onRecord(handler)
        .settings(
            ConsumerSettings.builder()
                .workerId(name)
                .failoverTime(LONGER_THAN_ANY_STALL)
                .membershipInterval(Duration.ofMillis(200))
                .checkpointInterval(Duration.ofMillis(500))
                .build());
  }

  void start(StreamConsumer consumer) throws Exception {
    closing(consumer).start().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  /** Puts the records from the first number to before the last, and waits for the outcomes. */
  void put(StreamProducer producer, TestStream stream, Ledger ledger, int from, int to)
      throws Exception {
    for (int i = from; i < to; i++) {
      int record = i;
      var unused =
          producer
              .put(stream.name(), ledger.keyOf(record), ledger.payloadOf(record))
              .whenComplete(
                  (result, failure) -> {
                    if (failure == null) {
                      ledger.stored(record);
                    } else {
                      ledger.failed(record, failure);
                    }
                  });
    }
    producer.flush().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    // The futures of the last records complete on callback threads, a moment later.
    TestStream.await("the outcomes of " + to + " puts", () -> ledger.settledCount() >= to);
  }
}
