package io.millrace.integration.endpoint;

import java.util.Optional;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.localstack.LocalStackContainer;
import org.testcontainers.utility.DockerImageName;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/**
 * LocalStack in a container. Version 4.14.0 is the last that starts without an account; with {@code
 * LOCALSTACK_AUTH_TOKEN} in the environment a current one is used. Where there is no Docker its
 * tests are skipped, and with {@code -Plocalstack} they fail.
 */
final class LocalStack implements Endpoint {
  private static final String WITHOUT_TOKEN = "localstack/localstack:4.14.0";
  private static final String WITH_TOKEN = "localstack/localstack:2026.08.0";
  private static final String TOKEN = "LOCALSTACK_AUTH_TOKEN";

  private final LocalStackContainer container;
  private final Address address;

  private LocalStack(LocalStackContainer container) {
    this.container = container;
    this.address =
        new Address(
            Optional.of(container.getEndpoint()),
            Optional.of(container.getEndpoint()),
            Region.of(container.getRegion()),
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(container.getAccessKey(), container.getSecretKey())));
  }

  static Optional<String> missing() {
    if (Boolean.getBoolean("millrace.localstack.required")) {
      return Optional.empty();
    }
    return DockerClientFactory.instance().isDockerAvailable()
        ? Optional.empty()
        : Optional.of("no Docker answers on this machine (-Plocalstack makes this a failure)");
  }

  static LocalStack start() {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      throw new IllegalStateException("-Plocalstack asks for LocalStack, and no Docker answers");
    }
    String token = System.getenv(TOKEN);
    boolean known = token != null && !token.isBlank();
    LocalStackContainer container =
        new LocalStackContainer(DockerImageName.parse(known ? WITH_TOKEN : WITHOUT_TOKEN))
            .withServices("kinesis", "dynamodb")
            .withEnv("KINESIS_SHARD_LIMIT", "500")
            .withEnv("KINESIS_LATENCY", "100");
    if (known) {
      container.withEnv(TOKEN, token);
    }
    container.start();
    return new LocalStack(container);
  }

  @Override
  public String name() {
    return "LocalStack";
  }

  @Override
  public Address address() {
    return address;
  }

  @Override
  public int comfortableRecordCount() {
    return 2_000;
  }

  @Override
  public void close() {
    container.close();
  }
}
