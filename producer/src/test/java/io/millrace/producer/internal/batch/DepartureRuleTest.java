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
  void withoutLingerRequestsInFlightPaceTheNextByAThirdOfARoundTrip() {
    DepartureRule rule = new DepartureRule(0, 8);
    rule.left(start);
    rule.returned(9_000);
    rule.left(start + 9_000);
    assertThat(rule.nanosUntilPaced(start + 9_000)).isEqualTo(3_000);
    assertThat(rule.nanosUntilPaced(start + 12_000)).isZero();
    rule.returned(9_000);
    assertThat(rule.nanosUntilPaced(start + 9_001)).isZero();
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
