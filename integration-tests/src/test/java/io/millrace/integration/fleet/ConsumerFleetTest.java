package io.millrace.integration.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import io.millrace.integration.dynamodb.DynamoDbClients;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.testkit.KinesisServer;
import io.millrace.testkit.dynamodb.DynamoDbLocal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** Real workers over real clients, on both stores. How soon they do it, the benchmarks measure. */
class ConsumerFleetTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private static DynamoDbLocal dynamoDb;
  private static DynamoDbAsyncClient dynamoDbClient;
  private static int applications;

  private final List<StreamConsumer> consumers = new ArrayList<>();
  private final Map<String, AtomicLong> deliveries = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> delivered = new ConcurrentHashMap<>();
  private KinesisServer server;
  private KinesisAsyncClient kinesis;
  private LeaseStore store;
  private String application;

  enum Store {
    IN_MEMORY,
    DYNAMODB
  }

  @BeforeAll
  static void startDynamoDb() {
    dynamoDb = DynamoDbLocal.start();
    dynamoDbClient = DynamoDbClients.local(dynamoDb);
  }

  @AfterAll
  static void stopDynamoDb() {
    dynamoDbClient.close();
    dynamoDb.close();
  }

  @BeforeEach
  void startKinesis() {
    server = KinesisServer.start();
    kinesis = server.newClient();
    server.createStream("clicks", 4);
    application = "fleet-" + ++applications;
  }

  @AfterEach
  void stopEverything() {
    consumers.forEach(consumer -> consumer.close(Duration.ofSeconds(5)));
    kinesis.close();
    server.close();
  }

  private void use(Store kind) {
    store =
        switch (kind) {
          case IN_MEMORY -> new InMemoryLeaseStore();
          case DYNAMODB -> DynamoDbLeaseStore.builder(dynamoDbClient).build();
        };
  }

  private StreamConsumer worker(String id) {
    StreamConsumer consumer =
        StreamConsumer.builder(application, kinesis, store).stream("clicks", StartAt.trimHorizon())
            .settings(
                ConsumerSettings.builder()
                    .workerId(id)
                    // Nobody dies here, and nobody is to be taken for dead on a busy machine.
                    .failoverTime(Duration.ofSeconds(30))
                    .build())
            .onRecord(
                record -> {
                  deliveries.computeIfAbsent(id, w -> new AtomicLong()).incrementAndGet();
                  delivered
                      .computeIfAbsent(record.partitionKey(), k -> ConcurrentHashMap.newKeySet())
                      .add(id);
                })
            .build();
    consumers.add(consumer);
    return consumer;
  }

  private void put(int from, int to) {
    for (int i = from; i < to; i++) {
      String key = "key-" + i;
      kinesis
          .putRecord(
              b -> b.streamName("clicks").partitionKey(key).data(SdkBytes.fromUtf8String(key)))
          .join();
    }
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void workersShareSplitLeaveAndMissNothing(Store kind) throws Exception {
    use(kind);
    put(0, 40);
    StreamConsumer a = worker("a");
    a.start().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    TestStream.await("40 keys are delivered", () -> delivered.size() == 40);

    StreamConsumer b = worker("b");
    b.start().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    TestStream.await("b has its share", () -> b.shards().size() == 2);
    put(40, 80);
    TestStream.await(
        "80 keys are delivered, some of them by b",
        () -> delivered.size() == 80 && deliveries.containsKey("b"));

    String shard = kinesis.listShards(r -> r.streamName("clicks")).join().shards().get(0).shardId();
    kinesis
        .splitShard(
            r ->
                r.streamName("clicks")
                    .shardToSplit(shard)
                    .newStartingHashKey("42535295865117307932921825928971026432"))
        .join();
    put(80, 160);
    TestStream.await("160 keys are delivered", () -> delivered.size() == 160);

    assertThat(b.close(LIMIT)).isTrue();
    put(160, 200);
    TestStream.await("200 keys are delivered", () -> delivered.size() == 200);

    TestStream.await("a is alive", () -> a.health().live());
    assertThat(a.admin().leases().get(LIMIT.toSeconds(), TimeUnit.SECONDS)).hasSize(6);
  }
}
