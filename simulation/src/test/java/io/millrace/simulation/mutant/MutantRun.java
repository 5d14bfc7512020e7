package io.millrace.simulation.mutant;

import io.millrace.consumer.lease.LeaseStore;
import io.millrace.simulation.storm.Calamity;
import io.millrace.simulation.storm.FleetRun;
import io.millrace.simulation.storm.Season;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * Runs a seed with a mutation. Loaded by {@link MutantLoader}, and reached through an interface of
 * the JDK.
 */
public final class MutantRun implements BiFunction<String, Long, String> {
  /** The answer for a run in which no promise was broken begins with this. */
  static final String UNNOTICED = "unnoticed: ";

  /**
   * Runs it.
   *
   * @param what the season's or the calamity's name, a slash, and the mutation's name or nothing
   * @param seed the seed of a storm; 0 for a calamity
   * @return what was noticed, or {@link #UNNOTICED} with the run's summary
   */
  @Override
  public String apply(String what, Long seed) {
    int slash = what.indexOf('/');
    String setting = what.substring(0, slash);
    String name = what.substring(slash + 1);
    Mutation mutation = name.isEmpty() ? null : Mutation.valueOf(name);
    Mutation.activate(mutation);
    try {
      UnaryOperator<LeaseStore> rules =
          mutation == null ? UnaryOperator.identity() : mutation.rules();
      FleetRun run =
          seed == 0
              ? new FleetRun(Calamity.valueOf(setting), rules)
              : new FleetRun(seed, Season.valueOf(setting), 0, rules);
      return UNNOTICED + run.run();
    } catch (AssertionError | RuntimeException noticed) {
      return String.valueOf(noticed.getMessage()).lines().findFirst().orElse("");
    } finally {
      Mutation.activate(null);
    }
  }
}
