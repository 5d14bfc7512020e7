package io.millrace.samples.check;

import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;

/**
 * Reads a KCL's tables; needs {@code dynamodb:DescribeTable} and {@code dynamodb:Scan}. Confined to
 * one thread.
 */
final class LeaseTableReader {
  private static final String OWNER_INDEX = "LeaseOwnerToLeaseKeyIndex";

  private final DynamoDbAsyncClient dynamoDb;
  private final InstantSource clock;

  LeaseTableReader(DynamoDbAsyncClient dynamoDb, InstantSource clock) {
    this.dynamoDb = dynamoDb;
    this.clock = clock;
  }

  /**
   * Reads the tables of an application.
   *
   * @throws IllegalArgumentException if there is no such lease table
   */
  LeaseTableCheck.Contents read(String application, String leaseTable) {
    TableDescription table =
        describe(leaseTable)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "there is no table '" + leaseTable + "' in this account and region"));
    boolean keyed =
        table.keySchema().stream()
            .map(KeySchemaElement::attributeName)
            .toList()
            .equals(List.of("leaseKey"));
    if (!keyed) {
      throw new IllegalArgumentException(
          "table '" + leaseTable + "' is no lease table: its key is not leaseKey");
    }
    String coordinator = application + "-CoordinatorState";
    return new LeaseTableCheck.Contents(
        scan(leaseTable),
        describe(coordinator).isPresent() ? scan(coordinator) : List.of(),
        describe(application + "-WorkerMetricStats").isPresent(),
        table.globalSecondaryIndexes().stream()
            .anyMatch(index -> index.indexName().equals(OWNER_INDEX)),
        clock.instant().getEpochSecond());
  }

  private Optional<TableDescription> describe(String name) {
    try {
      return Optional.of(dynamoDb.describeTable(r -> r.tableName(name)).join().table());
    } catch (CompletionException e) {
      if (e.getCause() instanceof ResourceNotFoundException) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private List<Map<String, AttributeValue>> scan(String name) {
    List<Map<String, AttributeValue>> items = new java.util.ArrayList<>();
    Map<String, AttributeValue> from = Map.of();
    do {
      Map<String, AttributeValue> start = from;
      ScanResponse page =
          dynamoDb
              .scan(
                  r ->
                      r.tableName(name)
                          .consistentRead(true)
                          .exclusiveStartKey(start.isEmpty() ? null : start))
              .join();
      items.addAll(page.items());
      from = page.lastEvaluatedKey();
    } while (!from.isEmpty());
    return items;
  }
}
