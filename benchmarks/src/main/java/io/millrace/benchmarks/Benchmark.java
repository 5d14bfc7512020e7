package io.millrace.benchmarks;

import java.util.List;

/** Something to measure. */
public interface Benchmark {
  /** One line for the list of benchmarks. */
  String description();

  /**
   * Measures, and prints a table for people and the figures for machines.
   *
   * @param arguments what follows the benchmark's name on the command line
   */
  void run(List<String> arguments) throws Exception;
}
