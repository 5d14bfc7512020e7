package io.millrace.integration.endpoint;

import io.millrace.testkit.dynamodb.DynamoDbLocal;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** The one DynamoDB Local that all endpoints on this machine share. */
final class LocalDynamoDb {
  private static @Nullable DynamoDbLocal running;

  private LocalDynamoDb() {}

  static synchronized URI shared() {
    if (running == null) {
      running = DynamoDbLocal.start();
    }
    return running.endpoint();
  }

  static synchronized void close() {
    if (running != null) {
      running.close();
      running = null;
    }
  }
}
