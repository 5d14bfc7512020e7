package io.millrace.samples.check;

/**
 * One thing to know before a move.
 *
 * @param weight how much it matters
 * @param text what is found, and what follows from it
 */
record Finding(Weight weight, String text) {
  /** How much a finding matters. */
  enum Weight {
    /** The move can't be made so. */
    STOP,
    /** Something will be otherwise, or is to be done. */
    CHANGES,
    /** It stays as it is. */
    STAYS
  }

  static Finding stop(String text) {
    return new Finding(Weight.STOP, text);
  }

  static Finding changes(String text) {
    return new Finding(Weight.CHANGES, text);
  }

  static Finding stays(String text) {
    return new Finding(Weight.STAYS, text);
  }

  @Override
  public String toString() {
    return "%-8s %s".formatted(weight.name().toLowerCase(java.util.Locale.ROOT), text);
  }
}
