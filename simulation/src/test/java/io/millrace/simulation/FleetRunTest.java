package io.millrace.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FleetRunTest {
  private static final long FIRST_SEED = Long.getLong("simulation.seed", 1);
  private static final long SEEDS = Long.getLong("simulation.seeds", 100);

  static LongStream seeds() {
    return LongStream.range(FIRST_SEED, FIRST_SEED + SEEDS);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void nothingIsLostAndChildrenComeAfterParents(long seed) {
    FleetRun.Summary summary = new FleetRun(seed).run();

    assertThat(summary.accepted()).isPositive();
    assertThat(summary.deliveries()).isGreaterThanOrEqualTo(summary.accepted());
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    assertThat(new FleetRun(4_711).run()).isEqualTo(new FleetRun(4_711).run());
  }
}
