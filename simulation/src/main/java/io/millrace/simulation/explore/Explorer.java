package io.millrace.simulation.explore;

import io.millrace.consumer.lease.LeaseStore;
import io.millrace.simulation.explore.Deviation.Kind;
import io.millrace.simulation.explore.SmallFleet.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;

/**
 * Runs a {@link SmallFleet} with every set of deviations within a bound.
 *
 * <p>It begins with the run in which nothing goes wrong, and adds deviations one after another,
 * each at every call that the run so far has made since the last one. A run repeats itself up to
 * its last deviation, so each set comes exactly once. Independent branches run in parallel.
 */
public final class Explorer {
  private static final int TRACE_LINES = 200;
  private static final int MOST_FAILURES = 5;
  private static final long PROGRESS = 10_000;

  private final Bound bound;
  private final UnaryOperator<LeaseStore> rules;
  private final LongConsumer progress;
  private final AtomicLong runs = new AtomicLong();
  private final AtomicLong calls = new AtomicLong();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();

  /**
   * Explores nothing yet.
   *
   * @param rules what the tables make of the protocol's conditions
   * @param progress hears from time to time how many runs there were
   */
  Explorer(Bound bound, UnaryOperator<LeaseStore> rules, LongConsumer progress) {
    this.bound = bound;
    this.rules = rules;
    this.progress = progress;
  }

  /**
   * Explores a bound of the protocol as it is: {@code small}, {@code wide} or {@code large}.
   *
   * @param progress hears from time to time how many runs there were, from any thread
   */
  public static Result explore(String bound, LongConsumer progress) {
    Bound chosen =
        switch (bound) {
          case "small" -> Bound.small();
          case "wide" -> Bound.wide();
          case "large" -> Bound.large();
          default ->
              throw new IllegalArgumentException(
                  "bound is '" + bound + "': it must be small, wide or large");
        };
    return new Explorer(chosen, UnaryOperator.identity(), progress).explore();
  }

  /**
   * What was found.
   *
   * @param runs how many runs there were, each with another set of deviations
   * @param calls how many calls to the lease store they made together
   * @param failures the first broken promises, with their deviations and the trace
   */
  public record Result(long runs, long calls, List<String> failures) {
    /** Copies the failures. */
    public Result {
      failures = List.copyOf(failures);
    }
  }

  /** Explores it all, or until there are enough failures. */
  Result explore() {
    from(List.of());
    return new Result(runs.get(), calls.get(), List.copyOf(failures));
  }

  private void from(List<Deviation> made) {
    if (failures.size() >= MOST_FAILURES) {
      return;
    }
    List<Call> seen = run(made);
    List<List<Deviation>> next = new ArrayList<>();
    for (Kind kind : bound.kinds()) {
      if (bound.allows(kind.group(), made)) {
        for (int call = firstCall(made); call < seen.size(); call++) {
          if (isWorthwhile(kind, seen.get(call))) {
            List<Deviation> more = new ArrayList<>(made);
            more.add(new Deviation(kind, call));
            next.add(more);
          }
        }
      }
    }
    (made.size() < 2 ? next.parallelStream() : next.stream()).forEach(this::from);
  }

  /** Two deviations at one call come in one order only. */
  private int firstCall(List<Deviation> made) {
    return made.isEmpty() ? 0 : made.get(made.size() - 1).call() + 1;
  }

  /** A read changes nothing: dying after it is dying before the next call. */
  private static boolean isWorthwhile(Kind kind, Call call) {
    return call.write() || kind != Kind.DIES_AFTER;
  }

  private List<Call> run(List<Deviation> made) {
    long number = runs.incrementAndGet();
    if (number % PROGRESS == 0) {
      progress.accept(number);
    }
    try {
      List<Call> seen = new SmallFleet(bound, made, 0, rules).run();
      calls.addAndGet(seen.size());
      return seen;
    } catch (AssertionError broken) {
      failures.add(traceOf(made));
      return List.of();
    }
  }

  /** The same run again, with its trace. */
  private String traceOf(List<Deviation> made) {
    try {
      new SmallFleet(bound, made, TRACE_LINES, rules).run();
      return made + " does not fail again";
    } catch (AssertionError broken) {
      return String.valueOf(broken.getMessage());
    }
  }
}
