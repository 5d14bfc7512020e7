package io.millrace.samples.fleet;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * Where Kinesis and DynamoDB are, for the parent and for each worker process.
 *
 * @param kinesis a URL, or {@link #AWS}
 * @param dynamoDb a URL, or {@link #AWS}
 */
public record Connection(String kinesis, String dynamoDb, String region) {
  /** Stands for the service itself, in place of a URL. */
  public static final String AWS = "aws";

  private static final List<String> THIS_MACHINE = List.of("localhost", "127.0.0.1", "[::1]");

  public KinesisAsyncClient kinesisClient() {
    return io.millrace.producer.KinesisClients.tune(
            configure(KinesisAsyncClient.builder(), kinesis))
        .build();
  }

  public DynamoDbAsyncClient dynamoDbClient() {
    return configure(DynamoDbAsyncClient.builder(), dynamoDb).build();
  }

  private <B extends AwsClientBuilder<B, ?>> B configure(B builder, String place) {
    Optional<URI> uri = place.equals(AWS) ? Optional.empty() : Optional.of(URI.create(place));
    uri.ifPresent(builder::endpointOverride);
    return builder
        .region(Region.of(region))
        .credentialsProvider(
            uri.filter(local -> THIS_MACHINE.contains(local.getHost())).isPresent()
                ? yoursOrAny()
                : DefaultCredentialsProvider.builder().build());
  }

  /** An endpoint on this machine checks no credentials, but the SDK signs with some. */
  private static AwsCredentialsProvider yoursOrAny() {
    return AwsCredentialsProviderChain.of(
        DefaultCredentialsProvider.builder().build(),
        StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")));
  }
}
