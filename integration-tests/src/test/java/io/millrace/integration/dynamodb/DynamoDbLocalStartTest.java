package io.millrace.integration.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.dynamodb.DynamoDbLocal;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

class DynamoDbLocalStartTest {
  @Test
  void serverAnswersWhileOpenAndIsGoneAfterClose() throws Exception {
    Set<ProcessHandle> before = ProcessHandle.current().children().collect(Collectors.toSet());
    Set<ProcessHandle> started;
    try (DynamoDbLocal dynamoDb = DynamoDbLocal.start();
        DynamoDbAsyncClient client = DynamoDbClients.local(dynamoDb)) {
      started = ProcessHandle.current().children().collect(Collectors.toSet());
      started.removeAll(before);
      assertThat(client.listTables().get().tableNames()).isEmpty();
    }
    // Not its port: somebody else may have that by now.
    assertThat(started).hasSize(1).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void serverEndsWhenTheProcessThatStartedItIsKilled() throws Exception {
    Process parent =
        new ProcessBuilder(
                List.of(
                    ProcessHandle.current().info().command().orElseThrow(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    "-D"
                        + DynamoDbLocal.CLASS_PATH_PROPERTY
                        + "="
                        + DynamoDbLocal.classPathFile().orElseThrow(),
                    KilledParent.class.getName()))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    ProcessHandle child = null;
    try (var output = parent.inputReader()) {
      String line;
      while ((line = output.readLine()) != null && !line.startsWith(KilledParent.STARTED)) {}
      child = parent.descendants().findFirst().orElseThrow();
      parent.destroyForcibly();
      assertThat(child.onExit()).succeedsWithin(Duration.ofSeconds(90));
    } finally {
      parent.destroyForcibly();
      if (child != null) {
        child.destroyForcibly();
      }
    }
  }

  /** Starts the server, says so, and waits to be killed. */
  public static final class KilledParent {
    static final String STARTED = "started ";

    private KilledParent() {}

    public static void main(String[] arguments) throws Exception {
      System.out.println(STARTED + DynamoDbLocal.start());
      System.in.read();
    }
  }
}
