package io.millrace.integration.endpoint;

import io.millrace.testkit.KinesisServer;
import java.net.URI;
import java.util.Optional;

/** The testkit's endpoint in this process, with DynamoDB Local beside it. */
final class TestkitEndpoint implements Endpoint {
  private final KinesisServer server;
  private final Address address;

  private TestkitEndpoint(KinesisServer server) {
    this.server = server;
    this.address = Address.local(server.endpoint(), LocalDynamoDb.shared());
  }

  static TestkitEndpoint start() {
    return new TestkitEndpoint(KinesisServer.start());
  }

  @Override
  public String name() {
    return "testkit";
  }

  @Override
  public Address address() {
    return address;
  }

  @Override
  public Optional<URI> tlsKinesis() {
    return Optional.of(server.tlsEndpoint());
  }

  @Override
  public int comfortableRecordCount() {
    return 20_000;
  }

  @Override
  public void close() {
    server.close();
  }
}
