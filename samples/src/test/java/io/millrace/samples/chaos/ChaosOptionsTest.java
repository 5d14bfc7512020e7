package io.millrace.samples.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ChaosOptionsTest {
  @Test
  void fiveMinutesAreTheDefault() {
    assertThat(ChaosOptions.parse())
        .isEqualTo(new ChaosOptions(Duration.ofMinutes(5), 1, 500))
        .extracting(ChaosOptions::records)
        .isEqualTo(150_000);
  }

  @Test
  void everyFlagIsTaken() {
    assertThat(ChaosOptions.parse("--seconds", "20", "--seed", "7", "--rate", "100"))
        .isEqualTo(new ChaosOptions(Duration.ofSeconds(20), 7, 100));
  }

  @Test
  void badFlagsAreExplained() {
    assertThatThrownBy(() -> ChaosOptions.parse("--hours", "1")).hasMessage("unknown flag --hours");
    assertThatThrownBy(() -> ChaosOptions.parse("--seed")).hasMessage("--seed needs a value");
    assertThatThrownBy(() -> ChaosOptions.parse("--minutes", "0"))
        .hasMessage("--minutes 0: must be a number from 1 to 1440");
  }
}
