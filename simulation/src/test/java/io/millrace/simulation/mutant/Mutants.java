package io.millrace.simulation.mutant;

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
    String answer = runs.apply(mutation.name(), seed);
    return answer.startsWith(MutantRun.UNNOTICED) ? "" : answer;
  }

  /** The summary of a seed's run with nothing mutated. */
  String unmutated(long seed) {
    return runs.apply("", seed).substring(MutantRun.UNNOTICED.length());
  }
}
