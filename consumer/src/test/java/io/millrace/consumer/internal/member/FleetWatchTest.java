package io.millrace.consumer.internal.member;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.LeaseStore.FleetView;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FleetWatchTest {
  private final FleetWatch watch = new FleetWatch("a");

  private void read(@Nullable FleetMode mode) {
    watch.arrived(new FleetView(List.of(), mode), 0);
  }

  @Test
  void readingThatIsOlderThanTheModeDoesNotTakeItBack() {
    read(new FleetMode(HeartbeatMode.PER_LEASE, 1));

    read(null);

    assertThat(watch.heartbeats()).isEqualTo(HeartbeatMode.PER_LEASE);
  }

  @Test
  void readingOfAnOlderModeDoesNotTakeTheNewerOneBack() {
    read(new FleetMode(HeartbeatMode.PER_WORKER, 1));
    read(new FleetMode(HeartbeatMode.PER_LEASE, 2));

    read(new FleetMode(HeartbeatMode.PER_WORKER, 1));

    assertThat(watch.heartbeats()).isEqualTo(HeartbeatMode.PER_LEASE);
    read(new FleetMode(HeartbeatMode.PER_WORKER, 3));
    assertThat(watch.heartbeats()).isEqualTo(HeartbeatMode.PER_WORKER);
  }
}
