package io.millrace.testkit.kinesis.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CoreSettingsTest {
  @Test
  void badSettingsAreNamedWithTheirRule() {
    assertThatThrownBy(() -> CoreSettings.builder().accountId("12").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("accountId is 12: it must have 12 digits");
    assertThatThrownBy(() -> CoreSettings.builder().reshardDuration(Duration.ofNanos(-1)).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("reshardDuration");
    assertThatThrownBy(() -> ServiceLimits.NONE.withWrites(-1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("shardRecordsPerSecond");
    assertThatThrownBy(() -> CoreSettings.builder().sink(true).endless(true).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("endless is true: a sink keeps no records to read");
  }

  @Test
  void endlessIsKept() {
    CoreSettings settings = CoreSettings.builder().endless(true).build();

    assertThat(settings.toBuilder().build().endless()).isTrue();
    assertThat(settings.toString()).contains("endless=true");
  }

  @Test
  void copiesKeepEverySetting() {
    CoreSettings settings =
        CoreSettings.builder()
            .region("eu-west-1")
            .accountId("123456789012")
            .limits(ServiceLimits.SERVICE)
            .createDuration(Duration.ofSeconds(1))
            .deleteDuration(Duration.ofSeconds(2))
            .reshardDuration(Duration.ofSeconds(3))
            .consumerDuration(Duration.ofSeconds(4))
            .subscriptionLifetime(Duration.ofSeconds(5))
            .subscriptionIdleInterval(Duration.ofSeconds(6))
            .maxBytesPerShard(7)
            .shardLimit(8)
            .sink(true)
            .shardEndWithLastRecords(true)
            .unorderedPutRecords(true)
            .build();

    assertThat(settings.toBuilder().build()).hasToString(settings.toString());
    assertThat(settings.toString())
        .contains("eu-west-1", "123456789012", "PT1S", "PT6S", "7", "8", "true");
  }
}
