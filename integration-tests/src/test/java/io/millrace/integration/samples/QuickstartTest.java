package io.millrace.integration.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.TestStream;
import io.millrace.samples.quickstart.Quickstart;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QuickstartTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @Test
  void fleetLosesNothingThroughReshardsAStopAndAKill() throws Exception {
    try (SampleProcess quickstart =
        SampleProcess.start(Quickstart.class, Map.of(), "--records", "15000")) {
      int status = quickstart.exitStatus(LIMIT);

      assertThat(quickstart.output())
          .contains("split shard")
          .contains("merged shard")
          .contains("gracefully")
          .contains("killed worker-")
          .containsPattern("put +15,000, failed 0")
          .containsPattern("delivered +15,000, lost 0")
          .containsPattern("order +kept for each of");
      assertThat(status).as(quickstart.output()).isZero();
    }
  }

  @Test
  void everyProcessThatItStartedDiesWithIt() throws Exception {
    try (SampleProcess quickstart = SampleProcess.start(Quickstart.class, Map.of())) {
      quickstart.awaitLine(line -> line.contains("workers are ready"), LIMIT);
      List<ProcessHandle> children = quickstart.handle().descendants().toList();
      assertThat(children).as("DynamoDB Local and 3 workers").hasSizeGreaterThanOrEqualTo(4);

      quickstart.handle().destroyForcibly();

      TestStream.await(
          "the end of every child process",
          LIMIT,
          () -> children.stream().noneMatch(ProcessHandle::isAlive));
    }
  }

  @Test
  void unknownFlagIsExplained() throws Exception {
    try (SampleProcess quickstart =
        SampleProcess.start(Quickstart.class, Map.of(), "--colour", "red")) {
      assertThat(quickstart.exitStatus(LIMIT)).isEqualTo(2);
      assertThat(quickstart.output()).startsWith("unknown flag --colour").contains("--records N");
    }
  }

  @Test
  void unknownStreamIsExplained() throws Exception {
    try (SampleProcess quickstart =
        SampleProcess.start(Quickstart.class, Map.of(), "--stream", "no-such-stream")) {
      assertThat(quickstart.exitStatus(LIMIT)).isEqualTo(2);
      assertThat(quickstart.output()).contains("--stream no-such-stream: ");
    }
  }
}
