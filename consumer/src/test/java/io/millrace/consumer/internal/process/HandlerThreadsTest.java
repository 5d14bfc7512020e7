package io.millrace.consumer.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HandlerThreadsTest {
  @Test
  void thePoolFollowsTheCores() {
    assertThat(HandlerThreads.defaultSize(2, 1)).isEqualTo(8);
    assertThat(HandlerThreads.defaultSize(16, 1)).isEqualTo(32);
  }

  @Test
  void oneShardFindsAThreadForEachOfItsParallelCalls() {
    assertThat(HandlerThreads.defaultSize(2, 32)).isEqualTo(32);
    assertThat(HandlerThreads.defaultSize(32, 32)).isEqualTo(64);
  }
}
