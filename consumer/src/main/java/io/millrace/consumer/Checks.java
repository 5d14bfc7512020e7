package io.millrace.consumer;

import java.time.Duration;

/** Range checks of settings, with one form of message. */
final class Checks {
  private Checks() {}

  static Duration within(String setting, Duration value, Duration min, Duration max) {
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new IllegalArgumentException(setting + " " + value + ": must be " + min + " to " + max);
    }
    return value;
  }

  static int within(String setting, int value, int min, int max) {
    return (int) within(setting, (long) value, min, max);
  }

  static long within(String setting, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(setting + " " + value + ": must be " + min + " to " + max);
    }
    return value;
  }
}
