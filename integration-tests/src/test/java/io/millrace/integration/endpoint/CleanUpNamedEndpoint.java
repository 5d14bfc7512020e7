package io.millrace.integration.endpoint;

import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * Deletes what any run has ever left on the endpoint that the environment names, should a run have
 * been killed: docs/compatibility.md has the command. Not run with the tests.
 */
@OnEndpoint(Place.NAMED)
class CleanUpNamedEndpoint {
  private final Endpoint endpoint;

  CleanUpNamedEndpoint(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  @Test
  void nothingOfAnyRunIsLeft() {
    try (KinesisAsyncClient kinesis = endpoint.newKinesisClient();
        DynamoDbAsyncClient dynamoDb = endpoint.newDynamoDbClient()) {
      System.out.println(
          "deleted from "
              + endpoint.name()
              + ": "
              + new CleanUp(kinesis, dynamoDb).delete(TestNames.PREFIX));
    }
  }
}
