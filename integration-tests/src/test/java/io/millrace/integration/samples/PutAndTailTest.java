package io.millrace.integration.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.millrace.integration.dynamodb.DynamoDbClients;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.samples.endpoint.LocalEndpoint;
import io.millrace.samples.put.Put;
import io.millrace.samples.tail.Tail;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.OS;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

class PutAndTailTest {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private static final int SIGTERM_STATUS = 128 + 15;

  @Test
  void whatPutPutsTailPrintsAndSigtermHasItGiveItsLeasesBack() throws Exception {
    try (SampleProcess local = SampleProcess.start(LocalEndpoint.class, Map.of())) {
      Map<String, String> environment = environment(local);
      try (SampleProcess tail = SampleProcess.start(Tail.class, environment, "clicks");
          DynamoDbAsyncClient dynamoDb = client(environment)) {
        // Tail begins at what is latest when it is ready: the first records may come before that.
        TestStream.await(
            "what was put is printed",
            LIMIT,
            () -> {
              put(environment);
              return tail.output().contains("user-99 {\"click\": 999}");
            });
        assertThat(values(dynamoDb, "tail", "leaseOwner")).isNotEmpty();

        assumeFalse(OS.WINDOWS.isCurrentOs(), "Windows has no SIGTERM");
        tail.handle().destroy();

        assertThat(tail.exitStatus(LIMIT)).isEqualTo(SIGTERM_STATUS);
        assertThat(values(dynamoDb, "tail", "leaseOwner")).as("owners of leases").isEmpty();
        assertThat(values(dynamoDb, "tail-MillraceWorkers", "state"))
            .as("its last word")
            .containsExactly("FENCED");
      }
      local.type("");
      assertThat(local.exitStatus(LIMIT)).isZero();
    }
  }

  private static Map<String, String> environment(SampleProcess local) throws Exception {
    Map<String, String> environment = new HashMap<>();
    for (String begin : List.of("export AWS_END", "export AWS_REG")) {
      String exports = local.awaitLine(text -> text.startsWith(begin), LIMIT);
      for (String variable : exports.substring("export ".length()).split(" ", -1)) {
        String[] parts = variable.split("=", 2);
        environment.put(parts[0], parts[1]);
      }
    }
    return environment;
  }

  private static DynamoDbAsyncClient client(Map<String, String> environment) {
    return DynamoDbClients.local(
        URI.create(environment.getOrDefault("AWS_ENDPOINT_URL_DYNAMODB", "")));
  }

  /** What the rows of a table say, where they say it. */
  private static List<String> values(DynamoDbAsyncClient dynamoDb, String table, String attribute) {
    return TestStream.get(dynamoDb.scan(scan -> scan.tableName(table).consistentRead(true)))
        .items()
        .stream()
        .filter(item -> item.containsKey(attribute))
        .map(item -> item.get(attribute).s())
        .toList();
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
