package io.millrace.consumer.internal.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.ConsumerSettings;
import org.junit.jupiter.api.Test;

class ReplayBuilderTest {
  @Test
  void shareOfReadThroughputIsThatOfTheServicesLimits() {
    ConsumerSettings slowed = ReplayBuilder.slowed(ConsumerSettings.defaults(), 0.2);

    assertThat(slowed.shardReadsPerSecond()).isEqualTo(1);
    assertThat(slowed.shardReadBytesPerSecond()).isEqualTo(400_000);
  }

  @Test
  void consumerThatIsSlowerAlreadyStaysSo() {
    ConsumerSettings slow =
        ConsumerSettings.builder()
            .shardReadsPerSecond(0.5)
            .shardReadBytesPerSecond(200_000)
            .build();

    ConsumerSettings slowed = ReplayBuilder.slowed(slow, 1);

    assertThat(slowed.shardReadsPerSecond()).isEqualTo(0.5);
    assertThat(slowed.shardReadBytesPerSecond()).isEqualTo(200_000);
  }
}
