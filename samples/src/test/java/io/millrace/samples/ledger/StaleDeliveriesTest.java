package io.millrace.samples.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.samples.ledger.Ledger.Delivery;
import io.millrace.samples.ledger.Ledger.Ownership;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StaleDeliveriesTest {
  private static final Ownership EARLIER = new Ownership("worker-1", "shard-0", "7.9");
  private static final Ownership LATER = new Ownership("worker-2", "shard-0", "7.10");
  private static final Ownership ELSEWHERE = new Ownership("worker-1", "shard-1", "7.3");

  private static Delivery delivery(Ownership ownership, long atMicros) {
    return new Delivery((int) atMicros, ownership, atMicros);
  }

  @Test
  void ownersOneAfterTheOtherAreInOrder() {
    StaleDeliveries stale =
        StaleDeliveries.among(
            List.of(delivery(EARLIER, 1), delivery(LATER, 2), delivery(ELSEWHERE, 3)), Set.of());

    assertThat(stale).isEqualTo(new StaleDeliveries(List.of(), 0));
  }

  @Test
  void ownerThatGoesOnAfterALaterOneIsStale() {
    StaleDeliveries stale =
        StaleDeliveries.among(
            List.of(delivery(EARLIER, 1), delivery(LATER, 2), delivery(EARLIER, 3)), Set.of());

    assertThat(stale.violations()).containsExactly(delivery(EARLIER, 3));
  }

  @Test
  void oneCallOfASuspendedWorkerMayHaveBeenUnderWay() {
    StaleDeliveries stale =
        StaleDeliveries.among(
            List.of(delivery(LATER, 2), delivery(EARLIER, 3), delivery(EARLIER, 4)),
            Set.of("worker-1"));

    assertThat(stale.violations()).containsExactly(delivery(EARLIER, 4));
    assertThat(stale.underWay()).isEqualTo(1);
  }
}
