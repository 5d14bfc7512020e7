package io.millrace.testkit.kinesis;

/**
 * Hears of every call after it; for ledgers of tests. Runs on the caller's thread and under no lock
 * of the core, for calls at the same time in any order; it must be quick and must not throw.
 */
@FunctionalInterface
public interface CallListener {
  /** A call is over, as far as the core is concerned. */
  void onCall(CompletedCall call);
}
