package io.millrace.integration.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.ShardStatus;
import io.millrace.consumer.StallReason;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StopReason;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import io.millrace.integration.dynamodb.DynamoDbClients;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.integration.fleet.FaultyDynamoDb.Fault;
import io.millrace.testkit.KinesisServer;
import io.millrace.testkit.dynamodb.DynamoDbLocal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** What a fleet does while DynamoDB fails it, over real clients and HTTP. */
class DynamoDbFaultsTest {
  private static final Duration SHORT = Duration.ofSeconds(4);

  /** No promise of anybody: how long a test waits before it says that something never happens. */
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private static DynamoDbLocal dynamoDb;
  private static int applications;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Set<String> delivered = ConcurrentHashMap.newKeySet();
  private final Map<String, Long> newestToken = new ConcurrentHashMap<>();
  private final Set<String> stale = ConcurrentHashMap.newKeySet();
  private FaultyDynamoDb faulty;
  private KinesisServer server;
  private KinesisAsyncClient kinesis;
  private String application;
  private int put;

  @BeforeAll
  static void startDynamoDb() {
    dynamoDb = DynamoDbLocal.start();
  }

  @AfterAll
  static void stopDynamoDb() {
    dynamoDb.close();
  }

  @BeforeEach
  void startEndpoints() throws Exception {
    faulty = new FaultyDynamoDb(dynamoDb.endpoint());
    server = KinesisServer.start();
    server.createStream("clicks", 4);
    kinesis = server.newClient();
    application = "faults-" + ++applications;
  }

  @AfterEach
  void closeEverything() throws Exception {
    faulty.fail(Fault.NONE);
    for (AutoCloseable each : opened) {
      each.close();
    }
    kinesis.close();
    server.close();
    faulty.close();
  }

  @Test
  void faultThatOutlastsTheLeaseStopsDeliveryIsToldAndCostsNothingElse() throws Exception {
    StreamConsumer a = start("a", SHORT);
    StreamConsumer b = start("b", SHORT);
    for (Fault fault : List.of(Fault.THROTTLED, Fault.SLOW, Fault.GONE, Fault.DENIED)) {
      TestStream.await(
          "both have their share", LIMIT, () -> a.shards().size() == 2 && b.shards().size() == 2);
      put(16);
      awaitDelivered();

      faulty.fail(fault);
      // Who holds which shard may change in the last moment before it.
      TestStream.await(
          fault + ": every shard holds records behind the self-fence, and both workers say why",
          LIMIT,
          () -> {
            put(8);
            return areFencedFor(Duration.ZERO, a, b)
                && !a.health().problems().isEmpty()
                && !b.health().problems().isEmpty();
          });
      int before = delivered.size();
      put(8);
      TestStream.await(
          fault + ": the fence stays down", LIMIT, () -> areFencedFor(Duration.ofSeconds(2), a, b));
      assertThat(delivered).as("%s: nobody can be sure of a lease any more", fault).hasSize(before);
      assertThat(a.health().live()).isTrue();

      faulty.fail(Fault.NONE);
      awaitDelivered();
      TestStream.await(
          fault + ": all is well again",
          LIMIT,
          () -> a.health().problems().isEmpty() && b.health().problems().isEmpty());
      assertThat(stale).as("%s", fault).isEmpty();
    }
  }

  @Test
  void tableThatIsDeletedStopsTheWorkersWithOneClearError() throws Exception {
    StreamConsumer a = start("a", SHORT);
    put(20);
    awaitDelivered();

    try (DynamoDbAsyncClient operator = DynamoDbClients.local(dynamoDb)) {
      operator.deleteTable(r -> r.tableName(application + "-MillraceWorkers")).join();
    }

    StopReason reason = a.stopped().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(reason.kind()).isEqualTo(StopReason.Kind.UNSAFE);
    assertThat(reason.message()).contains(application).contains("deleted while it was in use");
  }

  @Test
  void secondWorkerWithAnIdInUseIsRefusedAndTheFirstGoesOn() throws Exception {
    StreamConsumer first = start("same", Duration.ofSeconds(10));

    assertThatThrownBy(() -> start("same", Duration.ofSeconds(10)))
        .hasMessageContaining("worker id 'same' is in use by a worker that lives");

    put(20);
    awaitDelivered();
    assertThat(first.health().ready()).isTrue();
  }

  /**
   * Whether some shards are held, and none of them has been able to deliver for a time. One that
   * was being handed over has nothing to deliver and waits for its last checkpoint, or for the
   * transfer.
   */
  private static boolean areFencedFor(Duration atLeast, StreamConsumer... consumers) {
    List<ShardStatus> held =
        Stream.of(consumers).flatMap(consumer -> consumer.shards().stream()).toList();
    return !held.isEmpty()
        && held.stream()
            .allMatch(
                shard ->
                    shard.stall().filter(DynamoDbFaultsTest::isByTheStore).isPresent()
                        && shard.stalledFor(atLeast));
  }

  private static boolean isByTheStore(StallReason stall) {
    return stall instanceof StallReason.Fenced || stall instanceof StallReason.CheckpointFailing;
  }

  private StreamConsumer start(String worker, Duration failoverTime) throws Exception {
    DynamoDbAsyncClient client = DynamoDbClients.local(faulty.endpoint());
    StreamConsumer consumer =
        StreamConsumer.builder(application, kinesis, DynamoDbLeaseStore.create(client)).stream(
                "clicks", StartAt.trimHorizon())
            .settings(
                ConsumerSettings.builder()
                    .workerId(worker)
                    .failoverTime(failoverTime)
                    .auditInterval(Duration.ofSeconds(5))
                    .checkpointInterval(Duration.ofSeconds(1))
                    .build())
            .onRecord(this::handle)
            .build();
    opened.add(() -> consumer.close(Duration.ofSeconds(5)));
    opened.add(client);
    consumer.start().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    return consumer;
  }

  private void handle(ReceivedRecord record) {
    long token = record.fencingToken().counter();
    String shard = record.shard().value();
    if (newestToken.merge(shard, token, Math::max) > token) {
      stale.add(shard + " under " + token);
    }
    delivered.add(record.partitionKey());
  }

  private void put(int records) {
    for (int i = 0; i < records; i++) {
      String key = "key-" + put++;
      kinesis
          .putRecord(
              b -> b.streamName("clicks").partitionKey(key).data(SdkBytes.fromUtf8String(key)))
          .join();
    }
  }

  private void awaitDelivered() {
    TestStream.await("every record is delivered", LIMIT, () -> delivered.size() == put);
  }
}
