package io.millrace.consumer.lease;

/**
 * Names one conditional write of a lease row, so that a lost reply can be resolved: the write has
 * landed if, by a consistent read, the row still carries its id.
 *
 * <p>Repeating a write with the same id and the same condition is safe: every write that can be
 * repeated moves the lease counter, so at most one of the repetitions is applied. Immutable.
 *
 * @param incarnation random, one per process and worker; has no slash
 * @param number grows with each write of the incarnation
 */
public record WriteId(String incarnation, long number) {
  /**
   * Checks the incarnation.
   *
   * @throws IllegalArgumentException if the incarnation is empty or holds a slash
   */
  public WriteId {
    if (incarnation.isEmpty() || incarnation.indexOf('/') >= 0) {
      throw new IllegalArgumentException(
          "incarnation '" + incarnation + "' must be a non-empty text without a slash");
    }
  }

  /**
   * Reads an id back from its {@linkplain #text() text}.
   *
   * @throws IllegalArgumentException if the text is not {@code <incarnation>/<number>}
   */
  public static WriteId parse(String text) {
    int slash = text.indexOf('/');
    if (slash <= 0) {
      throw new IllegalArgumentException("write id '" + text + "' must be <incarnation>/<number>");
    }
    return new WriteId(text.substring(0, slash), Long.parseLong(text.substring(slash + 1)));
  }

  /** The id as a row keeps it: {@code <incarnation>/<number>}. */
  public String text() {
    return incarnation + "/" + number;
  }

  @Override
  public String toString() {
    return text();
  }
}
