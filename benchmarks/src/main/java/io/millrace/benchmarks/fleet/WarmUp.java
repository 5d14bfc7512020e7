package io.millrace.benchmarks.fleet;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/**
 * The kinds of requests that workers send, to a stream and a table of which no worker knows. An
 * endpoint in a fresh JVM takes its time for the first of each kind; the services are never cold.
 */
final class WarmUp {
  static final String STREAM = "warm-up";

  private static final String TABLE = "warm-up";
  private static final String KEY = "key";
  private static final int PUTS = 1_000;
  private static final int ROUNDS = 200;

  private WarmUp() {}

  static void kinesis(KinesisAsyncClient client) {
    client.describeStreamSummary(r -> r.streamName(STREAM)).join();
    String shard = client.listShards(r -> r.streamName(STREAM)).join().shards().get(0).shardId();
    PutRecordsRequestEntry entry =
        PutRecordsRequestEntry.builder()
            .partitionKey("k")
            .data(SdkBytes.fromUtf8String("0"))
            .build();
    for (int put = 0; put < PUTS; put++) {
      client.putRecords(r -> r.streamName(STREAM).records(List.of(entry))).join();
    }
    String iterator =
        client
            .getShardIterator(
                r ->
                    r.streamName(STREAM)
                        .shardId(shard)
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
            .join()
            .shardIterator();
    client.getRecords(r -> r.shardIterator(iterator)).join();
  }

  static void dynamoDb(DynamoDbAsyncClient client) {
    mustFail(client.describeTable(r -> r.tableName(TABLE)));
    client.createTable(table()).join();
    client.describeTable(r -> r.tableName(TABLE)).join();
    Map<String, AttributeValue> row = Map.of(KEY, AttributeValue.fromS("row"));
    client.putItem(r -> r.tableName(TABLE).item(row)).join();
    for (int round = 0; round < ROUNDS; round++) {
      update(client, row, "attribute_exists(#key)").join();
      mustFail(update(client, row, "attribute_not_exists(#key)"));
      client.getItem(r -> r.tableName(TABLE).key(row).consistentRead(true)).join();
      client.scan(r -> r.tableName(TABLE)).join();
    }
    client.deleteTable(r -> r.tableName(TABLE)).join();
  }

  private static CreateTableRequest table() {
    return CreateTableRequest.builder()
        .tableName(TABLE)
        .billingMode(BillingMode.PAY_PER_REQUEST)
        .attributeDefinitions(
            AttributeDefinition.builder()
                .attributeName(KEY)
                .attributeType(ScalarAttributeType.S)
                .build())
        .keySchema(KeySchemaElement.builder().attributeName(KEY).keyType(KeyType.HASH).build())
        .build();
  }

  private static CompletableFuture<?> update(
      DynamoDbAsyncClient client, Map<String, AttributeValue> row, String condition) {
    return client.updateItem(
        r ->
            r.tableName(TABLE)
                .key(row)
                .updateExpression("SET #count = :count")
                .conditionExpression(condition)
                .expressionAttributeNames(Map.of("#key", KEY, "#count", "count"))
                .expressionAttributeValues(Map.of(":count", AttributeValue.fromN("1")))
                .returnValues(ReturnValue.ALL_NEW)
                .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD));
  }

  private static void mustFail(CompletableFuture<?> request) {
    try {
      request.join();
    } catch (CompletionException expected) {
      return;
    }
    throw new IllegalStateException("a request of the warm-up succeeded that must not");
  }
}
