package io.millrace.dynamodb;

import static io.millrace.dynamodb.ServiceErrors.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.LeaseStore.FleetView;
import io.millrace.consumer.lease.LeaseStore.LeasePage;
import io.millrace.consumer.lease.LeaseStore.Preparation;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.LeaseStoreException.Reason;
import io.millrace.consumer.lease.WriteId;
import io.millrace.consumer.lease.WriteOutcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DescribeTableRequest;
import software.amazon.awssdk.services.dynamodb.model.DescribeTableResponse;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;

class DynamoDbLeaseStoreTest {
  private static final Preparation ORDERS = new Preparation("orders", Duration.ofSeconds(2), true);
  private static final Preparation ORDERS_PER_LEASE =
      new Preparation("orders", Duration.ofSeconds(2), false);

  private final ScriptedDynamoDb client = new ScriptedDynamoDb();
  private final DynamoDbLeaseStore store =
      new DynamoDbLeaseStore(
          client, TableSettings.DEFAULT, pause -> CompletableFuture.completedFuture(null));

  @AfterEach
  void everyReplyWasAskedFor() {
    client.checkAllReplied();
  }

  private static DescribeTableResponse table(String name, String key, long sizeBytes) {
    return Descriptions.described(
        Descriptions.table(name, key, TableStatus.ACTIVE).tableSizeBytes(sizeBytes));
  }

  private void prepared(long leaseTableBytes) {
    client.then(table("orders", "leaseKey", leaseTableBytes));
    await(store.prepare(ORDERS_PER_LEASE));
  }

  private static Map<String, AttributeValue> lease(String key) {
    return Map.of(
        "leaseKey", AttributeValue.fromS(key),
        "leaseCounter", AttributeValue.fromN("5"),
        "checkpoint", AttributeValue.fromS("TRIM_HORIZON"));
  }

  private static Map<String, AttributeValue> foreign(String key, String entityType) {
    return Map.of(
        "leaseKey", AttributeValue.fromS(key), "entityType", AttributeValue.fromS(entityType));
  }

  private static ScanResponse page(String lastKey, Map<String, AttributeValue> item) {
    ScanResponse.Builder page = ScanResponse.builder().items(List.of(item));
    return lastKey == null
        ? page.build()
        : page.lastEvaluatedKey(Map.of("leaseKey", AttributeValue.fromS(lastKey))).build();
  }

  private static Throwable noSuchTable() {
    return ServiceErrors.filled(
        ResourceNotFoundException.builder(), 400, "ResourceNotFoundException", "not found");
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static LeaseStoreException failure(CompletionStage<?> stage) {
    return (LeaseStoreException)
        catchThrowableOfType(CompletionException.class, () -> await(stage)).getCause();
  }

  @Test
  void tablesAreNamedAfterTheApplication() {
    client
        .then(table("orders", "leaseKey", 0))
        .then(table("orders-MillraceWorkers", "worker", 0))
        .then(PutItemResponse.builder().build());

    assertThat(await(store.prepare(ORDERS)).generation())
        .isEqualTo(Descriptions.CREATED_AT.toEpochMilli());

    assertThat(client.request(0, DescribeTableRequest.class).tableName()).isEqualTo("orders");
    assertThat(client.request(1, DescribeTableRequest.class).tableName())
        .isEqualTo("orders-MillraceWorkers");
    assertThat(client.request(2, PutItemRequest.class).item())
        .containsEntry("worker", AttributeValue.fromS("#fleet"))
        .containsEntry("application", AttributeValue.fromS("orders"))
        .containsEntry("leaseTable", AttributeValue.fromS("orders"));
  }

  @Test
  void workerTableOfAnotherFleetIsRefused() {
    client
        .then(table("orders", "leaseKey", 0))
        .then(table("orders-MillraceWorkers", "worker", 0))
        .then(
            ServiceErrors.filled(
                ConditionalCheckFailedException.builder()
                    .item(
                        Map.of(
                            "worker", AttributeValue.fromS("#fleet"),
                            "application", AttributeValue.fromS("payments"),
                            "leaseTable", AttributeValue.fromS("payments-leases"))),
                400,
                "ConditionalCheckFailedException",
                "no"));

    LeaseStoreException failure = failure(store.prepare(ORDERS));

    assertThat(failure.reason()).isEqualTo(Reason.OTHER_APPLICATION);
    assertThat(failure)
        .hasMessageContaining("orders-MillraceWorkers")
        .hasMessageContaining("payments-leases");
  }

  @Test
  void missingPermissionOnTheWorkerTableIsNamed() {
    client
        .then(table("orders", "leaseKey", 0))
        .then(table("orders-MillraceWorkers", "worker", 0))
        .then(error(400, "AccessDeniedException"));

    assertThat(failure(store.prepare(ORDERS)))
        .hasMessageContaining("dynamodb:PutItem")
        .hasMessageContaining("orders-MillraceWorkers");
  }

  @Test
  void storeOfOneApplicationRefusesAnother() {
    prepared(0);

    LeaseStoreException failure =
        failure(store.prepare(new Preparation("payments", Duration.ofSeconds(2), false)));

    assertThat(failure.reason()).isEqualTo(Reason.OTHER_APPLICATION);
    assertThat(failure).hasMessageContaining("payments").hasMessageContaining("orders");
  }

  @Test
  void useBeforePreparationIsAMistakeOfTheCaller() {
    assertThatIllegalStateException()
        .isThrownBy(() -> store.readLease(LeaseKey.of("shard")))
        .withMessageContaining("prepare");
  }

  @Test
  void closedStoreRefusesEverything() {
    prepared(0);
    store.close();

    assertThat(failure(store.readFleet()).reason()).isEqualTo(Reason.CLOSED);
    assertThat(failure(store.prepare(ORDERS)).reason()).isEqualTo(Reason.CLOSED);
    Lease lease = Lease.builder(LeaseKey.of("shard"), Sentinel.LATEST).build();
    assertThat(await(store.create(lease, new WriteId("i", 1))))
        .isInstanceOf(WriteOutcome.Refused.class);
  }

  @Test
  void largeTableIsListedInPartsAtTheSameTime() {
    prepared(9L << 20);
    client
        .then(page("b", lease("a")))
        .then(page(null, lease("c")))
        .then(page("e", lease("d")))
        .then(page(null, lease("f")))
        .then(page(null, lease("g")));

    LeasePage first = await(store.listLeases(Consistency.STRONG, null));
    LeasePage second = await(store.listLeases(Consistency.STRONG, first.nextPageToken()));

    assertThat(first.leases())
        .extracting(lease -> lease.key().text())
        .containsExactly("a", "c", "d");
    assertThat(second.leases()).extracting(lease -> lease.key().text()).containsExactly("f", "g");
    assertThat(second.nextPageToken()).isNull();
    assertThat(client.request(1, ScanRequest.class).totalSegments()).isEqualTo(3);
    assertThat(client.request(4, ScanRequest.class).segment()).isZero();
    assertThat(client.request(4, ScanRequest.class).exclusiveStartKey())
        .isEqualTo(Map.of("leaseKey", AttributeValue.fromS("b")));
    assertThat(client.request(5, ScanRequest.class).segment()).isEqualTo(2);
  }

  @Test
  void segmentsGrowWithTheTableUpToABound() {
    assertThat(PreparedTables.segmentsFor(0)).isEqualTo(1);
    assertThat(PreparedTables.segmentsFor(PreparedTables.BYTES_PER_SEGMENT)).isEqualTo(2);
    assertThat(PreparedTables.segmentsFor(Long.MAX_VALUE)).isEqualTo(PreparedTables.MAX_SEGMENTS);
  }

  @Test
  void listingLeavesOutRowsOfAnotherKindAndTakesThemForASignOfTheKcl() {
    prepared(0);
    client.then(
        ScanResponse.builder()
            .items(List.of(lease("a"), foreign("worker-1", "WORKER_METRIC_STATS")))
            .build());

    assertThat(await(store.listLeases(Consistency.EVENTUAL, null)).leases())
        .extracting(lease -> lease.key().text())
        .containsExactly("a");
    noKclTables();
    noKclRows();
    client.then(GetItemResponse.builder().item(foreign("worker-1", "WORKER_METRIC_STATS")).build());
    assertThat(await(store.signOfKcl()).orElseThrow()).contains("WORKER_METRIC_STATS");
  }

  @Test
  void rowOfTheKclThatWasRemovedIsNoSignAnyMore() {
    prepared(0);
    client.then(page(null, foreign("worker-1", "WORKER_METRIC_STATS")));
    await(store.listLeases(Consistency.EVENTUAL, null));

    for (int look = 0; look < 2; look++) {
      noKclTables();
      noKclRows();
      if (look == 0) {
        client.then(GetItemResponse.builder().build());
      }
      assertThat(await(store.signOfKcl())).isEmpty();
    }
    assertThat(client.request(7, GetItemRequest.class).key())
        .isEqualTo(Map.of("leaseKey", AttributeValue.fromS("worker-1")));
  }

  @Test
  void rowOfAnybodyElseIsNoSignOfTheKcl() {
    prepared(0);
    client.then(page(null, foreign("note", "SHOPPING_LIST")));

    assertThat(await(store.listLeases(Consistency.EVENTUAL, null)).leases()).isEmpty();
    noKclTables();
    noKclRows();
    assertThat(await(store.signOfKcl())).isEmpty();
  }

  @Test
  void malformedLeaseFailsTheListing() {
    prepared(0);
    client.then(
        page(
            null,
            Map.of(
                "leaseKey", AttributeValue.fromS("bad"),
                "leaseCounter", AttributeValue.fromN("5"))));

    LeaseStoreException failure = failure(store.listLeases(Consistency.STRONG, null));

    assertThat(failure.reason()).isEqualTo(Reason.MALFORMED_ROW);
    assertThat(failure).hasMessageContaining("bad").hasMessageContaining("checkpoint");
  }

  @Test
  void tablesAndRowsOfTheKclAreSigns() {
    prepared(0);
    noKclTables();
    noKclRows();
    assertThat(await(store.signOfKcl())).isEmpty();

    client
        .then(table("orders-CoordinatorState", "key", 0))
        .then(migration("cv", "CLIENT_VERSION_3X"))
        .then(noSuchTable());
    noKclRows();
    assertThat(await(store.signOfKcl()).orElseThrow()).contains("orders-CoordinatorState");

    noKclTables();
    client
        .then(GetItemResponse.builder().build())
        .then(GetItemResponse.builder().item(foreign("Migration3.0", "X")).build())
        .then(GetItemResponse.builder().build());
    assertThat(await(store.signOfKcl()).orElseThrow()).contains("Migration3.0");
  }

  private static GetItemResponse migration(String attribute, String mode) {
    return GetItemResponse.builder()
        .item(
            Map.of(
                "key", AttributeValue.fromS("Migration3.0"), attribute, AttributeValue.fromS(mode)))
        .build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cv", "tm"})
  void modeOfTheKclThatIsNotKnownIsRefused(String attribute) {
    prepared(0);
    noKclTables();
    client
        .then(GetItemResponse.builder().build())
        .then(migration(attribute, "CLIENT_VERSION_9X"))
        .then(GetItemResponse.builder().build());

    LeaseStoreException failure = failure(store.signOfKcl());

    assertThat(failure.reason()).isEqualTo(Reason.UNKNOWN_KCL_MODE);
    assertThat(failure)
        .hasMessageContaining("CLIENT_VERSION_9X")
        .hasMessageContaining("Migration3.0")
        .hasMessageContaining("'orders'");
  }

  @Test
  void modeInTheKclsOwnTableIsLookedAtIfThatIsPermitted() {
    prepared(0);
    client
        .then(table("orders-CoordinatorState", "key", 0))
        .then(migration("cv", "CLIENT_VERSION_9X"))
        .then(noSuchTable());
    noKclRows();
    assertThat(failure(store.signOfKcl()).reason()).isEqualTo(Reason.UNKNOWN_KCL_MODE);

    client
        .then(table("orders-CoordinatorState", "key", 0))
        .then(error(400, "AccessDeniedException"))
        .then(noSuchTable());
    noKclRows();
    assertThat(await(store.signOfKcl()).orElseThrow()).contains("orders-CoordinatorState");
  }

  @Test
  void missingPermissionOnTheKclsTablesIsNoFailure() {
    prepared(0);
    client.then(error(400, "AccessDeniedException")).then(error(400, "AccessDeniedException"));
    noKclRows();

    assertThat(await(store.signOfKcl())).isEmpty();
  }

  private void noKclTables() {
    client.then(noSuchTable()).then(noSuchTable());
  }

  private void noKclRows() {
    for (int i = 0; i < 3; i++) {
      client.then(GetItemResponse.builder().build());
    }
  }

  @Test
  void fleetIsReadOverAllPages() {
    prepared(0);
    client
        .then(
            ScanResponse.builder()
                .items(List.of(worker("alice")))
                .lastEvaluatedKey(Map.of("worker", AttributeValue.fromS("alice")))
                .build())
        .then(
            ScanResponse.builder()
                .items(
                    List.of(
                        worker("bob"),
                        Map.of(
                            "worker", AttributeValue.fromS("#mode"),
                            "heartbeats", AttributeValue.fromS("PER_WORKER"),
                            "version", AttributeValue.fromN("1"))))
                .build());

    FleetView fleet = await(store.readFleet());

    assertThat(fleet.workers()).extracting(row -> row.worker()).containsExactly("alice", "bob");
    assertThat(Optional.ofNullable(fleet.mode())).isPresent();
    assertThat(client.request(2, ScanRequest.class).exclusiveStartKey())
        .isEqualTo(Map.of("worker", AttributeValue.fromS("alice")));
  }

  private static Map<String, AttributeValue> worker(String id) {
    return Map.of(
        "worker", AttributeValue.fromS(id),
        "incarnation", AttributeValue.fromS("i"),
        "epoch", AttributeValue.fromN("1"),
        "heartbeat", AttributeValue.fromN("1"),
        "state", AttributeValue.fromS("LIVE"),
        "protocolVersion", AttributeValue.fromN("1"),
        "failoverMillis", AttributeValue.fromN("10000"),
        "maxLeases", AttributeValue.fromN("7"),
        "leaseCount", AttributeValue.fromN("0"));
  }

  @Test
  void applicationWhoseNameNoTableCanHaveIsRefused() {
    assertThatThrownBy(
            () -> await(store.prepare(new Preparation("my orders", Duration.ofSeconds(2), false))))
        .hasRootCauseInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("application")
        .hasMessageContaining("'my orders'");
    assertThatThrownBy(
            () ->
                await(store.prepare(new Preparation("a".repeat(250), Duration.ofSeconds(2), true))))
        .hasMessageContaining("worker table's name");
  }

  @Test
  void badTableNameIsRefusedWithItsSettingAndRule() {
    DynamoDbLeaseStore.Builder builder = DynamoDbLeaseStore.builder(client);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.leaseTableName("a"))
        .withMessage(
            "leaseTableName is 'a': it must be 3 to 255 of the characters a-z A-Z 0-9 _ . -");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.workerTableName("with space"))
        .withMessageContaining("workerTableName is 'with space'");
  }
}
