package io.millrace.benchmarks.producer;

/** A producer under measurement. Used by one thread. */
interface Candidate extends AutoCloseable {
  /**
   * Puts user records and waits until every one is stored.
   *
   * @param records how many at least
   * @return how many; more than asked for where they go in blocks
   * @throws IllegalStateException if one was not stored
   */
  long put(long records) throws InterruptedException;

  @Override
  void close();
}
