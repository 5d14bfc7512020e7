package io.millrace.metrics.cloudwatch;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricNameTest {
  @Test
  void namesThatTheServiceRefusesAreRefusedHere() {
    assertThatThrownBy(() -> new MetricName("", List.of()))
        .hasMessage("metric name has 0 characters: it must have 1 to 255");
    assertThatThrownBy(() -> new MetricName("x".repeat(256), List.of()))
        .hasMessage("metric name has 256 characters: it must have 1 to 255");
    assertThatThrownBy(() -> new MetricName(":x", List.of()))
        .hasMessage("metric name begins with a colon: it must not");
  }

  @Test
  void moreThanThirtyDimensionsAreRefused() {
    List<MetricDimension> many = Collections.nCopies(31, new MetricDimension("d", "v"));

    assertThatThrownBy(() -> new MetricName("m", many))
        .hasMessage("metric m has 31 dimensions: at most 30");
  }

  @Test
  void dimensionValuesThatTheServiceRefusesAreRefusedHereWithoutShowingThem() {
    assertThatThrownBy(() -> new MetricDimension("who", ""))
        .hasMessage("value of dimension who has 0 characters: it must have 1 to 1024");
    assertThatThrownBy(() -> new MetricDimension("who", "  "))
        .hasMessage("value of dimension who is blank: it must hold more than white space");
    assertThatThrownBy(() -> new MetricDimension("who", "caf\u00e9"))
        .hasMessage(
            "value of dimension who has a character at index 3 that is no printable ASCII: all must"
                + " be");
  }
}
