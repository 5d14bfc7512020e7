package io.millrace.integration.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.KinesisServer;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.model.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

@OnEndpoint(Place.TESTKIT)
class CleanUpTest {
  private final Endpoint endpoint;
  private KinesisAsyncClient kinesis;
  private DynamoDbAsyncClient dynamoDb;

  CleanUpTest(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  @BeforeEach
  void open() {
    kinesis = endpoint.newKinesisClient();
    dynamoDb = endpoint.newDynamoDbClient();
  }

  @AfterEach
  void close() {
    kinesis.close();
    dynamoDb.close();
  }

  @Test
  void everythingWithThePrefixGoesAndNothingElse() {
    String mine = TestNames.next() + "x";
    String other = TestNames.next() + "y";
    List<String> streams = new ArrayList<>(List.of(mine + "-1", mine + "-2", other));
    for (String stream : streams) {
      TestStream.get(kinesis.createStream(r -> r.streamName(stream).shardCount(1)));
      TestStream.await(
          stream + " is there",
          () -> TestStream.get(kinesis.listStreams()).streamNames().contains(stream));
    }
    createTable(mine);
    createTable(other);
    CleanUp cleanUp = new CleanUp(kinesis, dynamoDb);
    assertThat(cleanUp.left(mine)).containsExactlyInAnyOrder(mine, mine + "-1", mine + "-2");

    assertThat(cleanUp.delete(mine)).hasSize(3);

    assertThat(cleanUp.left(mine)).isEmpty();
    assertThat(cleanUp.delete(other)).hasSize(2);
    assertThat(cleanUp.delete(other)).as("once more").isEmpty();
  }

  /** Being changed, or too many at once: it must not be passed over for that. */
  @Test
  void streamThatCanNotBeDeletedYetGoesToo() {
    try (KinesisServer server = KinesisServer.start();
        KinesisAsyncClient client = server.newClient()) {
      server.createStream("left-1", 1);
      server.createStream("left-2", 1);
      for (ErrorCode code : List.of(ErrorCode.RESOURCE_IN_USE, ErrorCode.LIMIT_EXCEEDED)) {
        server.core().faults().on(Operation.DELETE_STREAM).times(1).inject(Fault.refuse(code));
      }
      CleanUp cleanUp = new CleanUp(client, dynamoDb);

      assertThat(cleanUp.delete("left-")).containsExactly("left-1", "left-2");

      assertThat(cleanUp.left("left-")).isEmpty();
    }
  }

  private void createTable(String name) {
    TestStream.get(
        dynamoDb.createTable(
            r ->
                r.tableName(name)
                    .billingMode(BillingMode.PAY_PER_REQUEST)
                    .attributeDefinitions(
                        AttributeDefinition.builder()
                            .attributeName("k")
                            .attributeType(ScalarAttributeType.S)
                            .build())
                    .keySchema(
                        KeySchemaElement.builder()
                            .attributeName("k")
                            .keyType(KeyType.HASH)
                            .build())));
  }
}
