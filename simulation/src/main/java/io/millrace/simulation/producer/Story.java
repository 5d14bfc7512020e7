package io.millrace.simulation.producer;

import io.millrace.simulation.world.Trace;
import io.millrace.simulation.world.VirtualTime;
import io.millrace.testkit.kinesis.CompletedCall;
import io.millrace.testkit.kinesis.call.Operation;

/**
 * What a run tells of itself when it is run again: what was done to it, and the life of the records
 * of one key. Tells nothing the first time, so that runs which keep their promises cost nothing.
 *
 * <p>Confined to the simulation's thread.
 */
final class Story {
  private static final int LINES = 500;

  private final Trace trace;
  private final String key;

  /**
   * Begins a story.
   *
   * @param key whose records are told of; empty for a run that tells nothing
   */
  Story(VirtualTime time, String key) {
    this.trace = new Trace(time, LINES);
    this.key = key;
  }

  boolean isTold() {
    return !key.isEmpty();
  }

  /** Something happens to all; {@code format} as in {@link String#format}. */
  @SuppressWarnings("AnnotateFormatMethod") // Error Prone's annotations are no dependency
  void say(String format, Object... arguments) {
    if (isTold()) {
      trace.say(format, arguments);
    }
  }

  /** Something happens to a record of this key. */
  @SuppressWarnings("AnnotateFormatMethod") // Error Prone's annotations are no dependency
  void sayOf(String key, String format, Object... arguments) {
    if (this.key.equals(key)) {
      trace.say(format, arguments);
    }
  }

  /** The service has handled a call. */
  void handled(CompletedCall call) {
    boolean plain =
        call.outcome() == CompletedCall.Outcome.ANSWERED && call.failedRecordCount() == 0;
    if (isTold() && call.operation() == Operation.PUT_RECORDS && !plain) {
      trace.say(
          "PutRecords: %s %s, %d records, %d of them failed, %s",
          call.outcome(),
          String.valueOf(call.error()),
          call.recordCount(),
          call.failedRecordCount(),
          call.applied() ? "applied" : "not applied");
    }
  }

  @Override
  public String toString() {
    return trace.toString();
  }
}
