package io.millrace.integration.endpoint;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/**
 * Where an endpoint is and who may call it.
 *
 * @param kinesis empty = the service itself in this region
 * @param dynamoDb empty = the service itself in this region
 */
public record Address(
    Optional<URI> kinesis,
    Optional<URI> dynamoDb,
    Region region,
    AwsCredentialsProvider credentials) {

  /** The region of every endpoint that these tests start themselves. */
  static final Region LOCAL_REGION = Region.US_EAST_1;

  static Address local(URI kinesis, URI dynamoDb) {
    return new Address(Optional.of(kinesis), Optional.of(dynamoDb), LOCAL_REGION, anyCredentials());
  }

  /** Endpoints on this machine take any credentials, but want some. */
  static AwsCredentialsProvider anyCredentials() {
    return StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));
  }

  /**
   * The address that the environment names, if it names one. {@code LOCALSTACK_ENDPOINT} is one URL
   * for both services, as LocalStack has it; {@code MILLRACE_KINESIS_ENDPOINT} and {@code
   * MILLRACE_DYNAMODB_ENDPOINT} name each on its own and go first; the value {@code aws} stands for
   * the service itself. Region: {@code MILLRACE_REGION}, else {@code AWS_REGION}, else us-east-1.
   * Credentials: the SDK's default chain where {@code AWS_ACCESS_KEY_ID} or {@code AWS_PROFILE} is
   * set or a service itself is meant, else any.
   */
  static Optional<Address> named(Map<String, String> environment) {
    Optional<String> both = value(environment, "LOCALSTACK_ENDPOINT");
    Optional<String> kinesis = value(environment, "MILLRACE_KINESIS_ENDPOINT").or(() -> both);
    Optional<String> dynamoDb = value(environment, "MILLRACE_DYNAMODB_ENDPOINT").or(() -> both);
    if (kinesis.isEmpty()) {
      return Optional.empty();
    }
    if (dynamoDb.isEmpty()) {
      throw new IllegalArgumentException(
          "MILLRACE_KINESIS_ENDPOINT is set and MILLRACE_DYNAMODB_ENDPOINT is not:"
              + " set both, or LOCALSTACK_ENDPOINT for both");
    }
    boolean service = kinesis.get().equals("aws") || dynamoDb.get().equals("aws");
    boolean named =
        value(environment, "AWS_ACCESS_KEY_ID").isPresent()
            || value(environment, "AWS_PROFILE").isPresent();
    Region region =
        value(environment, "MILLRACE_REGION")
            .or(() -> value(environment, "AWS_REGION"))
            .map(Region::of)
            .orElse(LOCAL_REGION);
    return Optional.of(
        new Address(
            uri(kinesis.get()),
            uri(dynamoDb.get()),
            region,
            service || named ? DefaultCredentialsProvider.builder().build() : anyCredentials()));
  }

  private static Optional<URI> uri(String value) {
    return value.equals("aws") ? Optional.empty() : Optional.of(URI.create(value));
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }
}
