package io.millrace.producer.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.MeterLevel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ProducerConfigTest {
  private static final ProducerSettings SETTINGS =
      ProducerSettings.builder().linger(Duration.ofMillis(5)).requestsInFlight(3).build();

  @Test
  void anOverrideChangesItsStreamOnlyAndNothingElseOfIt() {
    ProducerConfig config = config(s -> s.linger(Duration.ZERO));
    assertThat(config.settingsOf("clicks").linger()).isZero();
    assertThat(config.settingsOf("clicks").requestsInFlight()).isEqualTo(3);
    assertThat(config.settingsOf("views")).isSameAs(SETTINGS);
  }

  @Test
  void whatBelongsToTheWholeProducerIsNoStreams() {
    List<UnaryOperator<ProducerSettings.Builder>> forbidden =
        List.of(
            s -> s.bufferBytes(1 << 20),
            s -> s.maxBlock(Duration.ZERO),
            s -> s.meterLevel(MeterLevel.SHARD));
    for (UnaryOperator<ProducerSettings.Builder> override : forbidden) {
      assertThatThrownBy(() -> config(override))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("settingsFor('clicks')")
          .hasMessageContaining("whole producer");
    }
  }

  private static ProducerConfig config(UnaryOperator<ProducerSettings.Builder> override) {
    return ProducerConfig.of(SETTINGS, Map.of("clicks", override), List.of());
  }
}
