package io.millrace.testkit.kinesis.fault;

/** The rule of probabilities. */
final class Probability {
  private Probability() {}

  static void require(String name, double value) {
    // Written so that NaN fails.
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(name + " is " + value + ": it must be from 0 to 1");
    }
  }
}
