package io.millrace.integration.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.TestStream;
import io.millrace.samples.endpoint.LocalEndpoint;
import io.millrace.samples.put.Put;
import io.millrace.samples.tail.Tail;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PutAndTailTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Test
  void whatPutPutsTailPrints() throws Exception {
    try (SampleProcess local = SampleProcess.start(LocalEndpoint.class, Map.of())) {
      Map<String, String> environment = new HashMap<>();
      for (int i = 0; i < 2; i++) {
        int line = i;
        String exports =
            local.awaitLine(
                text -> text.startsWith(line == 0 ? "export AWS_END" : "export AWS_REG"), LIMIT);
        for (String variable : exports.substring("export ".length()).split(" ", -1)) {
          String[] parts = variable.split("=", 2);
          environment.put(parts[0], parts[1]);
        }
      }
      try (SampleProcess tail = SampleProcess.start(Tail.class, environment, "clicks")) {
        // Tail begins at what is latest when it is ready: the first records may come before that.
        TestStream.await(
            "what was put is printed",
            LIMIT,
            () -> {
              put(environment);
              return tail.output().contains("user-99 {\"click\": 999}");
            });
      }
      local.type("");
      assertThat(local.exitStatus(LIMIT)).isZero();
    }
  }

  private static void put(Map<String, String> environment) {
    try (SampleProcess put = SampleProcess.start(Put.class, environment, "clicks")) {
      assertThat(put.exitStatus(LIMIT)).as(put.output()).isZero();
      assertThat(put.output().lines().filter(line -> line.startsWith("shardId-"))).hasSize(1_000);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
