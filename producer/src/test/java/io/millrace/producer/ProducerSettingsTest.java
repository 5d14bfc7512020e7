package io.millrace.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.producer.ProducerSettings.Aggregation;
import io.millrace.producer.ProducerSettings.Ordering;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ProducerSettingsTest {
  @Test
  void aValueOutOfItsRangeIsRefusedByNameValueAndRule() {
    Map<String, UnaryOperator<ProducerSettings.Builder>> wrong =
        Map.ofEntries(
            Map.entry("linger", b -> b.linger(Duration.ofNanos(-1))),
            Map.entry("maxBlock", b -> b.maxBlock(Duration.ofDays(2))),
            Map.entry("deliveryTimeout", b -> b.deliveryTimeout(Duration.ofMillis(99))),
            Map.entry("requestTimeout", b -> b.requestTimeout(Duration.ofHours(1))),
            Map.entry("streamRefreshInterval", b -> b.streamRefreshInterval(Duration.ZERO)),
            Map.entry("bufferBytes", b -> b.bufferBytes(1)),
            Map.entry("aggregateMaxBytes", b -> b.aggregateMaxBytes(1_047_553)),
            Map.entry("aggregateMaxRecords", b -> b.aggregateMaxRecords(0)),
            Map.entry("requestMaxBytes", b -> b.requestMaxBytes(1)),
            Map.entry("requestMaxRecords", b -> b.requestMaxRecords(501)),
            Map.entry("requestsInFlight", b -> b.requestsInFlight(0)),
            Map.entry("shardRate", b -> b.shardRate(Double.NaN)));
    wrong.forEach(
        (name, change) ->
            assertThatThrownBy(() -> change.apply(ProducerSettings.builder()).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(name + " is ")
                .hasMessageContaining("must be from"));
  }

  @Test
  void aDeliveryTimeoutBelowTheLingerIsAContradiction() {
    assertThatThrownBy(
            () ->
                ProducerSettings.builder()
                    .linger(Duration.ofSeconds(2))
                    .deliveryTimeout(Duration.ofSeconds(1))
                    .build())
        .hasMessageContaining("deliveryTimeout")
        .hasMessageContaining("linger");
  }

  @Test
  void everySettingSurvivesToBuilderAndIsShown() throws ReflectiveOperationException {
    ProducerSettings settings =
        ProducerSettings.builder()
            .linger(Duration.ofMillis(1))
            .ordering(Ordering.PER_KEY)
            .shardRate(3)
            .headersOptional(true)
            .build();
    ProducerSettings copy = settings.toBuilder().build();
    for (Method accessor : ProducerSettings.class.getDeclaredMethods()) {
      if (accessor.getParameterCount() == 0 && isSetting(accessor.getName())) {
        assertThat(accessor.invoke(copy)).isEqualTo(accessor.invoke(settings));
        assertThat(settings.toString()).contains(accessor.getName() + "=");
      }
    }
  }

  @Test
  void propertiesAreReadByTheNamesOfTheSetters() {
    Properties properties = new Properties();
    properties.setProperty("p.linger", "50ms");
    properties.setProperty("p.deliveryTimeout", "PT1M");
    properties.setProperty("p.aggregation", "off");
    properties.setProperty("p.shardRate", "1.5");
    properties.setProperty("p.headersOptional", "TRUE");
    properties.setProperty("other", "ignored");
    ProducerSettings settings = ProducerSettings.fromProperties(properties, "p.");
    assertThat(settings.linger()).isEqualTo(Duration.ofMillis(50));
    assertThat(settings.deliveryTimeout()).isEqualTo(Duration.ofMinutes(1));
    assertThat(settings.aggregation()).isEqualTo(Aggregation.OFF);
    assertThat(settings.shardRate()).isEqualTo(1.5);
    assertThat(settings.headersOptional()).isTrue();
  }

  @Test
  void everySettingCanBeReadFromProperties() {
    Properties unknown = new Properties();
    unknown.setProperty("p.nonsense", "1");
    assertThatThrownBy(() -> ProducerSettings.fromProperties(unknown, "p."))
        .hasMessageContaining("p.nonsense")
        .satisfies(
            e ->
                assertThat(
                        Arrays.stream(ProducerSettings.Builder.class.getDeclaredMethods())
                            .map(Method::getName)
                            .filter(ProducerSettingsTest::isSetting))
                    .allSatisfy(name -> assertThat(e.getMessage()).contains(name)));
  }

  @Test
  void aPropertyThatCantBeReadIsNamedWithItsRule() {
    for (String[] wrong :
        new String[][] {
          {"p.linger", "soon", "duration"},
          {"p.bufferBytes", "much", "number"},
          {"p.ordering", "chaos", "PER_KEY"},
          {"p.failWhenThrottled", "perhaps", "true or false"}
        }) {
      Properties properties = new Properties();
      properties.setProperty(wrong[0], wrong[1]);
      assertThatThrownBy(() -> ProducerSettings.fromProperties(properties, "p."))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(wrong[0])
          .hasMessageContaining(wrong[1])
          .hasMessageContaining(wrong[2]);
    }
  }

  private static boolean isSetting(String name) {
    return !name.contains("$")
        && !name.contains("uild")
        && !java.util.List.of("defaults", "toString", "range").contains(name);
  }
}
