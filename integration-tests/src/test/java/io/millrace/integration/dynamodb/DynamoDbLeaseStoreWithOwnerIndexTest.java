package io.millrace.integration.dynamodb;

import io.millrace.consumer.lease.LeaseStore;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import io.millrace.testkit.dynamodb.DynamoDbLocal;
import io.millrace.testkit.lease.LeaseStoreContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/** The public contract, on a table that has the KCL's index from owners to leases. */
class DynamoDbLeaseStoreWithOwnerIndexTest extends LeaseStoreContract {
  private static DynamoDbLocal server;
  private static DynamoDbAsyncClient client;
  private static int tables;

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

  @Override
  protected LeaseStore newStore() {
    tables++;
    KeySchemaElement leaseKey = key("leaseKey", KeyType.HASH);
    GlobalSecondaryIndex byOwner =
        GlobalSecondaryIndex.builder()
            .indexName("LeaseOwnerToLeaseKeyIndex")
            .keySchema(key("leaseOwner", KeyType.HASH), key("leaseKey", KeyType.RANGE))
            .projection(p -> p.projectionType(ProjectionType.KEYS_ONLY))
            .build();
    client
        .createTable(
            b ->
                b.tableName(leaseTable())
                    .billingMode(BillingMode.PAY_PER_REQUEST)
                    .keySchema(leaseKey)
                    .attributeDefinitions(text("leaseKey"), text("leaseOwner"))
                    .globalSecondaryIndexes(byOwner))
        .join();
    return sameTables();
  }

  private static KeySchemaElement key(String attribute, KeyType type) {
    return KeySchemaElement.builder().attributeName(attribute).keyType(type).build();
  }

  private static AttributeDefinition text(String attribute) {
    return AttributeDefinition.builder()
        .attributeName(attribute)
        .attributeType(ScalarAttributeType.S)
        .build();
  }

  @Override
  protected LeaseStore sameTables() {
    return DynamoDbLeaseStore.builder(client)
        .leaseTableName(leaseTable())
        .workerTableName("workers-" + tables)
        .createTables(true)
        .ownerIndex(true)
        .build();
  }

  private static String leaseTable() {
    return "indexed-" + tables;
  }
}
