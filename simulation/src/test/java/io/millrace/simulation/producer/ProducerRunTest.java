package io.millrace.simulation.producer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProducerRunTest {
  private static final long FIRST_SEED = Long.getLong("simulation.producer.seed", 1);
  private static final long SEEDS = Long.getLong("simulation.producer.seeds", 1_000);

  /** One test for all seeds: a report with a line for each would be longer than the run. */
  @Test
  void whatIsToldIsTrueForEachSeed() {
    List<ProducerRun.Summary> runs = new ArrayList<>();
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      runs.add(ProducerRun.run(seed));
    }

    if (SEEDS >= 100) {
      assertThat(runs).as("records are stored").anyMatch(run -> run.stored() > 0);
      assertThat(runs).as("in ordered mode").anyMatch(ProducerRun.Summary::ordered);
      assertThat(runs).as("a storm made records fail").anyMatch(run -> run.failed() > 0);
      assertThat(runs).as("unknown outcomes").anyMatch(run -> run.possibleDuplicates() > 0);
    }
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    assertThat(ProducerRun.run(4_711)).isEqualTo(ProducerRun.run(4_711));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5})
  void producersThatKnowNothingOfEachOtherConvergeToFairShares(int count) {
    double[] rates = new FairSharesRun(FIRST_SEED, count).run();

    double sum = Arrays.stream(rates).sum();
    assertThat(sum)
        .as("the stream is used: %s", Arrays.toString(rates))
        .isGreaterThan(0.75 * FairSharesRun.capacity());
    for (double rate : rates) {
      assertThat(rate)
          .as("one of the shares %s", Arrays.toString(rates))
          .isBetween(0.6 * sum / count, 1.4 * sum / count);
    }
  }
}
