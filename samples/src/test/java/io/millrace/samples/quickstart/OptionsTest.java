package io.millrace.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class OptionsTest {
  @Test
  void withoutFlagsEverythingIsStartedHere() {
    Options options = Options.parse();

    assertThat(options.endpoint()).isEmpty();
    assertThat(options.dynamoDbEndpoint()).isEmpty();
    assertThat(options.stream()).isEmpty();
    assertThat(options.workers()).isEqualTo(3);
    assertThat(options.fanOut()).isFalse();
    assertThat(options.parallelism()).isEqualTo(1);
  }

  @Test
  void everyFlagIsUnderstood() {
    Options options =
        Options.parse(
            "--endpoint",
            "http://127.0.0.1:4567",
            "--dynamodb-endpoint",
            "aws",
            "--region",
            "eu-central-1",
            "--stream",
            "clicks",
            "--records",
            "5_000",
            "--rate",
            "100",
            "--workers",
            "2",
            "--fan-out",
            "--parallelism",
            "16");

    assertThat(options.endpoint()).hasValue("http://127.0.0.1:4567");
    assertThat(options.dynamoDbEndpoint()).hasValue("aws");
    assertThat(options.region()).isEqualTo("eu-central-1");
    assertThat(options.stream()).hasValue("clicks");
    assertThat(options.records()).isEqualTo(5_000);
    assertThat(options.rate()).isEqualTo(100);
    assertThat(options.workers()).isEqualTo(2);
    assertThat(options.fanOut()).isTrue();
    assertThat(options.parallelism()).isEqualTo(16);
  }

  @Test
  void errorNamesTheFlagItsValueAndTheRule() {
    assertThatThrownBy(() -> Options.parse("--workers", "99"))
        .hasMessage("--workers 99: must be a number from 1 to 8");
    assertThatThrownBy(() -> Options.parse("--rate", "fast"))
        .hasMessage("--rate fast: must be a number from 10 to 100000");
    assertThatThrownBy(() -> Options.parse("--endpoint", "localhost"))
        .hasMessage("--endpoint localhost: must be 'aws' or a URL such as http://127.0.0.1:4567");
    assertThatThrownBy(() -> Options.parse("--records")).hasMessage("--records needs a value");
    assertThatThrownBy(() -> Options.parse("--colour", "red")).hasMessage("unknown flag --colour");
  }
}
