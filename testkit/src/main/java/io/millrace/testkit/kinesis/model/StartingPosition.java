package io.millrace.testkit.kinesis.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where to begin reading a shard: a shard iterator's type with its argument. Immutable.
 *
 * @param type the kind of position; required
 * @param sequenceNumber for AT_SEQUENCE_NUMBER and AFTER_SEQUENCE_NUMBER, else null
 * @param timestamp for AT_TIMESTAMP, else null
 */
public record StartingPosition(
    @Nullable Type type, @Nullable String sequenceNumber, @Nullable Instant timestamp) {
  /** The five types of shard iterators. */
  public enum Type {
    /** At the record with the given number. */
    AT_SEQUENCE_NUMBER,
    /** Right after the record with the given number. */
    AFTER_SEQUENCE_NUMBER,
    /** At the oldest record kept. */
    TRIM_HORIZON,
    /** After the newest record. */
    LATEST,
    /** At the first record that arrived at or after the given time. */
    AT_TIMESTAMP
  }

  /** The oldest record kept. */
  public static StartingPosition trimHorizon() {
    return new StartingPosition(Type.TRIM_HORIZON, null, null);
  }

  /** After the newest record. */
  public static StartingPosition latest() {
    return new StartingPosition(Type.LATEST, null, null);
  }

  /** At a record. */
  public static StartingPosition at(String sequenceNumber) {
    return new StartingPosition(Type.AT_SEQUENCE_NUMBER, sequenceNumber, null);
  }

  /** Right after a record. */
  public static StartingPosition after(String sequenceNumber) {
    return new StartingPosition(Type.AFTER_SEQUENCE_NUMBER, sequenceNumber, null);
  }

  /** At the first record that arrived at or after a time. */
  public static StartingPosition at(Instant timestamp) {
    return new StartingPosition(Type.AT_TIMESTAMP, null, timestamp);
  }
}
