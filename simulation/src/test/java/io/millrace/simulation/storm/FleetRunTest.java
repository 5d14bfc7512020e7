package io.millrace.simulation.storm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class FleetRunTest {
  private static final long FIRST_SEED = Long.getLong("simulation.seed", 1);
  private static final long SEEDS = Long.getLong("simulation.seeds", 2_000);

  @Test
  void promisesHoldInEveryStorm() {
    List<String> failures =
        LongStream.range(FIRST_SEED, FIRST_SEED + SEEDS)
            .parallel()
            .mapToObj(FleetRunTest::failureOf)
            .filter(failure -> !failure.isEmpty())
            .toList();

    assertThat(failures.stream().limit(3)).as("%d failing seeds", failures.size()).isEmpty();
  }

  /** What goes wrong with a seed; empty if nothing does. */
  private static String failureOf(long seed) {
    try {
      FleetRun.Summary summary = new FleetRun(seed).run();
      boolean delivered = summary.accepted() > 0 && summary.deliveries() >= summary.accepted();
      return delivered ? "" : "nothing was delivered: " + summary;
    } catch (AssertionError | RuntimeException broken) {
      return String.valueOf(broken.getMessage());
    }
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    assertThat(new FleetRun(4_711).run()).isEqualTo(new FleetRun(4_711).run());
  }
}
