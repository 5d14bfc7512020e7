package io.millrace.integration.endpoint;

import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;

/**
 * The tables of an application, which live as long as one test.
 *
 * @param application which may never have created them
 */
public record TestTables(DynamoDbAsyncClient dynamoDb, String application)
    implements AutoCloseable {
  @Override
  public void close() {
    for (String suffix : new String[] {"", "-MillraceWorkers"}) {
      try {
        TestStream.get(dynamoDb.deleteTable(r -> r.tableName(application + suffix)));
      } catch (ResourceNotFoundException neverCreated) {
        // A test may do without.
      }
    }
  }
}
