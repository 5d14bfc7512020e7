package io.millrace.integration.endpoint;

import java.net.URI;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** An endpoint that runs already, named by environment variables. */
final class NamedEndpoint implements Endpoint {
  private final Address address;

  private NamedEndpoint(Address address) {
    this.address = address;
  }

  static NamedEndpoint of(Map<String, String> environment) {
    return new NamedEndpoint(
        Address.named(environment)
            .orElseThrow(() -> new IllegalStateException("the environment names no endpoint")));
  }

  /** Reaches a running endpoint by the variables that a user of LocalStack would set. */
  static NamedEndpoint asLocalStack(Endpoint running) {
    return of(
        Map.of(
            "LOCALSTACK_ENDPOINT", url(running.address().kinesis().orElseThrow()),
            "MILLRACE_DYNAMODB_ENDPOINT", url(running.address().dynamoDb().orElseThrow())));
  }

  private static String url(URI uri) {
    return uri.toString();
  }

  @Override
  public String name() {
    return address.kinesis().map(URI::toString).orElse("aws");
  }

  @Override
  public Address address() {
    return address;
  }

  @Override
  public int comfortableRecordCount() {
    return 2_000;
  }

  /** Deletes what a test of this run has not. */
  @Override
  public void close() {
    try (KinesisAsyncClient kinesis = newKinesisClient();
        DynamoDbAsyncClient dynamoDb = newDynamoDbClient()) {
      List<String> left = new CleanUp(kinesis, dynamoDb).delete(TestNames.OF_THIS_RUN);
      if (!left.isEmpty()) {
        System.out.println("the tests had left behind, now deleted: " + left);
      }
    }
  }
}
