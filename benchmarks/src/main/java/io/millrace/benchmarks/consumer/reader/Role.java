package io.millrace.benchmarks.consumer.reader;

/** What a process is there for. Used by one thread. */
interface Role extends AutoCloseable {
  /**
   * Does what it is told.
   *
   * @param command a line of standard input
   * @return one line
   */
  String answer(String command) throws Exception;

  @Override
  void close();
}
