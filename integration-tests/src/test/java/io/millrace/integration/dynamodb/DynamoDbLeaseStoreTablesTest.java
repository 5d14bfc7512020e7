package io.millrace.integration.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.LeaseStore.LeasePage;
import io.millrace.consumer.lease.LeaseStore.Preparation;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.LeaseStoreException.Reason;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import io.millrace.integration.endpoint.ClosedPort;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.testkit.dynamodb.DynamoDbLocal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.PutRequest;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/** Tables as they are found, made and refused, on DynamoDB Local. */
class DynamoDbLeaseStoreTablesTest {
  private static final Duration ATTEMPT = Duration.ofSeconds(90);

  private static DynamoDbLocal server;
  private static DynamoDbAsyncClient client;

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

  @Test
  void tablesAreCreatedOnDemandAndProtectedAsAsked() {
    DynamoDbLeaseStore store =
        DynamoDbLeaseStore.builder(client)
            .deletionProtection(true)
            .tags(Map.of("team", "orders"))
            .build();

    assertThat(await(store.prepare(new Preparation("protected", ATTEMPT, true))).created())
        .isTrue();

    for (String name : List.of("protected", "protected-MillraceWorkers")) {
      TableDescription table = describe(name);
      assertThat(table.billingModeSummary().billingMode()).isEqualTo(BillingMode.PAY_PER_REQUEST);
      assertThat(table.deletionProtectionEnabled()).isTrue();
    }
  }

  @Test
  void fleetWithoutAWorkerTableNeedsNone() {
    await(DynamoDbLeaseStore.create(client).prepare(new Preparation("alone", ATTEMPT, false)));

    assertThat(client.listTables().join().tableNames())
        .contains("alone")
        .doesNotContain("alone-MillraceWorkers");
  }

  @Test
  void recoveryThatTheEndpointRefusesStopsNothing() {
    DynamoDbLeaseStore store = DynamoDbLeaseStore.builder(client).pointInTimeRecovery(true).build();

    assertThat(await(store.prepare(new Preparation("recoverable", ATTEMPT, false))).created())
        .isTrue();
  }

  @Test
  void indexOfOwnersAppearsInTheBackground() {
    DynamoDbLeaseStore store = DynamoDbLeaseStore.builder(client).ownerIndex(true).build();
    await(store.prepare(new Preparation("indexed", ATTEMPT, false)));

    TestStream.await(
        "the index is there",
        () ->
            describe("indexed").globalSecondaryIndexes().stream()
                .anyMatch(index -> index.indexName().equals("LeaseOwnerToLeaseKeyIndex")));
    await(store.prepare(new Preparation("indexed", ATTEMPT, false)));
  }

  @Test
  void missingTableOfAnOperatorIsAnErrorThatSaysWhatToCreate() {
    DynamoDbLeaseStore store = DynamoDbLeaseStore.builder(client).createTables(false).build();

    LeaseStoreException failure = failure(store.prepare(new Preparation("nobodys", ATTEMPT, true)));

    assertThat(failure.reason()).isEqualTo(Reason.TABLE_MISSING);
    assertThat(failure).hasMessageContaining("nobodys").hasMessageContaining("createTables");
    assertThat(client.listTables().join().tableNames()).doesNotContain("nobodys");
  }

  @Test
  void tableOfAnotherApplicationIsRefusedByItsKey() {
    client
        .createTable(
            b ->
                b.tableName("customers")
                    .billingMode(BillingMode.PAY_PER_REQUEST)
                    .attributeDefinitions(
                        List.of(
                            AttributeDefinition.builder()
                                .attributeName("id")
                                .attributeType(ScalarAttributeType.N)
                                .build()))
                    .keySchema(
                        List.of(
                            KeySchemaElement.builder()
                                .attributeName("id")
                                .keyType(KeyType.HASH)
                                .build())))
        .join();

    LeaseStoreException failure =
        failure(
            DynamoDbLeaseStore.create(client)
                .prepare(new Preparation("customers", ATTEMPT, false)));

    assertThat(failure.reason()).isEqualTo(Reason.WRONG_KEY_SCHEMA);
    assertThat(failure).hasMessageContaining("customers").hasMessageContaining("leaseKey (S)");
  }

  @Test
  void workerTableServesOneApplication() {
    await(
        DynamoDbLeaseStore.builder(client)
            .workerTableName("shared-workers")
            .build()
            .prepare(new Preparation("first", ATTEMPT, true)));

    LeaseStoreException failure =
        failure(
            DynamoDbLeaseStore.builder(client)
                .workerTableName("shared-workers")
                .build()
                .prepare(new Preparation("second", ATTEMPT, true)));

    assertThat(failure.reason()).isEqualTo(Reason.OTHER_APPLICATION);
    assertThat(failure).hasMessageContaining("'first'").hasMessageContaining("'second'");
  }

  @Test
  void endpointThatRefusesTheConnectionIsOneErrorWhenTheTimeIsOver() throws Exception {
    try (ClosedPort port = new ClosedPort();
        DynamoDbAsyncClient nobody = DynamoDbClients.local(port.endpoint())) {
      CompletionStage<?> preparing =
          DynamoDbLeaseStore.create(nobody)
              .prepare(new Preparation("orders", Duration.ofSeconds(2), true));

      assertThat(preparing.toCompletableFuture())
          .failsWithin(ATTEMPT)
          .withThrowableOfType(ExecutionException.class)
          .withCauseInstanceOf(LeaseStoreException.class)
          .withMessageContaining("dynamodb:DescribeTable")
          .withMessageContaining("endpoint");
    }
  }

  @Test
  void tableThatIsDeletedUnderAFleetIsNamed() {
    DynamoDbLeaseStore store = DynamoDbLeaseStore.create(client);
    await(store.prepare(new Preparation("shortlived", ATTEMPT, false)));
    client.deleteTable(b -> b.tableName("shortlived")).join();

    LeaseStoreException failure = failure(store.listLeases(Consistency.STRONG, null));

    assertThat(failure.reason()).isEqualTo(Reason.TABLE_MISSING);
    assertThat(failure).hasMessageContaining("shortlived");
  }

  @Test
  void listingOfManyPagesShowsEveryLeaseOnce() {
    DynamoDbLeaseStore store = DynamoDbLeaseStore.create(client);
    await(store.prepare(new Preparation("large", ATTEMPT, false)));
    int leases = 600;
    putLargeRows("large", leases);

    assertListed(store, leases);
    // Seen again, the table's size is known: now in several parts at the same time.
    await(store.prepare(new Preparation("large", ATTEMPT, false)));
    assertListed(store, leases);
  }

  private static void assertListed(LeaseStore store, int leases) {
    Set<String> keys = new HashSet<>();
    int pages = 0;
    String token = null;
    do {
      LeasePage page = await(store.listLeases(Consistency.STRONG, token));
      for (Lease lease : page.leases()) {
        assertThat(keys.add(lease.key().text())).isTrue();
      }
      token = page.nextPageToken();
      pages++;
    } while (token != null);
    assertThat(keys).hasSize(leases);
    assertThat(pages).isGreaterThan(1);
  }

  private static void putLargeRows(String table, int leases) {
    List<WriteRequest> batch = new ArrayList<>();
    for (int i = 0; i < leases; i++) {
      Map<String, AttributeValue> item =
          Map.of(
              "leaseKey", AttributeValue.fromS("shardId-" + i),
              "leaseCounter", AttributeValue.fromN("0"),
              "checkpoint", AttributeValue.fromS("TRIM_HORIZON"),
              "somebodyElses", AttributeValue.fromS("x".repeat(8_000)));
      batch.add(WriteRequest.builder().putRequest(PutRequest.builder().item(item).build()).build());
      if (batch.size() == 25) {
        List<WriteRequest> full = List.copyOf(batch);
        batch.clear();
        client.batchWriteItem(b -> b.requestItems(Map.of(table, full))).join();
      }
    }
  }

  private static TableDescription describe(String table) {
    return client.describeTable(b -> b.tableName(table)).join().table();
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static LeaseStoreException failure(CompletionStage<?> stage) {
    return (LeaseStoreException)
        catchThrowableOfType(CompletionException.class, () -> await(stage)).getCause();
  }
}
