package io.millrace.benchmarks.fleet;

import io.millrace.testkit.KinesisServerProcess;
import io.millrace.testkit.dynamodb.DynamoDbLocal;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * A Kinesis endpoint and DynamoDB Local, each in a JVM of its own and warmed up, and a client.
 * Thread-safe.
 */
final class LocalServices implements AutoCloseable {
  private final KinesisServerProcess kinesis;
  private final DynamoDbLocal dynamoDb;
  private final KinesisAsyncClient client;

  private LocalServices(
      KinesisServerProcess kinesis, DynamoDbLocal dynamoDb, KinesisAsyncClient client) {
    this.kinesis = kinesis;
    this.dynamoDb = dynamoDb;
    this.client = client;
  }

  /**
   * Starts both, and sends each what it will be sent by workers.
   *
   * @param limits whether the service's limits hold: 5 reads per second and shard among them
   * @param streams as {@code name:shards}
   */
  static LocalServices start(boolean limits, String... streams) {
    List<String> flags = new ArrayList<>();
    if (limits) {
      flags.add("--limits");
    }
    flags.addAll(List.of("--stream", WarmUp.STREAM + ":1"));
    for (String stream : streams) {
      flags.add("--stream");
      flags.add(stream);
    }
    KinesisServerProcess kinesis =
        KinesisServerProcess.start(List.of("-Xmx512m", "-XX:+UseSerialGC"), flags);
    @Nullable DynamoDbLocal dynamoDb = null;
    try {
      dynamoDb = DynamoDbLocal.start();
      LocalServices services = new LocalServices(kinesis, dynamoDb, kinesis.newClient());
      services.warmUp();
      return services;
    } catch (RuntimeException e) {
      if (dynamoDb != null) {
        dynamoDb.close();
      }
      kinesis.close();
      throw e;
    }
  }

  private void warmUp() {
    WarmUp.kinesis(client);
    try (DynamoDbAsyncClient tables = newDynamoDbClient()) {
      WarmUp.dynamoDb(tables);
    }
  }

  URI kinesis() {
    return kinesis.endpoint();
  }

  URI dynamoDb() {
    return dynamoDb.endpoint();
  }

  KinesisAsyncClient client() {
    return client;
  }

  /** A client of the DynamoDB endpoint; the caller closes it. */
  DynamoDbAsyncClient newDynamoDbClient() {
    return DynamoDbAsyncClient.builder()
        .endpointOverride(dynamoDb())
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
        .build();
  }

  @Override
  public void close() {
    client.close();
    dynamoDb.close();
    kinesis.close();
  }
}
