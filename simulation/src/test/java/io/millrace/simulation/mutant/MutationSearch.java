package io.millrace.simulation.mutant;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Looks for the seeds that notice each mutation, and prints the table of {@code
 * docs/simulation.md}.
 */
final class MutationSearch {
  private MutationSearch() {}

  /**
   * Searches.
   *
   * @param arguments how many seeds, from 1; and the mutations, or none for all
   */
  public static void main(String[] arguments) {
    long seeds = Long.parseLong(arguments[0]);
    List<Mutation> mutations = new ArrayList<>();
    for (int i = 1; i < arguments.length; i++) {
      mutations.add(Mutation.valueOf(arguments[i]));
    }
    Mutants mutants = new Mutants();
    System.out.println("| mutation | noticed by | first seed | what is noticed |");
    System.out.println("|---|---|---|---|");
    for (Mutation mutation : mutations.isEmpty() ? List.of(Mutation.values()) : mutations) {
      List<Long> noticing =
          LongStream.rangeClosed(1, seeds)
              .parallel()
              .filter(seed -> !mutants.notices(mutation, seed).isEmpty())
              .boxed()
              .toList();
      String first = noticing.isEmpty() ? "-" : noticing.get(0).toString();
      String example = noticing.isEmpty() ? "" : mutants.notices(mutation, noticing.get(0));
      System.out.printf(
          "| %s: %s | %d of %d | %s | %s |%n",
          mutation, mutation.what(), noticing.size(), seeds, first, example);
    }
  }
}
