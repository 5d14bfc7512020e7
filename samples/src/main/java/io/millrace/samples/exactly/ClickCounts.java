package io.millrace.samples.exactly;

import io.millrace.consumer.handler.ReceivedRecord;
import java.util.Map;
import java.util.concurrent.CompletionException;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/**
 * Counts the clicks of each user in DynamoDB, each click once, however often it is delivered.
 *
 * <p>The trick: the count and the place of the last counted click stand in one item, and change in
 * one conditional write. Clicks of a user come in the order of their places: first by shard, as a
 * child of a shard has the larger id and starts only when its parents are done, then by position. A
 * click whose place is not behind the stored one was counted before, by whomever.
 *
 * <p>The fencing token stands there too. A worker that was suspended and has lost the shard, but
 * does not know it yet, has a smaller one than the shard's new owner: it is refused, and stops.
 *
 * <p>Thread-safe.
 */
public final class ClickCounts {
  private static final String USER = "user";
  private static final String CLICKS = "clicks";
  private static final String PLACE = "place";
  private static final String TOKEN = "token";

  private final DynamoDbAsyncClient dynamoDb;
  private final String table;

  public ClickCounts(DynamoDbAsyncClient dynamoDb, String table) {
    this.dynamoDb = dynamoDb;
    this.table = table;
  }

  /** Creates the table if it is missing. */
  public void createTable() {
    try {
      dynamoDb
          .createTable(
              create ->
                  create
                      .tableName(table)
                      .billingMode(BillingMode.PAY_PER_REQUEST)
                      .attributeDefinitions(
                          AttributeDefinition.builder()
                              .attributeName(USER)
                              .attributeType(ScalarAttributeType.S)
                              .build())
                      .keySchema(
                          KeySchemaElement.builder()
                              .attributeName(USER)
                              .keyType(KeyType.HASH)
                              .build()))
          .join();
    } catch (CompletionException e) {
      if (!(e.getCause() instanceof ResourceInUseException)) {
        throw e;
      }
    }
    dynamoDb.waiter().waitUntilTableExists(wait -> wait.tableName(table)).join();
  }

  /** Counts a click of the user that the partition key names, unless it is counted already. */
  public void count(ReceivedRecord click) {
    String shard = click.shard().value();
    try {
      dynamoDb
          .updateItem(
              update ->
                  update
                      .tableName(table)
                      .key(Map.of(USER, AttributeValue.fromS(click.partitionKey())))
                      .updateExpression("ADD clicks :one SET place = :place, #token = :token")
                      .conditionExpression(
                          "attribute_not_exists(place) OR (place < :place"
                              + " AND (NOT begins_with(place, :shard) OR #token <= :token))")
                      .expressionAttributeNames(Map.of("#token", TOKEN))
                      .expressionAttributeValues(
                          Map.of(
                              ":one", AttributeValue.fromN("1"),
                              ":place", AttributeValue.fromS(placeOf(click)),
                              ":shard", AttributeValue.fromS(shard + "/"),
                              ":token", AttributeValue.fromS(tokenOf(click))))
                      .returnValuesOnConditionCheckFailure(
                          ReturnValuesOnConditionCheckFailure.ALL_OLD))
          .join();
    } catch (CompletionException e) {
      if (!(e.getCause() instanceof ConditionalCheckFailedException refused)) {
        throw e;
      }
      AttributeValue counted = refused.item().get(PLACE);
      if (counted == null || counted.s().compareTo(placeOf(click)) < 0) {
        throw new IllegalStateException("a later owner of " + shard + " is at work", refused);
      }
      // Counted before: the click is done.
    }
  }

  /** The clicks of a user so far. */
  public long clicksOf(String user) {
    Map<String, AttributeValue> item =
        dynamoDb
            .getItem(
                get ->
                    get.tableName(table)
                        .key(Map.of(USER, AttributeValue.fromS(user)))
                        .consistentRead(true))
            .join()
            .item();
    AttributeValue clicks = item.get(CLICKS);
    return clicks == null ? 0 : Long.parseLong(clicks.n());
  }

  /** As text whose order is that of the clicks of a user. */
  private static String placeOf(ReceivedRecord click) {
    String sequence = click.position().sequenceNumber().toString();
    return "%s/%s%s/%010d"
        .formatted(
            click.shard().value(),
            "0".repeat(Math.max(0, 60 - sequence.length())),
            sequence,
            click.position().subSequenceNumber());
  }

  private static String tokenOf(ReceivedRecord click) {
    return "%019d.%019d"
        .formatted(click.fencingToken().tableGeneration(), click.fencingToken().counter());
  }
}
