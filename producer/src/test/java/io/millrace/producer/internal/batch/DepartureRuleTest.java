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
  void aRoundTripThatIsGivenUpHardlyChangesThePace() {
    DepartureRule rule = new DepartureRule(0, 8);
    roundTrip(rule, 9_600);
    roundTrip(rule, 1_000_000_000);
    assertThat(pace(rule)).isEqualTo(3_400);
  }

  @Test
  void thePaceFollowsRoundTripsThatGetShorterAtOnceAndLongerOnesSlowly() {
    DepartureRule rule = new DepartureRule(0, 8);
    // The first one has a connection to open.
    roundTrip(rule, 1_000_000);
    for (int i = 0; i < 30; i++) {
      roundTrip(rule, 9_000);
    }
    assertThat(pace(rule)).isBetween(3_000L, 3_100L);
    for (int i = 0; i < 100; i++) {
      roundTrip(rule, 90_000);
    }
    assertThat(pace(rule)).isBetween(29_000L, 30_000L);
  }

  private void roundTrip(DepartureRule rule, long nanos) {
    rule.left(start);
    rule.returned(nanos);
  }

  /** How long the next request waits while another has just left. */
  private long pace(DepartureRule rule) {
    rule.left(start);
    long nanos = rule.nanosUntilPaced(start);
    rule.returned(3 * nanos);
    return nanos;
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
