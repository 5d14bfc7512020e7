package io.millrace.simulation.mutant;

import io.millrace.simulation.storm.Calamity;
import io.millrace.simulation.storm.Season;
import java.util.function.BiFunction;

/** Runs seeds on mutated code. Thread-safe: each thread has its own mutation. */
final class Mutants {
  private final BiFunction<String, Long, String> runs;

  /** Weaves and loads the code. */
  @SuppressWarnings("unchecked")
  Mutants() {
    try {
      runs =
          (BiFunction<String, Long, String>)
              new MutantLoader(BrokenDecisions.woven())
                  .loadClass(MutantRun.class.getName())
                  .getConstructor()
                  .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What a seed notices of a mutation; empty if nothing. */
  String notices(Mutation mutation, long seed) {
    return notices(mutation, mutation.season(), seed);
  }

  /** What a seed of any season notices of a mutation; empty if nothing. */
  String notices(Mutation mutation, Season season, long seed) {
    String answer = runs.apply(season + "/" + mutation, seed);
    return answer.startsWith(MutantRun.UNNOTICED) ? "" : answer;
  }

  /** What a calamity shows of a mutation; empty if nothing. */
  String notices(Mutation mutation, Calamity calamity) {
    String answer = runs.apply(calamity + "/" + mutation, 0L);
    return answer.startsWith(MutantRun.UNNOTICED) ? "" : answer;
  }

  /** The summary of a seed's run with nothing mutated, or what is broken in it. */
  String unmutated(Season season, long seed) {
    String answer = runs.apply(season + "/", seed);
    return answer.startsWith(MutantRun.UNNOTICED)
        ? answer.substring(MutantRun.UNNOTICED.length())
        : "broken: " + answer;
  }
}
