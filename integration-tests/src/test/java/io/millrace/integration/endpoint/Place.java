package io.millrace.integration.endpoint;

import java.util.Optional;

/** The endpoints that the tests know, and whether each can be had on this machine. */
public enum Place {
  /** The endpoint of our own testkit. */
  TESTKIT("testkit") {
    @Override
    Optional<String> missing() {
      return Optional.empty();
    }

    @Override
    Endpoint open() {
      return TestkitEndpoint.start();
    }
  },

  /** Somebody else's Kinesis: the npm package kinesis-local, which is also LocalStack's engine. */
  KINESIS_LOCAL("kinesis-local") {
    @Override
    Optional<String> missing() {
      return KinesisLocal.missing();
    }

    @Override
    Endpoint open() {
      return KinesisLocal.start();
    }
  },

  /** LocalStack in a container. */
  LOCALSTACK("LocalStack") {
    @Override
    Optional<String> missing() {
      return LocalStack.missing();
    }

    @Override
    Endpoint open() {
      return LocalStack.start();
    }
  },

  /** Whatever the environment names: LOCALSTACK_ENDPOINT and the like. */
  NAMED("named by the environment") {
    @Override
    Optional<String> missing() {
      return Address.named(System.getenv()).isPresent()
          ? Optional.empty()
          : Optional.of(
              "no endpoint is named: set LOCALSTACK_ENDPOINT, or MILLRACE_KINESIS_ENDPOINT and"
                  + " MILLRACE_DYNAMODB_ENDPOINT");
    }

    @Override
    Endpoint open() {
      return NamedEndpoint.of(System.getenv());
    }
  },

  /** kinesis-local, reached as LOCALSTACK_ENDPOINT reaches a LocalStack: all but the container. */
  LOCALSTACK_URL("kinesis-local as LOCALSTACK_ENDPOINT") {
    @Override
    Optional<String> missing() {
      return KinesisLocal.missing();
    }

    @Override
    Endpoint open() {
      return NamedEndpoint.asLocalStack(Endpoints.shared(KINESIS_LOCAL));
    }
  };

  private final String title;

  Place(String title) {
    this.title = title;
  }

  /** As it is called in reports and documents. */
  public String title() {
    return title;
  }

  /** Why tests on this endpoint can't run here; empty when they can. */
  abstract Optional<String> missing();

  /** Starts it. */
  abstract Endpoint open();
}
