package io.millrace.benchmarks.producer.candidate;

import java.io.IOException;
import java.time.Duration;

/** Lets a candidate work until its JIT compilers have little left to do. */
public final class WarmUp {
  /** Of its CPU time: below it a round was warm. */
  private static final double WARM_PERCENT = 10;

  /** So many in a row have to be. */
  private static final int WARM_ROUNDS = 2;

  /** A round of what is measured later. */
  public interface Round {
    /** Lets it run. */
    Measurement run() throws IOException;
  }

  private WarmUp() {}

  /**
   * Runs rounds: a slow or busy machine makes it longer, up to a limit.
   *
   * @param atMost after which no round is begun any more
   */
  public static void run(Round round, Duration atMost) throws IOException {
    long start = System.nanoTime();
    int warm = 0;
    while (warm < WARM_ROUNDS && System.nanoTime() - start < atMost.toNanos()) {
      warm = round.run().compilerPercent() < WARM_PERCENT ? warm + 1 : 0;
    }
  }
}
