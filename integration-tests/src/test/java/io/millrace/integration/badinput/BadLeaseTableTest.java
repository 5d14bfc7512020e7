package io.millrace.integration.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.dynamodb.DynamoDbLeaseStore;
import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.OnEndpoint;
import io.millrace.integration.endpoint.Place;
import io.millrace.integration.endpoint.TestStream;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
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
    TestStream.get(
        dynamoDb.createTable(
            r ->
                r.tableName(table)
                    .billingMode(BillingMode.PAY_PER_REQUEST)
                    .attributeDefinitions(
                        AttributeDefinition.builder()
                            .attributeName("orderId")
                            .attributeType(ScalarAttributeType.S)
                            .build())
                    .keySchema(
                        KeySchemaElement.builder()
                            .attributeName("orderId")
                            .keyType(KeyType.HASH)
                            .build())));

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
                .endpointOverride(URI.create("http://127.0.0.1:1"))
                .region(endpoint.address().region())
                .credentialsProvider(endpoint.address().credentials())
                .build());

    assertThat(startError(consumer(client(), "clicks", DynamoDbLeaseStore.create(nowhere))))
        .hasMessageContainingAll("dynamodb:DescribeTable", "clicks-reader", "endpoint");
  }

  private DynamoDbLeaseStore leases() {
    return DynamoDbLeaseStore.builder(dynamoDb)
        .leaseTableName(table)
        .workerTableName(table + "-workers")
        .build();
  }
}
