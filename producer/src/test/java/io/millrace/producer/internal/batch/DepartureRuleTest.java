package io.millrace.producer.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DepartureRuleTest {
  private final long start = nearTheWrap();

  @Test
  void nothingPacesTheFirstRequest() {
    DepartureRule rule = new DepartureRule(0, 2);
    assertThat(rule.nanosUntilPaced(start)).isZero();
    assertThat(rule.windowHasRoom()).isTrue();
  }

  @Test
  void withoutLingerRequestsInFlightPaceTheNextByAQuarterOfARoundTrip() {
    DepartureRule rule = new DepartureRule(0, 8);
    rule.left(start);
    rule.returned(8_000);
    rule.left(start + 8_000);
    assertThat(rule.nanosUntilPaced(start + 8_000)).isEqualTo(2_000);
    assertThat(rule.nanosUntilPaced(start + 10_000)).isZero();
    rule.returned(8_000);
    assertThat(rule.nanosUntilPaced(start + 8_001)).isZero();
  }

  @Test
  void theWindowBoundsRequestsInFlight() {
    DepartureRule rule = new DepartureRule(100, 2);
    rule.left(start);
    rule.left(start);
    assertThat(rule.windowHasRoom()).isFalse();
    rule.returned(5);
    assertThat(rule.windowHasRoom()).isTrue();
  }

  @Test
  void companyIsTakenAlongWithinAQuarterOfTheLinger() {
    assertThat(new DepartureRule(100, 2).slackNanos()).isEqualTo(25);
  }

  private static long nearTheWrap() {
    return Long.MAX_VALUE - 10;
  }
}
