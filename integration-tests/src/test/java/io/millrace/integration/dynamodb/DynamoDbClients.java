package io.millrace.integration.dynamodb;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.testkit.dynamodb.DynamoDbLocal;
import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClientBuilder;

/** Clients of a local server. */
public final class DynamoDbClients {
  private DynamoDbClients() {}

  /** A client; the caller closes it. */
  public static DynamoDbAsyncClient local(DynamoDbLocal server) {
    return local(server.endpoint());
  }

  /** A client; the caller closes it. */
  public static DynamoDbAsyncClient local(URI endpoint) {
    return builder(endpoint).build();
  }

  static DynamoDbAsyncClientBuilder builder(URI endpoint) {
    return DynamoDbAsyncClient.builder()
        .endpointOverride(endpoint)
        .region(Region.US_EAST_1)
        .httpClientBuilder(Endpoint.http(Protocol.HTTP1_1))
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")));
  }
}
