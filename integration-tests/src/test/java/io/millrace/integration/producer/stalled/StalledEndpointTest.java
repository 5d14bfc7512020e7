package io.millrace.integration.producer.stalled;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.KinesisServer;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.fault.Fault;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A producer with a budget of 32 MiB in a JVM of 128 MiB, beside an endpoint that is stalled. */
class StalledEndpointTest {
  /**
   * With each size of records the budget fills and expires this many times; more is for a run by
   * hand: {@code -Dtest.jvm.args=-Dmillrace.stalled.budgets=100}.
   */
  private static final int BUDGETS = Integer.getInteger("millrace.stalled.budgets", 1);

  @Test
  void endpointThatAnswersNothingDoesNotCostMemory() throws Exception {
    try (KinesisServer server = KinesisServer.start()) {
      server.createStream(StalledProducer.STREAM, 4);
      server.core().faults().on(Operation.PUT_RECORDS).inject(Fault.lostRequest());
      Process producer = start(server);
      try (BufferedReader output = producer.inputReader(UTF_8)) {
        assertThat(lineWith(StalledProducer.EXPIRED, output)).isNotNull();
        server.core().faults().clear();
        producer.getOutputStream().write('\n');
        producer.getOutputStream().flush();
        assertThat(lineWith(StalledProducer.DONE, output))
            .as("each put has one outcome, the budget is empty, and puts work again")
            .isNotNull()
            .contains("untold=0 otherwise=0 outstandingBytes=0 last=200 refused=some");
        assertThat(producer.waitFor()).isZero();
      } finally {
        producer.destroyForcibly();
      }
    }
  }

  private static String lineWith(String word, BufferedReader output) throws IOException {
    String line = output.readLine();
    while (line != null && !line.startsWith(word)) {
      line = output.readLine();
    }
    return line;
  }

  private static Process start(KinesisServer server) throws IOException {
    ProcessBuilder child =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx128m",
                    "-XX:+ExitOnOutOfMemoryError",
                    StalledProducer.class.getName(),
                    server.endpoint().toString(),
                    Integer.toString(BUDGETS)))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    child.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return child.start();
  }
}
