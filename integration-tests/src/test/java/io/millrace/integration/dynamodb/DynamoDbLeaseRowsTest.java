package io.millrace.integration.dynamodb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.Holding;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.Preparation;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.Parked;
import io.millrace.consumer.lease.PendingCheckpoint;
import io.millrace.consumer.lease.Progress;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.consumer.lease.WriteId;
import io.millrace.consumer.lease.WriteOutcome;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import io.millrace.model.HashRange;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import io.millrace.testkit.dynamodb.DynamoDbLocal;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClientBuilder;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.UpdateTableRequest;

/** What stands in the tables, attribute by attribute, on DynamoDB Local. */
class DynamoDbLeaseRowsTest {
  private static final Duration ATTEMPT = Duration.ofSeconds(90);
  private static final StreamIdentity CLICKS =
      new StreamIdentity(
          "arn:aws:kinesis:us-east-1:123456789012:stream/clicks",
          Instant.ofEpochSecond(1_700_000_000));
  private static final LeaseKey KEY =
      new LeaseKey("123456789012:clicks:1700000000", new ShardId("shardId-000000000003"));
  private static final Owner ALICE = new Owner("alice", 7);
  private static final Owner BOB = new Owner("bob", 9);

  private static DynamoDbLocal server;
  private static DynamoDbAsyncClient client;
  private long writes;

  @BeforeAll
  static void startServer() {
    server = DynamoDbLocal.start();
    client = DynamoDbClients.local(server);
  }

  @AfterAll
  static void stopServer() {
    client.close();
    server.close();
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private WriteId nextId() {
    return new WriteId("0123456789abcdef", ++writes);
  }

  private static Lease applied(CompletionStage<WriteOutcome<Lease>> write) {
    return await(write).applied().orElseThrow();
  }

  private static Checkpoint at(String sequenceNumber, long sub) {
    return Checkpoint.at(new Position(SequenceNumber.of(sequenceNumber), sub));
  }

  /** The attributes of the row, each as its type and its content. */
  private static Map<String, String> item(String table) {
    Map<String, String> texts = new TreeMap<>();
    client
        .getItem(
            b ->
                b.tableName(table)
                    .key(Map.of("leaseKey", AttributeValue.fromS(KEY.text())))
                    .consistentRead(true))
        .join()
        .item()
        .forEach((name, value) -> texts.put(name, value.type() + " " + content(value)));
    return texts;
  }

  private static String content(AttributeValue value) {
    return switch (value.type()) {
      case S -> value.s();
      case N -> value.n();
      case SS -> value.ss().stream().sorted().toList().toString();
      case B -> value.b().asUtf8String();
      default -> value.toString();
    };
  }

  @Test
  void everyAttributeHasTheKclsNameAndType() {
    LeaseStore store = DynamoDbLeaseStore.create(client);
    await(store.prepare(new Preparation("rows", ATTEMPT, false)));
    Lease row =
        applied(
            store.create(
                Lease.builder(KEY, Sentinel.AT_TIMESTAMP)
                    .startTimestamp(Instant.ofEpochMilli(1_700_000_000_123L))
                    .parents(
                        Set.of(
                            new ShardId("shardId-000000000001"),
                            new ShardId("shardId-000000000002")))
                    .hashRange(HashRange.FULL)
                    .stream(CLICKS)
                    .build(),
                nextId()));
    assertThat(item("rows"))
        .containsOnlyKeys(
            "leaseKey",
            "entityType",
            "streamName",
            "shardId",
            "leaseCounter",
            "ownerSwitchesSinceCheckpoint",
            "checkpoint",
            "checkpointSubSequenceNumber",
            "parentShardId",
            "startingHashKey",
            "endingHashKey",
            "millraceStartTimestamp",
            "millraceStream",
            "millraceWriteId")
        .containsEntry("leaseCounter", "N 0")
        .containsEntry("checkpoint", "S AT_TIMESTAMP");

    row = applied(store.take(row, ALICE, CLICKS, nextId()));
    row =
        applied(
            store.checkpoint(
                Holding.of(row, "alice"),
                Progress.of(at("49590338271490256608559692538361571095921575989136588898", 3))
                    .withPending(
                        new PendingCheckpoint(
                            at("49590338271490256608559692538361571095921575989136588899", 4),
                            "state".getBytes(UTF_8)))
                    .withLastArrival(Instant.ofEpochMilli(1_700_000_000_456L))
                    .withThroughputKBps(1.5),
                nextId()));
    row =
        applied(store.park(Holding.of(row, "alice"), new Parked("E", Instant.EPOCH, 2), nextId()));
    applied(store.claim(row, BOB, nextId()));

    assertThat(item("rows"))
        .isEqualTo(
            new TreeMap<>(
                Map.ofEntries(
                    Map.entry("leaseKey", "S " + KEY.text()),
                    Map.entry("entityType", "S LEASE"),
                    Map.entry("streamName", "S 123456789012:clicks:1700000000"),
                    Map.entry("shardId", "S shardId-000000000003"),
                    Map.entry("leaseOwner", "S bob"),
                    Map.entry("checkpointOwner", "S alice"),
                    Map.entry("leaseCounter", "N 3"),
                    Map.entry("ownerSwitchesSinceCheckpoint", "N 0"),
                    Map.entry(
                        "checkpoint", "S 49590338271490256608559692538361571095921575989136588898"),
                    Map.entry("checkpointSubSequenceNumber", "N 3"),
                    Map.entry(
                        "pendingCheckpoint",
                        "S 49590338271490256608559692538361571095921575989136588899"),
                    Map.entry("pendingCheckpointSubSequenceNumber", "N 4"),
                    Map.entry("pendingCheckpointState", "B state"),
                    Map.entry("parentShardId", "SS [shardId-000000000001, shardId-000000000002]"),
                    Map.entry("startingHashKey", "S 0"),
                    Map.entry("endingHashKey", "S 340282366920938463463374607431768211455"),
                    Map.entry("throughputKBps", "N 1.5"),
                    Map.entry("millraceStartTimestamp", "N 1700000000123"),
                    Map.entry("millraceLastArrival", "N 1700000000456"),
                    Map.entry("millraceParked", "S 0/2/E"),
                    Map.entry("millraceStream", "S " + CLICKS.text()),
                    Map.entry("millraceOwnerEpoch", "N 7"),
                    Map.entry("millraceClaimEpoch", "N 9"),
                    Map.entry("millraceWriteId", "S 0123456789abcdef/4"),
                    Map.entry("millraceClaimId", "S 0123456789abcdef/5"))));
  }

  @Test
  void endedRowHasItsChildrenAndNoTraceOfAnOwner() {
    LeaseStore store = DynamoDbLeaseStore.create(client);
    await(store.prepare(new Preparation("ended", ATTEMPT, false)));
    Lease row = applied(store.create(Lease.builder(KEY, Sentinel.TRIM_HORIZON).build(), nextId()));
    row = applied(store.take(row, ALICE, CLICKS, nextId()));

    applied(
        store.endShard(
            Holding.of(row, "alice"), Set.of(new ShardId("shardId-000000000009")), nextId()));

    assertThat(item("ended"))
        .containsEntry("checkpoint", "S SHARD_END")
        .containsEntry("childShardIds", "SS [shardId-000000000009]")
        .doesNotContainKeys(
            "leaseOwner", "checkpointOwner", "millraceOwnerEpoch", "pendingCheckpoint");
  }

  @Test
  void tablesOfAnOperatorAreUsedWithoutThePermissionToMakeOrToChangeAny() {
    await(DynamoDbLeaseStore.create(client).prepare(new Preparation("made", ATTEMPT, true)));
    try (DynamoDbAsyncClient restricted =
        client()
            .overrideConfiguration(o -> o.addExecutionInterceptor(new NoTableChanges()))
            .build()) {
      LeaseStore store = DynamoDbLeaseStore.builder(restricted).ownerIndex(true).build();

      // The index is asked for, refused in the background, and waited for by nobody.
      assertThat(await(store.prepare(new Preparation("made", ATTEMPT, true))).created()).isFalse();

      Lease row =
          applied(store.create(Lease.builder(KEY, Sentinel.TRIM_HORIZON).build(), nextId()));
      assertThat(applied(store.take(row, ALICE, CLICKS, nextId())).isHeldBy("alice")).isTrue();
    }
  }

  @Test
  void tableTellsTheTimeOfTheService() {
    LeaseStore store = DynamoDbLeaseStore.create(client);

    assertThat(await(store.prepare(new Preparation("timed", ATTEMPT, false))).created()).isTrue();

    assertThat(await(store.prepare(new Preparation("timed", ATTEMPT, false))).serviceTime())
        .isPresent();
  }

  private static DynamoDbAsyncClientBuilder client() {
    return DynamoDbClients.builder(server.endpoint());
  }

  /** As a role without the permission answers. */
  private static final class NoTableChanges implements ExecutionInterceptor {
    @Override
    public void beforeExecution(
        Context.BeforeExecution context, ExecutionAttributes executionAttributes) {
      if (context.request() instanceof CreateTableRequest
          || context.request() instanceof UpdateTableRequest) {
        throw DynamoDbException.builder()
            .statusCode(400)
            .awsErrorDetails(
                AwsErrorDetails.builder()
                    .errorCode("AccessDeniedException")
                    .errorMessage("not authorized")
                    .build())
            .build();
      }
    }
  }
}
