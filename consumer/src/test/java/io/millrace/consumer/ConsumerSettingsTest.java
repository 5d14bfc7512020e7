package io.millrace.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class ConsumerSettingsTest {
  private static Properties of(String... pairs) {
    Properties properties = new Properties();
    for (int i = 0; i < pairs.length; i += 2) {
      properties.setProperty(pairs[i], pairs[i + 1]);
    }
    return properties;
  }

  @Test
  void valuesOutsideTheirRangeAreRefusedByNameValueAndRule() {
    assertThatThrownBy(() -> ConsumerSettings.builder().failoverTime(Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("failoverTime PT1S: must be PT2S to PT10M");
    assertThatThrownBy(() -> ConsumerSettings.builder().bufferBytes(5))
        .hasMessageContaining("bufferBytes 5: must be 1048576");
    assertThatThrownBy(() -> ConsumerSettings.builder().idlePollInterval(Duration.ofMillis(100)))
        .hasMessageContaining("PT0.2S");
    assertThatThrownBy(() -> ConsumerSettings.builder().shardReadsPerSecond(Double.NaN))
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> ConsumerSettings.builder().workerId(""))
        .hasMessageContaining("workerId");
    assertThatThrownBy(() -> ConsumerSettings.builder().fetchMaxRecords(10_001))
        .hasMessage("fetchMaxRecords 10001: must be 1 to 10000");
  }

  @Test
  void everySettingCanBeReadFromProperties() {
    List<String> names =
        Arrays.stream(ConsumerSettings.Builder.class.getDeclaredMethods())
            .filter(method -> method.getReturnType() == ConsumerSettings.Builder.class)
            .filter(method -> method.getParameterCount() == 1)
            .map(Method::getName)
            .toList();
    assertThat(names).hasSize(23);
    Properties properties = new Properties();
    for (String name : names) {
      properties.setProperty("x." + name, sample(name));
    }
    ConsumerSettings settings = ConsumerSettings.fromProperties(properties, "x.");
    assertThat(settings.workerId()).contains("me");
    assertThat(settings.failoverTime()).isEqualTo(Duration.ofSeconds(7));
    assertThat(settings.heartbeats()).isEqualTo(ConsumerSettings.Heartbeats.PER_LEASE);
    assertThat(settings.bufferBytes()).isEqualTo(7 << 20);
    assertThat(settings.handlerTimeout()).contains(Duration.ofSeconds(7));
  }

  private static String sample(String name) {
    return switch (name) {
      case "workerId" -> "me";
      case "heartbeats" -> "PER_LEASE";
      case "bufferBytes", "batchMaxBytes", "shardReadBytesPerSecond" -> "7MiB";
      case "maxLeases",
          "checkpointRecords",
          "fetchMaxRecords",
          "concurrentFetches",
          "maxUnacknowledgedRecords",
          "batchMaxRecords",
          "shardReadsPerSecond" ->
          "7";
      default -> "7s";
    };
  }

  @Test
  void propertiesWithoutThePrefixAreIgnoredAndUnknownOnesRefused() {
    assertThat(ConsumerSettings.fromProperties(of("other", "1"), "x.").maxLeases())
        .isEqualTo(Integer.MAX_VALUE);
    assertThatThrownBy(() -> ConsumerSettings.fromProperties(of("x.failoverTim", "1s"), "x."))
        .hasMessageContaining("x.failoverTim")
        .hasMessageContaining("failoverTime");
  }

  @Test
  void badPropertyValuesAreNamed() {
    assertThatThrownBy(() -> ConsumerSettings.fromProperties(of("maxLeases", "many"), ""))
        .hasMessage("property maxLeases=many: not a number");
    assertThatThrownBy(() -> ConsumerSettings.fromProperties(of("failoverTime", "ten"), ""))
        .hasMessageContaining("failoverTime=ten")
        .hasMessageContaining("10s");
    assertThatThrownBy(() -> ConsumerSettings.fromProperties(of("failoverTime", "1s"), ""))
        .hasMessageContaining("must be PT2S to PT10M");
    assertThatThrownBy(() -> ConsumerSettings.fromProperties(of("bufferBytes", "9 PiB"), ""))
        .hasMessageContaining("9 PiB");
    assertThatThrownBy(() -> ConsumerSettings.fromProperties(of("heartbeats", "maybe"), ""))
        .hasMessageContaining("PER_WORKER");
  }

  @Test
  void durationsHaveUnits() {
    assertThat(
            ConsumerSettings.fromProperties(of("requestTimeout", "1500 ms"), "").requestTimeout())
        .isEqualTo(Duration.ofMillis(1500));
    assertThat(ConsumerSettings.fromProperties(of("auditInterval", "2m"), "").auditInterval())
        .isEqualTo(Duration.ofMinutes(2));
    assertThat(ConsumerSettings.fromProperties(of("auditInterval", "PT1H"), "").auditInterval())
        .isEqualTo(Duration.ofHours(1));
  }

  @Test
  void settingsDoNotChangeWithTheirBuilder() {
    ConsumerSettings.Builder builder = ConsumerSettings.builder().maxLeases(3);
    ConsumerSettings settings = builder.build();
    assertThat(settings.toBuilder().maxLeases(4).build().maxLeases()).isEqualTo(4);
    ConsumerSettings unused = builder.maxLeases(5).build();
    assertThat(settings.maxLeases()).isEqualTo(3);
    assertThat(settings.toString()).contains("maxLeases=3").contains("failoverTime=PT10S");
  }
}
