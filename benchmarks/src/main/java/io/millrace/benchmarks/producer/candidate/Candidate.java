package io.millrace.benchmarks.producer.candidate;

/** A producer under measurement. Used by one thread. */
interface Candidate extends AutoCloseable {
  /**
   * Puts user records and waits until every one is stored.
   *
   * @return how many; more than asked for where they go in blocks
   * @throws IllegalStateException if one was not stored
   */
  long put(Task task) throws InterruptedException;

  /** From put to outcome, for the records of the latest task or a sample of them. */
  Latencies latencies();

  @Override
  void close();
}
