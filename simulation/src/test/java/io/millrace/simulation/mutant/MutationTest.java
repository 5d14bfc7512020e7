package io.millrace.simulation.mutant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.simulation.storm.FleetRun;
import io.millrace.simulation.storm.Season;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * The simulation notices every mutation of the protocol. Each change of a worker or of the storm
 * makes other runs of the seeds: where the recorded one no longer notices, the first ones are
 * tried, and {@link MutationSearch} finds one to record.
 */
class MutationTest {
  private static final long MOST_SEEDS = 600;

  private final Mutants mutants = new Mutants();

  @Test
  void everyMutationIsNoticedBySomeSeedThatFindsNothingWithoutIt() {
    List<Mutation> unnoticed =
        Arrays.stream(Mutation.values())
            .parallel()
            .filter(mutation -> mutation.calamity().isEmpty())
            .filter(mutation -> !isNoticed(mutation))
            .toList();

    assertThat(unnoticed).isEmpty();
  }

  private boolean isNoticed(Mutation mutation) {
    return LongStream.concat(LongStream.of(mutation.seed()), LongStream.rangeClosed(1, MOST_SEEDS))
        .filter(seed -> !mutants.notices(mutation, seed).isEmpty())
        .anyMatch(seed -> !mutants.unmutated(mutation.season(), seed).startsWith("broken"));
  }

  /** That a calamity breaks no promise without a mutation is the business of CalamityTest. */
  @Test
  void whatChanceBringsAboutTooRarelyIsNoticedInItsCalamity() {
    for (Mutation mutation : Mutation.values()) {
      mutation
          .calamity()
          .ifPresent(
              calamity ->
                  assertThat(mutants.notices(mutation, calamity))
                      .as("%s", mutation)
                      .contains("two owners"));
    }
  }

  @Test
  void codeIsTheSameWhereNothingIsMutated() {
    for (Season season : Season.values()) {
      String unmutated = new FleetRun(1, season, 0, UnaryOperator.identity()).run().toString();

      assertThat(mutants.unmutated(season, 1)).isEqualTo(unmutated);
    }
  }
}
