package io.millrace.integration.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.dynamodb.DynamoDbLeaseStore;
import io.millrace.integration.endpoint.ClosedPort;
import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.OnEndpoint;
import io.millrace.integration.endpoint.Place;
import io.millrace.integration.endpoint.TestStream;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/** Lease tables that are none, or somebody else's. */
@OnEndpoint(Place.TESTKIT)
class BadLeaseTableTest extends BadInput {
  private final Endpoint endpoint;
  private DynamoDbAsyncClient dynamoDb;
  private final String table = "table-" + java.util.UUID.randomUUID().toString().substring(0, 8);

  BadLeaseTableTest(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  @BeforeEach
  void openDynamoDb() {
    dynamoDb = closing(endpoint.newDynamoDbClient());
  }

  @Test
  void tableWithAnotherKeySchemaFailsTheStart() throws Exception {
    createTable("orderId");

    assertThat(startError(consumer(client(), "clicks", leases())))
        .hasMessageContainingAll(table, "leaseKey", "orderId");
  }

  @Test
  void applicationNameInUseForAnotherStreamFailsTheStart() throws Exception {
    server.createStream("orders", 1);
    var first = consumer(client(), "orders", leases());
    first.start().get(SOON.toSeconds(), TimeUnit.SECONDS);
    TestStream.await("it holds a lease", () -> !first.shards().isEmpty());
    first.close();

    assertThat(startError(consumer(client(), "clicks", leases())))
        .hasMessageContainingAll("clicks-reader", "orders", "clicks");
  }

  @Test
  void missingTableThatMayNotBeCreatedFailsTheStart() throws Exception {
    assertThat(
            startError(
                consumer(
                    client(),
                    "clicks",
                    DynamoDbLeaseStore.builder(dynamoDb)
                        .leaseTableName(table)
                        .createTables(false)
                        .build())))
        .hasMessageContaining(table);
  }

  @Test
  void dynamoDbThatRefusesConnectionsFailsTheStart() throws Exception {
    DynamoDbAsyncClient nowhere =
        closing(
            DynamoDbAsyncClient.builder()
                .endpointOverride(closing(new ClosedPort()).endpoint())
                .region(endpoint.address().region())
                .credentialsProvider(endpoint.address().credentials())
                .build());

    assertThat(startError(consumer(client(), "clicks", DynamoDbLeaseStore.create(nowhere))))
        .hasMessageContainingAll("dynamodb:DescribeTable", "clicks-reader", "endpoint");
  }

  @Test
  void kclInAModeThatIsNotKnownFailsTheStart() throws Exception {
    createTable("leaseKey");
    put(
        Map.of(
            "leaseKey", text("Migration3.0"),
            "entityType", text("CLIENT_VERSION_MIGRATION"),
            "cv", text("CLIENT_VERSION_9X")));

    assertThat(startError(consumer(client(), "clicks", leases())))
        .hasMessageContainingAll(table, "Migration3.0", "CLIENT_VERSION_9X", "Stop the KCL");
  }

  @Test
  void leaseOfAKclThatIsNotKnownFailsTheStart() throws Exception {
    createTable("leaseKey");
    put(
        Map.of(
            "leaseKey", text("shardId-000000000000"),
            "entityType", text("LEASE_OF_KCL_9"),
            "leaseCounter", AttributeValue.fromN("12"),
            "checkpoint", text("4957")));

    assertThat(startError(consumer(client(), "clicks", leases())))
        .hasMessageContainingAll("shardId-000000000000", "LEASE_OF_KCL_9", "Stop that KCL");
  }

  private void createTable(String key) {
    TestStream.get(
        dynamoDb.createTable(
            r ->
                r.tableName(table)
                    .billingMode(BillingMode.PAY_PER_REQUEST)
                    .attributeDefinitions(
                        AttributeDefinition.builder()
                            .attributeName(key)
                            .attributeType(ScalarAttributeType.S)
                            .build())
                    .keySchema(
                        KeySchemaElement.builder()
                            .attributeName(key)
                            .keyType(KeyType.HASH)
                            .build())));
  }

  private void put(Map<String, AttributeValue> row) {
    TestStream.get(dynamoDb.putItem(r -> r.tableName(table).item(row)));
  }

  private static AttributeValue text(String value) {
    return AttributeValue.fromS(value);
  }

  private DynamoDbLeaseStore leases() {
    return DynamoDbLeaseStore.builder(dynamoDb)
        .leaseTableName(table)
        .workerTableName(table + "-workers")
        .build();
  }
}
