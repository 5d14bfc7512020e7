package io.millrace.integration.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.OnEndpoint;
import io.millrace.integration.endpoint.Place;
import io.millrace.integration.endpoint.TestNames;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.integration.endpoint.TestTables;
import io.millrace.samples.check.Check;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/** The check before a migration, as a user runs it. */
@OnEndpoint(Place.TESTKIT)
class CheckTest {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final Endpoint endpoint;

  CheckTest(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  @Test
  void leaseTableIsReadAndReportedOn() throws Exception {
    String application = TestNames.next();
    try (DynamoDbAsyncClient dynamoDb = endpoint.newDynamoDbClient();
        TestTables tables = new TestTables(dynamoDb, application)) {
      createLeaseTable(dynamoDb, tables.application());
      put(
          dynamoDb,
          application,
          Map.of(
              "leaseKey", AttributeValue.fromS("shardId-000000000000"),
              "checkpoint", AttributeValue.fromS("4957"),
              "checkpointSubSequenceNumber", AttributeValue.fromN("3"),
              "leaseCounter", AttributeValue.fromN("12")));
      put(
          dynamoDb,
          application,
          Map.of(
              "leaseKey", AttributeValue.fromS("Migration3.0"),
              "entityType", AttributeValue.fromS("CLIENT_VERSION_MIGRATION"),
              "cv", AttributeValue.fromS("CLIENT_VERSION_3X")));

      try (SampleProcess check = check(application)) {
        assertThat(check.exitStatus(LIMIT)).as(check.output()).isZero();
        assertThat(check.output())
            .contains("changes  the application reads a single stream")
            .contains("changes  KCL 3, a leader assigns the leases")
            .contains("stays    1 leases, 0 of them of finished shards; 1 checkpoints inside");
      }
    }
  }

  @Test
  void tableThatIsNotThereIsAnErrorOfOneLine() throws Exception {
    try (SampleProcess check = check("nobody")) {
      assertThat(check.exitStatus(LIMIT)).isEqualTo(2);
      assertThat(check.output()).contains("there is no table 'nobody'").doesNotContain("\tat ");
    }
  }

  private SampleProcess check(String application) throws Exception {
    return SampleProcess.start(
        Check.class,
        Map.of(),
        "kcl",
        application,
        "--endpoint",
        endpoint.address().dynamoDb().orElseThrow().toString());
  }

  private static void createLeaseTable(DynamoDbAsyncClient dynamoDb, String name) {
    TestStream.get(
        dynamoDb.createTable(
            r ->
                r.tableName(name)
                    .billingMode(BillingMode.PAY_PER_REQUEST)
                    .attributeDefinitions(
                        AttributeDefinition.builder()
                            .attributeName("leaseKey")
                            .attributeType(ScalarAttributeType.S)
                            .build())
                    .keySchema(
                        KeySchemaElement.builder()
                            .attributeName("leaseKey")
                            .keyType(KeyType.HASH)
                            .build())));
  }

  private static void put(
      DynamoDbAsyncClient dynamoDb, String table, Map<String, AttributeValue> item) {
    TestStream.get(dynamoDb.putItem(r -> r.tableName(table).item(item)));
  }
}
