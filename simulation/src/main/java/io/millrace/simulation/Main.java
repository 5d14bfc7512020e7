package io.millrace.simulation;

import io.millrace.simulation.explore.Explorer;
import io.millrace.simulation.explore.LargeFleet;
import io.millrace.simulation.storm.FleetRun;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/** Runs many seeds, replays one, explores, or measures a large fleet: {@code simulation/run}. */
public final class Main {
  private static final String USAGE =
      "usage: simulation/run --seeds N [--from S] | --seed S | --explore small|wide|large"
          + " | --scale [--workers N] [--leases N] | --mutants N [MUTATION...]";
  private static final long PROGRESS = 1_000;

  private Main() {}

  /** Runs what the arguments say; exit code 1 if a promise was broken, 2 for wrong arguments. */
  public static void main(String[] arguments) {
    try {
      System.exit(run(List.of(arguments)) ? 0 : 1);
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      System.err.println(USAGE);
      System.exit(2);
    }
  }

  private static boolean run(List<String> words) {
    return switch (words.isEmpty() ? "" : words.get(0)) {
      case "--seeds" -> runSeeds(number(words, "--seeds", 1), number(words, "--from", 1));
      case "--seed" -> replay(number(words, "--seed", 1));
      case "--explore" -> explore(words.size() > 1 ? words.get(1) : "small");
      case "--scale" ->
          measure((int) number(words, "--workers", 200), (int) number(words, "--leases", 10_000));
      default -> throw new IllegalArgumentException("what is to be run?");
    };
  }

  private static long number(List<String> words, String name, long otherwise) {
    int at = words.indexOf(name);
    if (at < 0) {
      return otherwise;
    }
    try {
      return Long.parseLong(words.get(at + 1));
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException(name + " needs a number", e);
    }
  }

  private static boolean runSeeds(long seeds, long from) {
    AtomicLong done = new AtomicLong();
    AtomicLong failed = new AtomicLong();
    AtomicLong steps = new AtomicLong();
    LongStream.range(from, from + seeds)
        .parallel()
        .forEach(
            seed -> {
              try {
                steps.addAndGet(new FleetRun(seed).run().steps());
              } catch (AssertionError | RuntimeException broken) {
                failed.incrementAndGet();
                System.out.println(firstLine(broken));
              }
              if (done.incrementAndGet() % PROGRESS == 0) {
                System.out.printf("%,d seeds, %d failed%n", done.get(), failed.get());
              }
            });
    System.out.printf(
        "%,d seeds from %d, %,d steps, %d failed%n", seeds, from, steps.get(), failed.get());
    return failed.get() == 0;
  }

  private static String firstLine(Throwable broken) {
    return String.valueOf(broken.getMessage()).lines().findFirst().orElse("");
  }

  private static boolean replay(long seed) {
    FleetRun run = new FleetRun(seed, Integer.MAX_VALUE, tables -> tables);
    try {
      FleetRun.Summary summary = run.run();
      System.out.println(run.trace());
      System.out.println(summary);
      return true;
    } catch (AssertionError | RuntimeException broken) {
      System.out.println(broken.getMessage());
      return false;
    }
  }

  private static boolean explore(String bound) {
    Explorer.Result result = Explorer.explore(bound, runs -> System.out.printf("%,d runs%n", runs));
    result.failures().forEach(System.out::println);
    System.out.printf(
        "%s: %,d runs, %,d calls to the lease store, %d failed%n",
        bound, result.runs(), result.calls(), result.failures().size());
    return result.failures().isEmpty();
  }

  private static boolean measure(int workers, int leases) {
    new LargeFleet(workers, leases, System.out::println).run();
    return true;
  }
}
