package io.millrace.integration.dynamodb;

import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import io.millrace.testkit.dynamodb.DynamoDbLocal;
import io.millrace.testkit.lease.LeaseStoreContract;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The public contract, on DynamoDB Local. */
class DynamoDbLeaseStoreContractTest extends LeaseStoreContract {
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
    return sameTables();
  }

  @Override
  protected LeaseStore sameTables() {
    return DynamoDbLeaseStore.builder(client)
        .leaseTableName(leaseTable())
        .workerTableName("workers-" + tables)
        .build();
  }

  @Override
  protected boolean addUnknownAttribute(LeaseKey key, String name, String value) {
    client
        .updateItem(
            b ->
                b.tableName(leaseTable())
                    .key(row(key))
                    .updateExpression("SET #n = :v")
                    .expressionAttributeNames(Map.of("#n", name))
                    .expressionAttributeValues(Map.of(":v", AttributeValue.fromS(value))))
        .join();
    return true;
  }

  @Override
  protected Optional<String> unknownAttribute(LeaseKey key, String name) {
    return Optional.ofNullable(
            client
                .getItem(b -> b.tableName(leaseTable()).key(row(key)).consistentRead(true))
                .join()
                .item()
                .get(name))
        .map(AttributeValue::s);
  }

  private static String leaseTable() {
    return "leases-" + tables;
  }

  private static Map<String, AttributeValue> row(LeaseKey key) {
    return Map.of("leaseKey", AttributeValue.fromS(key.text()));
  }
}
