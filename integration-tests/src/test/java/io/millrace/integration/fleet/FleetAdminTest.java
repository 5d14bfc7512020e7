package io.millrace.integration.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.FleetAdmin;
import io.millrace.consumer.LeaseStatus;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import io.millrace.integration.dynamodb.DynamoDbClients;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.model.ShardId;
import io.millrace.testkit.KinesisServer;
import io.millrace.testkit.dynamodb.DynamoDbLocal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** An operator with a lease store of its own beside a fleet at work, on DynamoDB Local. */
class FleetAdminTest {
  private static final String APPLICATION = "administered";

  private final List<StreamConsumer> consumers = new ArrayList<>();
  private final Map<String, AtomicLong> deliveries = new ConcurrentHashMap<>();
  private DynamoDbLocal dynamoDb;
  private DynamoDbAsyncClient dynamoDbClient;
  private KinesisServer server;
  private KinesisAsyncClient kinesis;
  private FleetAdmin admin;

  @BeforeEach
  void start() {
    dynamoDb = DynamoDbLocal.start();
    dynamoDbClient = DynamoDbClients.local(dynamoDb);
    server = KinesisServer.start();
    kinesis = server.newClient();
    server.createStream("clicks", 2);
    admin = FleetAdmin.of(APPLICATION, DynamoDbLeaseStore.create(dynamoDbClient));
  }

  @AfterEach
  void stop() {
    consumers.forEach(consumer -> consumer.close(Duration.ofSeconds(5)));
    kinesis.close();
    server.close();
    dynamoDbClient.close();
    dynamoDb.close();
  }

  private StreamConsumer.Builder worker(String id) {
    return StreamConsumer.builder(APPLICATION, kinesis, DynamoDbLeaseStore.create(dynamoDbClient))
        .settings(
            ConsumerSettings.builder()
                .workerId(id)
                // Nobody dies here, and nobody is to be taken for dead on a busy machine.
                .failoverTime(Duration.ofSeconds(30))
                .build())
        .onRecord(
            record ->
                deliveries
                    .computeIfAbsent(record.partitionKey(), key -> new AtomicLong())
                    .incrementAndGet());
  }

  private StreamConsumer started(StreamConsumer.Builder builder) {
    StreamConsumer consumer = builder.build();
    consumers.add(consumer);
    await(consumer.start());
    return consumer;
  }

  private static <T> T await(CompletableFuture<T> future) {
    return future.orTimeout(90, TimeUnit.SECONDS).join();
  }

  private void put(String stream, String key) {
    await(
        kinesis.putRecord(
            b -> b.streamName(stream).partitionKey(key).data(SdkBytes.fromUtf8String(key))));
  }

  private long delivered(String key) {
    AtomicLong count = deliveries.get(key);
    return count == null ? 0 : count.get();
  }

  /** Nothing is handed over then, and nothing will be. */
  private void awaitOneShardEach() {
    TestStream.await(
        "one shard for each worker",
        () -> consumers.stream().allMatch(worker -> worker.shards().size() == 1));
  }

  private static boolean holds(StreamConsumer worker, ShardId shard) {
    return worker.shards().stream().anyMatch(status -> status.shard().equals(shard));
  }

  @Test
  void operatorPausesResetsMovesAndDeletes() throws Exception {
    assertThatThrownBy(() -> await(admin.leases()))
        .hasRootCauseInstanceOf(LeaseStoreException.class)
        .hasMessageContaining(APPLICATION);

    started(worker("a").stream("clicks", StartAt.trimHorizon()));
    started(worker("b").stream("clicks", StartAt.trimHorizon()));
    awaitOneShardEach();
    put("clicks", "first");
    TestStream.await("delivery 1 of first", () -> delivered("first") == 1);
    TestStream.await(
        "a checkpoint",
        () ->
            await(admin.leases()).stream()
                .anyMatch(lease -> lease.checkpoint().position().isPresent()));
    LeaseStatus busy =
        await(admin.leases()).stream()
            .filter(lease -> lease.checkpoint().position().isPresent())
            .findFirst()
            .orElseThrow();
    ShardId shard = busy.shard();
    assertThat(busy.owner()).isPresent();
    assertThat(busy.lag()).isPresent();

    await(admin.pause("clicks", shard, "maintenance"));
    put("clicks", "first");
    LeaseStatus paused =
        await(admin.leases()).stream().filter(l -> l.shard().equals(shard)).findFirst().get();
    assertThat(paused.owner()).isEmpty();
    assertThat(paused.reason()).contains("paused by an operator: maintenance");
    assertThat(delivered("first")).isEqualTo(1);

    await(admin.reset("clicks", shard, StartAt.trimHorizon()));
    await(admin.resume("clicks", shard));
    TestStream.await("delivery 3 of first", () -> delivered("first") == 3);

    awaitOneShardEach();
    await(admin.move("clicks", shard, holds(consumers.get(0), shard) ? "b" : "a"));
    assertThatThrownBy(() -> await(admin.deleteApplication())).hasMessageContaining("is alive");

    await(consumers.get(0).admin().pauseApplication());
    assertThat(await(admin.leases())).allMatch(lease -> lease.owner().isEmpty());
    put("clicks", "second");
    await(admin.resumeApplication());
    TestStream.await("delivery 1 of second", () -> delivered("second") == 1);

    consumers.forEach(consumer -> assertThat(consumer.close(Duration.ofSeconds(90))).isTrue());
    assertThat(await(admin.deleteApplication())).isEqualTo(2);
    started(worker("a").stream("clicks", StartAt.trimHorizon()));
    TestStream.await(
        "all is delivered anew", () -> delivered("first") >= 5 && delivered("second") >= 2);
  }

  @Test
  void streamsComeAndGoWhileTheWorkerRuns() throws Exception {
    server.createStream("orders", 1);
    StreamConsumer worker = started(worker("a").manyStreams());
    assertThatThrownBy(
            () -> await(worker.addStream("ordes", StartAt.trimHorizon(), Fetching.polling())))
        .hasMessageContaining("'ordes'");

    await(worker.addStream("orders", StartAt.trimHorizon(), Fetching.polling()));
    put("orders", "order");
    TestStream.await("delivery 1 of order", () -> delivered("order") == 1);
    await(worker.removeStream("orders"));
    assertThat(worker.shards()).isEmpty();
    put("orders", "order");

    await(worker.addStream("orders", StartAt.trimHorizon(), Fetching.polling()));
    TestStream.await("delivery 2 of order", () -> delivered("order") == 2);
    await(worker.removeStream("orders"));
    assertThat(await(admin.deleteLeases("orders"))).isEqualTo(1);
  }
}
