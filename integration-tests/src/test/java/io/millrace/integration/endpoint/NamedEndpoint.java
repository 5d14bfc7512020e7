package io.millrace.integration.endpoint;

import java.net.URI;
import java.util.Map;

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

  @Override
  public void close() {}
}
