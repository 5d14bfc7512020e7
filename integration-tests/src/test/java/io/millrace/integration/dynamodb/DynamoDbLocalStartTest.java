package io.millrace.integration.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.dynamodb.DynamoDbLocal;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

class DynamoDbLocalStartTest {
  @Test
  void serverAnswersWhileOpenAndIsGoneAfterClose() throws Exception {
    int port;
    try (DynamoDbLocal dynamoDb = DynamoDbLocal.start();
        DynamoDbAsyncClient client = DynamoDbClients.local(dynamoDb)) {
      port = dynamoDb.endpoint().getPort();
      assertThat(client.listTables().get().tableNames()).isEmpty();
    }
    assertThat(catchConnect(port)).isInstanceOf(ConnectException.class);
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
      assertThat(child.onExit()).succeedsWithin(Duration.ofSeconds(60));
    } finally {
      parent.destroyForcibly();
      if (child != null) {
        child.destroyForcibly();
      }
    }
  }

  private static Throwable catchConnect(int port) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return new AssertionError("still listening: " + socket);
    } catch (ConnectException e) {
      return e;
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
