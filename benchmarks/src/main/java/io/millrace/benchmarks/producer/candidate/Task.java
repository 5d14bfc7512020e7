package io.millrace.benchmarks.producer.candidate;

/**
 * What a candidate is to do in one round. Immutable.
 *
 * @param scenario which of its scenarios, where a candidate has several; never empty
 * @param records user records to put, at least
 * @param perSecond how many a second, evenly spread; 0 for as many as it can
 */
public record Task(String scenario, long records, int perSecond) {
  private static final String ONLY = "-";

  /** As many records as it can, in a candidate with one scenario. */
  public static Task of(long records) {
    return new Task(ONLY, records, 0);
  }

  /** Records at a rate. */
  public static Task paced(long records, int perSecond) {
    return new Task(ONLY, records, perSecond);
  }

  /** The same work, more or less of it. */
  public Task withRecords(long other) {
    return new Task(scenario, other, perSecond);
  }

  /** One line, for {@link #parse}. */
  public String toLine() {
    return scenario + " " + records + " " + perSecond;
  }

  static Task parse(String line) {
    String[] parts = line.split(" ", -1);
    return new Task(parts[0], Long.parseLong(parts[1]), Integer.parseInt(parts[2]));
  }
}
