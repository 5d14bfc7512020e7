package io.millrace.simulation.mutant;

import io.millrace.simulation.storm.Season;
import java.util.Arrays;
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
   * @param arguments how many seeds, from 1; and the mutations, or none for all. {@code
   *     MUTATION:SEASON} looks in another season than its own
   */
  public static void main(String[] arguments) {
    long seeds = Long.parseLong(arguments[0]);
    List<String> names =
        arguments.length > 1
            ? List.of(arguments).subList(1, arguments.length)
            : Arrays.stream(Mutation.values()).map(Mutation::name).toList();
    Mutants mutants = new Mutants();
    System.out.println("| mutation | what is broken | season | noticed by | first seed | as |");
    System.out.println("|---|---|---|---|---|---|");
    for (String name : names) {
      String[] parts = name.split(":", 2);
      Mutation mutation = Mutation.valueOf(parts[0]);
      search(
          mutants,
          mutation,
          parts.length > 1 ? Season.valueOf(parts[1]) : mutation.season(),
          seeds);
    }
  }

  private static void search(Mutants mutants, Mutation mutation, Season season, long seeds) {
    List<Long> noticing =
        LongStream.rangeClosed(1, seeds)
            .parallel()
            .filter(seed -> !mutants.notices(mutation, season, seed).isEmpty())
            .boxed()
            .toList();
    String first = noticing.isEmpty() ? "-" : noticing.get(0).toString();
    String example = noticing.isEmpty() ? "" : mutants.notices(mutation, season, noticing.get(0));
    System.out.printf(
        "| `%s` | %s | %s | %d of %d | %s | %s |%n",
        mutation, mutation.what(), season, noticing.size(), seeds, first, example);
  }
}
