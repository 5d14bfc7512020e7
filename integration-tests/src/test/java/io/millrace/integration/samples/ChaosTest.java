package io.millrace.integration.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.samples.chaos.Chaos;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * A few seconds of {@code samples/run chaos}. Outside of the ordinary build, which it would
 * prolong: {@code ./mvnw -pl integration-tests -am verify -DexcludedGroups=interop -Dtest=ChaosTest
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
@Tag("chaos")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "Windows has no SIGSTOP")
class ChaosTest {
  @Test
  void killedAndSuspendedWorkersLoseNothingAndNoStaleOwnerGoesOn() throws Exception {
    try (SampleProcess chaos =
        SampleProcess.start(Chaos.class, Map.of(), "--seconds", "15", "--seed", "13")) {
      int status = chaos.exitStatus(Duration.ofMinutes(3));

      assertThat(chaos.output())
          .contains("SIGKILL to worker-")
          .contains("SIGSTOP to worker-")
          .containsPattern("put +7,500, failed 0")
          .containsPattern("delivered +7,500, lost 0")
          .containsPattern("stale owners +0 deliveries");
      assertThat(status).as(chaos.output()).isZero();
    }
  }
}
